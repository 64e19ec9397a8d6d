"""Expressions of the mapping language: CEL, compiled once, limited in size and in what they can cost.

CEL is total and has no access to the host. What it lacks is a bound on cost, which `mappings.costs` puts.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import cel
from cel import stdlib

from mappings.costs import cost, record_fields
from mappings.errors import ExpressionError
from mappings.findings import nearest

__all__ = ["Expression", "ExpressionError"]

MAX_SOURCE = 2_000
MAX_TEXT = 65_536
MAX_ITEMS = 1_000

# What CEL has of its own, as the library names it; macros and operators need no name here.
_CORE = frozenset(
    re.findall(
        r"\w+",
        "size contains startsWith endsWith matches string int uint double bytes type dyn timestamp duration "
        "getFullYear getMonth getDate getDayOfMonth getDayOfYear getDayOfWeek getHours getMinutes getSeconds "
        "getMilliseconds",
    )
)
# Of the string extensions only those whose result is no longer than what goes in.
_EXTENSIONS = {"lowerAscii": stdlib.lower_ascii, "upperAscii": stdlib.upper_ascii, "trim": stdlib.trim}


class Expression:
    """A compiled expression. `record_fields`: the names it uses as `record.fields.NAME` or `record.fields["NAME"]`."""

    def __init__(self, source: str, names: frozenset[str]) -> None:
        """Compile; `names` are the variables there will be. Raises ExpressionError."""
        if len(source) > MAX_SOURCE:
            raise ExpressionError(f"the expression has {len(source)} characters; at most {MAX_SOURCE} are allowed")
        self.source = source
        try:
            self._program = cel.compile(source)
        except ValueError as error:
            raise ExpressionError(f"`{source}` cannot be read: {_syntax(str(error))}") from error
        self._cost = cost(source, names)
        self._check_names(names, frozenset(self._cost.bound))
        self.record_fields = record_fields(source)

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    def _check_names(self, names: frozenset[str], bound: frozenset[str]) -> None:
        for name in self._program.variables():
            if name not in names | bound:
                raise ExpressionError(f"`{self.source}` uses {name!r}, which is not known{nearest(name, names)}")
        functions = _CORE | _EXTENSIONS.keys()
        for name in self._program.functions():
            if name.isidentifier() and name not in functions:
                message = f"`{self.source}` calls {name!r}, which is not a function{nearest(name, sorted(functions))}"
                raise ExpressionError(message)

    def evaluate(self, variables: Mapping[str, Any]) -> Any:
        """The value of the expression; numbers go in as doubles. Raises ExpressionError with a sentence for a person.

        Text is limited to 64 KB and lists to 1,000 items. A duration comes back as seconds.
        """
        variables = self._cost.needed(variables)
        try:
            self._cost.check(variables)
        except ExpressionError as error:
            raise ExpressionError(f"`{self.source}` {error}") from None
        try:
            context = cel.Context({name: _double(value) for name, value in variables.items()}, dict(_EXTENSIONS))
            result = self._program.execute(context)
        except Exception as error:
            # The library raises a dozen built-in classes, and none of them may stop a batch.
            raise ExpressionError(f"`{self.source}` failed: {_failure(error)}") from error
        return self._limited(result)

    def _limited(self, result: Any) -> Any:
        if isinstance(result, timedelta):
            return result.total_seconds()
        if isinstance(result, str) and len(result) > MAX_TEXT:
            raise ExpressionError(f"`{self.source}` gives {len(result)} characters; at most {MAX_TEXT} are allowed")
        if not isinstance(result, list):
            return result
        if len(result) > MAX_ITEMS:
            raise ExpressionError(f"`{self.source}` gives {len(result)} items; at most {MAX_ITEMS} are allowed")
        return [self._limited(item) for item in result]


def _double(value: Any) -> Any:
    """CEL does not mix whole numbers and doubles, so there is one kind of number: `2.0`, never `2`."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, Mapping):
        return {key: _double(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_double(item) for item in value]
    return value


def _syntax(message: str) -> str:
    found = re.search(r"<input>:\d+:(\d+): (?:Syntax error: )?([^\n]*?)(?: expecting [^\n]*)?(?:\n|$)", message)
    if not found:
        return message[:200]
    return f"{found[2].replace(chr(39) + '<EOF>' + chr(39), 'the end')} at character {found[1]}"


def _failure(error: Exception) -> str:
    text = str(error).split("\n")[0]
    if isinstance(error, KeyError):
        return f"there is no {error.args[0]!r}"
    if "float" in text and " int" in text:
        return "values are decimal numbers, and CEL does not mix them with whole ones; write 2.0 instead of 2"
    return text[:200]
