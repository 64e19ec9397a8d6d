"""Canonical values of each type to try a mapping with: the awkward ones first, then others, always the same."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random

from connectors.contract import FieldType, Value
from connectors.values import format_datetime, normal

_SEED = 20261120
_MORE = 12
_LETTERS = "abc XYZ 019 äßé 日本 🚀 .,;:!?'\"\\/&<>{}[]()=+-*#@%_|~^$"
_TEXTS = (
    "Launch page",
    "x",
    "0",
    "007",
    "true",
    "null",
    "Grüße, 日本語 🚀",
    '"quoted" \\ back',
    "<b>&amp;</b>",
    "= {{ 1 + 1 }}",
)
_MARKDOWN = (
    "**bold**, *slanted* and `code`",
    "# Title\n\ntext\n\n- one\n- two\n",
    "1. one\n2. two\n",
    "[link](https://acme.example/a?b=c&d=e)",
    "- [ ] open\n- [x] done\n",
    "| a | b |\n| --- | --- |\n| 1 | 2 |\n",
    "```\ncode <&> \n```",
)
_NUMBERS = (1, 0, -1, 0.5, -2.25, 0.1, 3, 999_999_999, 1e-6, 1234567.89)
_DATES = ("2026-12-01", "2024-02-29", "1999-12-31", "2100-01-01")
_TIMES = ("2026-12-01T09:30:00Z", "2026-12-01T09:30:00.250Z", "2024-02-29T23:59:59Z", "1999-12-31T00:00:00Z")
_USERS = ("ann@acme.example", "bo.b+x@sub.acme.example", "o'neil@acme.example")
_URLS = ("https://acme.example/a?b=c%20d&e=f#g", "http://localhost:8080", "https://acme.example/größe")
_SECONDS = (60, 3600, 1, 90_061, 0)


def samples(type_: FieldType, *, longest: int | None = None, options: tuple[str, ...] = ()) -> list[Value]:
    """Values in normal form, none of them empty. `longest`: the most characters; `options`: all there are, if known."""
    cut = [value[:longest] if isinstance(value, str) else value for value in _raw(type_, options)]
    made = [normal(type_, value) for value in cut]
    fitting = [value for value in made if longest is None or not isinstance(value, str) or len(value) <= longest]
    return list({repr(value): value for value in fitting if value is not None}.values())


def _raw(type_: FieldType, options: tuple[str, ...]) -> list[Value]:
    random = Random(_SEED)  # noqa: S311 - the same values on every run, which is the point
    if type_ is FieldType.BOOLEAN:
        return [True, False]
    if type_ in (FieldType.OPTION, FieldType.OPTIONS) and options:
        return _shape(type_, list(options))
    known, more = _SOURCES[type_]
    return _shape(type_, [*known, *(more(random) for _ in range(_MORE))])


def _shape(type_: FieldType, values: list[Value]) -> list[Value]:
    """For the plural types: each alone, then several together."""
    if type_ not in (FieldType.OPTIONS, FieldType.USERS, FieldType.RECORDS):
        return values
    texts = [str(value) for value in values]
    return [*([text] for text in texts), texts[:2], texts]


def _text(random: Random) -> str:
    return "".join(random.choices(_LETTERS, k=random.randint(1, 40)))


def _number(random: Random) -> float:
    return round(random.uniform(-1e6, 1e6), random.randint(0, 4))


def _date(random: Random) -> str:
    return (date(2000, 1, 1) + timedelta(days=random.randint(0, 36_500))).isoformat()


def _time(random: Random) -> str:
    return format_datetime(datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=random.randint(0, 3_000_000_000)))


def _user(random: Random) -> str:
    return f"user{random.randint(1, 999)}@acme.example"


def _url(random: Random) -> str:
    return f"https://acme.example/{random.randint(1, 10**6)}"


def _seconds(random: Random) -> int:
    return random.randint(0, 10**7)


def _link(random: Random) -> str:
    return f"link-{random.randint(1, 99)}"


_SOURCES: dict[FieldType, tuple[tuple[Value, ...], Callable[[Random], Value]]] = {
    FieldType.TEXT: (_TEXTS, _text),
    FieldType.RICH_TEXT: ((*_MARKDOWN, *_TEXTS), _text),
    FieldType.NUMBER: (_NUMBERS, _number),
    FieldType.DATE: (_DATES, _date),
    FieldType.DATETIME: (_TIMES, _time),
    FieldType.OPTION: (_TEXTS, _text),
    FieldType.OPTIONS: (_TEXTS, _text),
    FieldType.USER: (_USERS, _user),
    FieldType.USERS: (_USERS, _user),
    FieldType.URL: (_URLS, _url),
    FieldType.DURATION: (_SECONDS, _seconds),
    FieldType.RECORD: ((), _link),
    FieldType.RECORDS: ((), _link),
}
