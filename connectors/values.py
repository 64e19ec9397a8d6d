"""Canonical values: one normal form for each type, so that equal things compare equal wherever they came from."""

import math
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime

from connectors.contract import FieldType, Value
from connectors.richtext.markdown import normal as normal_markdown
from connectors.richtext.tidy import clean

MANY = frozenset({FieldType.OPTIONS, FieldType.USERS, FieldType.RECORDS})


def normal(type_: FieldType, value: object) -> Value:
    """The normal form of a value; None for what is empty. Raises ValueError that says what was expected.

    text: NFC, Unix line ends, no-break spaces as spaces, trimmed. rich_text: Markdown in normal form. number: int where
    it is whole. date: `YYYY-MM-DD`. datetime: UTC, `YYYY-MM-DDTHH:MM:SS[.mmm]Z`. user: email in lower case, or `@id`
    where the system hides it. duration: seconds. record: a ref. The plural types: sorted, without repeats.
    """
    if value is None:
        return None
    if type_ in MANY:
        return _many(type_, value)
    return _NORMAL[type_](value)


def text(value: object) -> str | None:
    """Text in NFC with Unix line ends and plain spaces, trimmed; None where nothing is left.

    What no vendor and no database takes, control characters and lone surrogates, is left out.
    """
    if not isinstance(value, str):
        raise ValueError(f"expected text, found {_shown(value)}")
    return clean(unicodedata.normalize("NFC", value)).strip() or None


def parse_datetime(value: str) -> datetime:
    """An ISO 8601 time with any offset, as UTC. Raises ValueError where the zone is missing."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"expected a time with a zone, found {value!r}")
    return moment.astimezone(UTC)


def format_datetime(moment: datetime) -> str:
    """The normal form of a time: UTC, milliseconds only where there are any."""
    utc = moment.astimezone(UTC)
    precision = "milliseconds" if utc.microsecond // 1000 else "seconds"
    return utc.isoformat(timespec=precision).replace("+00:00", "Z")


def _shown(value: object) -> str:
    shown = repr(value)
    return f"{type(value).__name__} {shown if len(shown) <= 60 else shown[:57] + '...'}"


def _rich_text(value: object) -> Value:
    return normal_markdown(text(value))


def _number(value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"expected a number, found {_shown(value)}")
    if not math.isfinite(value):
        raise ValueError(f"expected a finite number, found {value}")
    whole = float(value).is_integer() and abs(value) < 2**53
    return int(value) if whole else float(value)


def _boolean(value: object) -> Value:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, found {_shown(value)}")
    return value


def _date(value: object) -> Value:
    if isinstance(value, datetime):
        raise ValueError(f"expected a date without a time, found {value.isoformat()}")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and not value.strip():
        return None
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError(f"expected a date as YYYY-MM-DD, found {_shown(value)}")
    return date.fromisoformat(value).isoformat()


def _datetime(value: object) -> Value:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return format_datetime(value)
    if isinstance(value, str):
        return format_datetime(parse_datetime(value)) if value.strip() else None
    raise ValueError(f"expected a time with a zone, found {_shown(value)}")


def _user(value: object) -> Value:
    name = text(value)
    return name if name is None or name.startswith("@") else name.casefold()


def _duration(value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"expected a duration in seconds, found {_shown(value)}")
    return round(value)


_NORMAL: dict[FieldType, Callable[[object], Value]] = {
    FieldType.TEXT: text,
    FieldType.RICH_TEXT: _rich_text,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.OPTION: text,
    FieldType.USER: _user,
    FieldType.URL: text,
    FieldType.DURATION: _duration,
    FieldType.RECORD: text,
}
_ONE = {FieldType.OPTIONS: text, FieldType.USERS: _user, FieldType.RECORDS: text}


def _many(type_: FieldType, value: object) -> Value:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ValueError(f"expected a list, found {_shown(value)}")
    items = {str(item) for item in map(_ONE[type_], value) if item is not None}
    return sorted(items) or None
