"""Reading JQL: text to a tree of clauses and an order. What the clauses mean for issues is in `match`."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<op>!=|>=|<=|!~|[=<>~!(),])
      | (?P<word>[^\s=<>~!(),"']+)
    )""",
    re.VERBOSE,
)
ORDER_MAX: Final = 7
COMPARISONS: Final = frozenset({"=", "!=", ">", ">=", "<", "<=", "~", "!~"})


class JqlError(Exception):
    """A query that Jira refuses, in its words."""


@dataclass(frozen=True)
class Call:
    """A function such as `now()`."""

    name: str


@dataclass(frozen=True)
class Clause:
    """`field operator values`; the operator is lower case, `is` and `is not` have no values."""

    field: str
    operator: str
    values: tuple["str | Call", ...]


@dataclass(frozen=True)
class Both:
    """All of these hold."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Either:
    """At least one of these holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Negated:
    """This does not hold."""

    part: "Node"


Node = Clause | Both | Either | Negated


@dataclass(frozen=True)
class Parsed:
    """A query: what must hold (None for everything) and the order, as (field, descending)."""

    where: Node | None
    order: tuple[tuple[str, bool], ...]


@lru_cache(maxsize=512)
def parse(text: str) -> Parsed:
    """Read a query. Raises JqlError."""
    return _Reader(text).query()


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, bool]] = []
        at = 0
        while text[at:].strip():
            found = TOKEN.match(text, at)
            if found is None:
                raise JqlError(f"Error in the JQL Query: The character at position {at + 1} is not valid here.")
            quoted = found["text"]
            token = re.sub(r"\\(.)", r"\1", quoted[1:-1]) if quoted is not None else found["op"] or found["word"]
            self.tokens.append((token, quoted is not None))
            at = found.end()

    def query(self) -> Parsed:
        where = None if not self.tokens or self._sees("order") else self._either()
        order: list[tuple[str, bool]] = []
        if self._takes("order"):
            self._needs("by")
            order.append(self._order())
            while self._takes(","):
                order.append(self._order())
        if self.tokens:
            raise JqlError(f"Error in the JQL Query: Expecting either 'OR' or 'AND' but got '{self.tokens[0][0]}'.")
        if len(order) > ORDER_MAX:
            raise JqlError(f"The maximum number of fields in ORDER BY is {ORDER_MAX}.")
        return Parsed(where, tuple(order))

    def _order(self) -> tuple[str, bool]:
        field = self._next()[0].lower()
        return field, self._takes("desc") or (self._takes("asc") and False)

    def _either(self) -> Node:
        parts = [self._both()]
        while self._takes("or", "|", "||"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Node:
        parts = [self._single()]
        while self._takes("and", "&", "&&"):
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _single(self) -> Node:
        if self._takes("not", "!"):
            return Negated(self._single())
        if self._takes("("):
            inside = self._either()
            self._needs(")")
            return inside
        field = self._next()[0].lower()
        operator = self._operator()
        return Clause(field, operator, self._operand(operator))

    def _operator(self) -> str:
        token = self._next()[0].lower()
        if token == "not":
            self._needs("in")
            return "not in"
        if token == "is":
            return "is not" if self._takes("not") else "is"
        if token == "in" or token in COMPARISONS:
            return token
        raise JqlError(f"Error in the JQL Query: Expecting operator but got '{token}'.")

    def _operand(self, operator: str) -> tuple[str | Call, ...]:
        if operator in {"is", "is not"}:
            if not self._takes("empty", "null"):
                raise JqlError("Error in the JQL Query: Expecting 'EMPTY' or 'NULL'.")
            return ()
        if operator not in {"in", "not in"}:
            return (self._value(),)
        self._needs("(")
        values = [self._value()]
        while self._takes(","):
            values.append(self._value())
        self._needs(")")
        return tuple(values)

    def _value(self) -> str | Call:
        token, quoted = self._next()
        if not quoted and token in {"(", ")", ","}:
            raise JqlError(f"Error in the JQL Query: Expecting a value but got '{token}'.")
        if not quoted and self._takes("("):
            self._needs(")")
            return Call(token.lower())
        return token

    def _next(self) -> tuple[str, bool]:
        if not self.tokens:
            raise JqlError("Error in the JQL Query: The query ended where a field, operator or value was expected.")
        return self.tokens.pop(0)

    def _sees(self, *words: str) -> bool:
        return bool(self.tokens) and not self.tokens[0][1] and self.tokens[0][0].lower() in words

    def _takes(self, *words: str) -> bool:
        seen = self._sees(*words)
        if seen:
            self.tokens.pop(0)
        return seen

    def _needs(self, word: str) -> None:
        if not self._takes(word):
            got = self.tokens[0][0] if self.tokens else "the end of the query"
            raise JqlError(f"Error in the JQL Query: Expecting '{word}' but got '{got}'.")
