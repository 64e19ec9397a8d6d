"""Native values of Jira and canonical values, one row of a table for each kind of field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.contract import Ref, Value
from connectors.jira.dialect import Dialect
from connectors.jira.fields import ISSUE, TYPE_OF_KIND, Known
from connectors.values import normal, parse_datetime

CASCADE: Final = " / "
"""Between the two levels of a cascading select."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a value means by: the connection, the dialect, account ids of people to write, the native value replaced."""

    connection: str
    dialect: Dialect
    accounts: Mapping[str, str] = field(default_factory=dict)
    previous: Any = None


@dataclass(frozen=True, slots=True)
class Kind:
    """How to read a native value that is there, how to write a canonical one, and what stands for none."""

    read: Callable[[Any, Context], Any]
    write: Callable[[Any, Context], Any]
    empty: Any = None


def read_value(kind: str, native: Any, context: Context) -> Value:
    """The canonical value in normal form."""
    return None if native is None else normal(TYPE_OF_KIND[kind], KINDS[kind].read(native, context))


def write_value(known: Known, value: Value, context: Context) -> Any:
    """The native value of a canonical one in normal form. Raises ValueError that says what was expected."""
    kind = KINDS[known.kind]
    if value is None:
        return kind.empty
    longest = known.field.max_length
    if longest is not None and isinstance(value, str) and len(value) > longest:
        raise ValueError(f"the text has {len(value)} characters; {known.field.name} takes at most {longest}")
    return kind.write(value, context)


def read_user(person: Mapping[str, Any], dialect: Dialect) -> str:
    """A user in canonical form: the email where it is visible, else `@` and the account."""
    return str(person.get("emailAddress") or f"@{person.get(dialect.user_key, '')}")


def _same(value: Any, _context: Context) -> Any:
    return value


def _person(value: str, context: Context) -> dict[str, str]:
    return {context.dialect.user_key: context.accounts[value]}


def _read_cascade(native: Mapping[str, Any], _context: Context) -> str:
    child = native.get("child")
    return f"{native['value']}{CASCADE}{child['value']}" if child else str(native["value"])


def _write_cascade(value: str, _context: Context) -> dict[str, Any]:
    parent, _, child = value.partition(CASCADE)
    return {"value": parent, "child": {"value": child}} if child else {"value": parent}


def _write_datetime(value: str, _context: Context) -> str:
    return parse_datetime(value).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def _write_parent(value: str, context: Context) -> dict[str, str]:
    ref = Ref.parse(value)
    if (ref.connection, ref.object) != (context.connection, ISSUE):
        raise ValueError(f"{value} is no issue of {context.connection}; a parent must be in the same Jira")
    return {"id": ref.id}


def _keyed(name: str) -> Kind:
    return Kind(lambda native, _context: native[name], lambda value, _context: {name: value})


def _list_of(one: Kind) -> Kind:
    return Kind(
        lambda native, context: [one.read(item, context) for item in native],
        lambda value, context: [one.write(item, context) for item in value],
        empty=[],
    )


_PLAIN: Final = Kind(_same, _same)
_USER: Final = Kind(lambda native, context: read_user(native, context.dialect), _person)

KINDS: Final[Mapping[str, Kind]] = {
    "text": _PLAIN,
    "textarea": Kind(
        lambda native, context: context.dialect.to_markdown(native),
        lambda value, context: context.dialect.from_markdown(value, context.previous),
    ),
    "url": _PLAIN,
    "number": _PLAIN,
    "seconds": _PLAIN,
    "date": _PLAIN,
    "datetime": Kind(_same, _write_datetime),
    "user": _USER,
    "users": _list_of(_USER),
    "named": _keyed("name"),
    "named_list": _list_of(_keyed("name")),
    "option": _keyed("value"),
    "options": _list_of(_keyed("value")),
    "cascade": Kind(_read_cascade, _write_cascade),
    "labels": Kind(_same, _same, empty=[]),
    "parent": Kind(lambda native, context: str(Ref(context.connection, ISSUE, str(native["id"]))), _write_parent),
}
