"""What is said about a file: stable code, severity, position, what was found, what was expected, how to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from mappings.errors import BIND_CODES

Severity = Literal["error", "warning"]

CODES = BIND_CODES | {
    "M101": "The file is not UTF-8 text.",
    "M102": "The file is larger than a file of this kind may be.",
    "M103": "The file is empty.",
    "M104": "The text is not YAML.",
    "M105": "A key stands twice in one table.",
    "M106": "A YAML tag, merge key or number that is not part of these files.",
    "M107": "Aliases or nesting expand to more than a file may hold.",
    "M111": "A key is missing.",
    "M112": "A key is not known here.",
    "M113": "A value has the wrong form.",
    "M114": "The kind of the file is not known.",
    "M115": "A binding names neither a side of the mapping nor a word of the language.",
    "M121": "A `${...}` reference names a variable or a file that is not there, or is not closed.",
    "M122": "No connector speaks the system of a connection.",
    "M123": "Two people share an email or an account.",
    "M124": "A person has an account at a connection that connections.yaml does not have.",
    "M131": "A side names a connection that connections.yaml does not have.",
    "M132": "Two mapping files have one name.",
    "M133": "Two sides of a mapping are the same place.",
    "M134": "Two mappings carry records between the same places.",
    "M135": "The connection's system has no object of this name.",
    "M136": "A part of the workspace is missing.",
    "M301": "A value does not survive the way to a side and back, and the loss is not declared.",
    "M302": "`get` fails on every value that was tried.",
    "M303": "A side has options that another side of the field does not have.",
    "M304": "A canonical value of a field cannot be told to a side.",
    "M311": "A test in the file does not come out as expected, or cannot be understood.",
    "M312": "Two tests in a file have one name.",
}
"""Every code with its meaning. A code is never used again for something else."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to mend. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    code: str
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}  {self.code} {self.severity}  {self.message}"


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of them is more than a warning."""
    return any(finding.severity == "error" for finding in findings)


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that this one was probably meant to be, in whatever case."""
    folded = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: the closest known one, or else those that exist."""
    names = list(known)
    close = closest(name, names)
    if close is not None:
        return f"; did you mean {close!r}?"
    if not names:
        return "; there are none"
    return f"; there are: {', '.join(names[:10])}{', ...' if len(names) > 10 else ''}"
