"""What an expression can cost at most, told from its text before it runs.

CEL ends always, but not soon: comprehensions nest, and `+` makes what they go through longer with each link of a
chain. A comprehension also copies its result at each step, so one level costs the square of its items.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from mappings.errors import ExpressionError

MAX_COMPREHENSIONS = 3
MAX_USES = 256
MAX_STEPS = 10_000_000
"""About a second."""
MAX_TEXT = 10_000_000
"""Characters of one text on the way to a result; each `+` copies it."""
MAX_CHARACTERS = 250_000_000
"""Of all texts that there can be at once."""
MAX_COPIED = 4_000_000_000
"""Characters copied while results grow. About a second."""

_LITERAL = re.compile(
    r"""//[^\n]*"""
    r"""|(?:[rR][bB]?|[bB][rR])(?:\"{3}(?s:.*?)\"{3}|'{3}(?s:.*?)'{3}|"[^"\n]*"|'[^'\n]*')"""
    r"""|[bB]?(?:\"{3}(?:\\(?s:.)|[^\\])*?\"{3}|'{3}(?:\\(?s:.)|[^\\])*?'{3}"""
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
)
_RECORD_FIELD = re.compile(r"""\brecord\s*\.\s*fields\s*(?:\.\s*(\w+)\b(?!\s*\()|\[\s*(?:"([^"]*)"|'([^']*)')\s*\])""")
_RECORD_PART = re.compile(r"\brecord\s*\.\s*(\w+)\b(?!\s*\()")
_COMPREHENSION = re.compile(r"\.\s*(?:map|filter|all|exists|exists_one|existsOne)\s*\(\s*([A-Za-z_]\w*)\s*,")


@dataclass(frozen=True)
class Cost:
    """What the text of an expression says. `bound` are the variables of its comprehensions, `depth` how they nest.

    `parts`: what of the record it can come at, and `reads`: which of its fields; None: all.
    """

    bound: tuple[str, ...]
    parts: frozenset[str] | None
    reads: frozenset[str] | None
    depth: int
    stretch: float
    items: int
    source_length: int

    def needed(self, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """The variables with as little of the record as the expression can come at: all else costs, for nothing."""
        record = variables.get("record")
        if self.parts is None or not isinstance(record, Mapping):
            return variables
        left = {name: record[name] for name in self.parts if name in record}
        if self.reads is not None and "fields" in left:
            left["fields"] = {name: left["fields"][name] for name in self.reads if name in left["fields"]}
        return {**variables, "record": left}

    def check(self, variables: Mapping[str, Any]) -> None:
        """Raises ExpressionError where it could take too many steps or too much memory over these."""
        if not self.bound and self.stretch == self.items == 1:
            return  # nothing that grows
        items = max(self.items, _most_items(variables))
        if self.bound and (items * self.stretch) ** (self.depth + 1) > MAX_STEPS:
            raise ExpressionError(f"would take too many steps over {items} items")
        text = max(self.source_length, _longest_text(variables)) * self.stretch
        copied = text * items ** (self.depth + 1) if self.bound else text
        if text > MAX_TEXT or copied > MAX_COPIED or items**self.depth * text * self.items > MAX_CHARACTERS:
            raise ExpressionError(f"would take too much memory over {items} items and texts this long")


def cost(source: str, names: Collection[str]) -> Cost:
    """Measured on the text. Raises ExpressionError where no data could make it cheap."""
    code = _LITERAL.sub(lambda found: " " if found[0].startswith("//") else '""', source)
    bound = tuple(_COMPREHENSION.findall(code))
    if len(bound) > MAX_COMPREHENSIONS:
        raise ExpressionError(f"the expression has {len(bound)} comprehensions; at most {MAX_COMPREHENSIONS} may stand")
    uses = 1
    for name in bound:
        uses *= max(1, _uses(code, name) - bound.count(name))
    if bound and uses * max(1, sum(_uses(code, name) for name in names)) > MAX_USES:
        raise ExpressionError("the expression could multiply a value too often; use fewer or smaller comprehensions")
    # A chain multiplies what each of its links adds; however the `+` are dealt out, it is no more than this.
    links = max(1, len(bound))
    stretch = (code.count("+") / links + 1) ** links
    parts, reads = _reads(source, code)
    return Cost(bound, parts, reads, _depth(code), stretch, code.count(",") + 1, len(source))


def record_fields(source: str) -> frozenset[str]:
    """The names that an expression uses as `record.fields.NAME` or `record.fields["NAME"]`."""
    return frozenset(plain or double or single for plain, double, single in _RECORD_FIELD.findall(source))


def _reads(source: str, code: str) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """The parts of the record, and of its fields, that are named; None where more could be meant."""
    parts = _RECORD_PART.findall(code)
    # A comment could stand inside the name of a field, or hold one.
    if "//" in source or _uses(code, "record") != len(parts):
        return None, None
    whole = parts.count("fields") != len(_RECORD_FIELD.findall(code))
    return frozenset(parts), None if whole else record_fields(source)


def _uses(code: str, name: str) -> int:
    return len(re.findall(rf"\b{name}\b", code))


def _depth(code: str) -> int:
    """How deep comprehensions stand inside the brackets of others."""
    begins = {found.start() + found[0].index("(") for found in _COMPREHENSION.finditer(code)}
    open_: list[bool] = []
    deepest = 0
    for index, char in enumerate(code):
        if char == "(":
            open_.append(index in begins)
            deepest = max(deepest, sum(open_))
        elif char == ")" and open_:
            open_.pop()
    return deepest


def _most_items(value: Any) -> int:
    if isinstance(value, Mapping):
        return max(len(value), *map(_most_items, value.values()), 0)
    return len(value) if isinstance(value, list | tuple) else 0


def _longest_text(value: Any) -> int:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return max(map(_longest_text, value), default=0)
    return len(value) if isinstance(value, str) else 0
