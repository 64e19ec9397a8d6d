"""What the mapping language raises, named by what the caller should do.

MappingError
  mend the file     ExpressionError (of one expression), BindError (all that is wrong with a mapping)
  park the field    Untranslatable (this value on this side; a person can act on the reason)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


class MappingError(Exception):
    """Base of what the mapping language raises. `str()` is a sentence for a person."""


class ExpressionError(MappingError):
    """An expression that cannot be compiled, or that fails on a value."""


class Untranslatable(MappingError):
    """A value that has no counterpart on a side; `str()` says which, where and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a mapping. `path` leads into the file's structure as its author wrote it."""

    path: tuple[str | int, ...]
    code: str
    message: str
    severity: Literal["error", "warning"] = "error"


class BindError(MappingError):
    """A mapping that cannot be used; `problems` has every error and warning, in the order of the checks."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems if problem.severity == "error"))


BIND_CODES = {
    "M201": "A name stands for no side of the mapping, or for one that has no binding here.",
    "M202": "An object has no field of this name.",
    "M203": "The types of the sides do not agree, or a value does not fit the type.",
    "M204": "A field has no option of this name.",
    "M205": "A conflict policy does not suit the type of the field.",
    "M206": "A value table leaves something out, or one native value stands in two rows.",
    "M207": "A field is to be written where it cannot be.",
    "M208": "An expression cannot be compiled.",
    "M209": "`match` or a test names no field of the mapping.",
    "M210": "A field is not a standard one of its system; only the live system can tell whether it exists.",
    "M211": "Sides of a field that holds records share a connection.",
    "M212": "Two fields write one native field.",
}
"""The codes of `mappings.bind`. A code is never used again for something else."""
