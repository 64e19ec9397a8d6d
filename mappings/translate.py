"""Between a side's values and canonical ones, one record at a time.

A rule is declared once and read both ways: `get`, then the value table, then people and links; written in reverse.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from connectors.contract import Fields, FieldType, Record, Value
from connectors.values import format_datetime, normal
from mappings.bound import BoundBinding, BoundField, BoundMapping, BoundSide
from mappings.errors import ExpressionError, Untranslatable
from mappings.expressions import Expression
from mappings.people import People

__all__ = ["Peers", "Reading", "Untranslatable", "matches", "read", "screens", "write"]

_PEOPLE = frozenset({FieldType.USER, FieldType.USERS})
_RECORDS = frozenset({FieldType.RECORD, FieldType.RECORDS})


@dataclass(frozen=True, slots=True)
class Peers:
    """Who and what else there is. `links`: `str(Ref)` to link id; `members`: (link id, side) to `str(Ref)`."""

    people: People
    links: Mapping[str, str]
    members: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a record says: canonical values by field name, and by field the reason why it cannot be understood."""

    values: Mapping[str, Value]
    failed: Mapping[str, str]


def read(
    mapping: BoundMapping, side: str, record: Record, peers: Peers, only: Collection[str] | None = None
) -> Reading:
    """The canonical values of the fields that this side has a binding for, or of some of them."""
    values: dict[str, Value] = {}
    failed: dict[str, str] = {}
    seen = _Seen(mapping.sides[side], record)
    for name, field in mapping.fields.items():
        if side not in field.bindings or (only is not None and name not in only):
            continue
        try:
            values[name] = _canonical(field, seen, peers)
        except (ExpressionError, Untranslatable, ValueError) as error:
            failed[name] = str(error)
    return Reading(values, failed)


def write(
    mapping: BoundMapping, side: str, field: str, value: Value, current: Record | None, peers: Peers
) -> tuple[str, Value]:
    """The native field key and value that say `value`; the present native value where it says so already.

    Raises Untranslatable with the reason.
    """
    place, bound = mapping.sides[side], mapping.fields[field]
    binding = bound.bindings[side]
    if binding.field is None or not binding.writable:
        raise Untranslatable(f"{field} cannot be written on {side}: its binding there is read-only")
    key = binding.field.key
    seen = _Seen(place, current) if current else None
    if current is not None and seen is not None and _says(bound, seen, peers, value):
        return key, current.fields.get(key)
    if value is None:
        return key, None
    present = current.fields.get(key) if current else None
    try:
        native = _native(place, bound, value, present, peers)
        if binding.put:
            native = _plain(binding.put.evaluate({"value": native, "record": seen.view if seen else None}))
        return key, _fitting(binding, native)
    except (ExpressionError, ValueError) as error:
        raise Untranslatable(f"{field} cannot be told to {side}: {error}") from error


def matches(mapping: BoundMapping, side: str, record: Record, peers: Peers) -> bool:  # noqa: ARG001 - as its kin
    """Whether the side's `where` takes the record. Raises Untranslatable where that cannot be told."""
    place = mapping.sides[side]
    if place.where is None:
        return True
    try:
        answer = place.where.evaluate({"record": _Seen(place, record).view})
    except ExpressionError as error:
        raise Untranslatable(f"`where` of {side}: {error}") from error
    if not isinstance(answer, bool):
        raise Untranslatable(f"`where` of {side}: `{place.where.source}` gives {answer!r}; expected true or false")
    return answer


def screens(mapping: BoundMapping, side: str, record: Record) -> Mapping[str, Fields]:
    """What to fill in by status name, its expressions evaluated. Raises Untranslatable."""
    filled: dict[str, dict[str, Value]] = {}
    seen = _Seen(mapping.sides[side], record)
    for field in mapping.fields.values():
        binding = field.bindings.get(side)
        for status, fields in binding.screen.items() if binding else ():
            for key, value in fields.items():
                filled.setdefault(status, {})[key] = _screened(status, value, seen)
    return filled


def _screened(status: str, value: object, seen: "_Seen") -> Value:
    try:
        return _plain(value.evaluate({"record": seen.view}) if isinstance(value, Expression) else value)
    except (ExpressionError, ValueError) as error:
        raise Untranslatable(f"screen of {status} on {seen.side.name}: {error}") from error


@dataclass
class _Seen:
    """A record of a side, on its way through expressions."""

    side: BoundSide
    record: Record

    @cached_property
    def view(self) -> dict[str, Any]:
        """What expressions see as `record`: fields by key and by display name, null where the record says nothing."""
        side, record = self.side, self.record
        fields: dict[str, Any] = {**dict.fromkeys(side.keys), **record.fields}
        named = {side.names[key]: value for key, value in fields.items() if key in side.names}
        return {
            "id": record.ref.id,
            "object": record.ref.object,
            "connection": record.ref.connection,
            "url": record.url,
            "created": format_datetime(record.created),
            "updated": format_datetime(record.updated),
            "fields": {**named, **fields},
        }


def _canonical(field: BoundField, seen: _Seen, peers: Peers) -> Value:
    side = seen.side
    binding = field.bindings[side.name]
    native: Any = seen.record.fields.get(binding.field.key) if binding.field else None
    if binding.field and native is None:
        return None
    if binding.get:
        native = binding.get.evaluate({"value": native, "record": seen.view})
    value = normal(binding.type, native)
    if value is None:
        return None
    translated = value
    if field.values is not None:
        translated = _each(value, lambda item: _row(item, field, side))
    elif field.type in _PEOPLE:
        translated = _each(value, lambda item: _email(peers, side, item))
    elif field.type in _RECORDS:
        translated = _each(value, lambda item: _link(peers, item))
    # What needed no translation is in its normal form already.
    return value if translated is value and field.type is binding.type else normal(field.type, translated)


def _native(side: BoundSide, field: BoundField, value: Value, present: Value, peers: Peers) -> Value:
    """The value before `put`. Of several natives that mean one row, those present stay."""
    if field.values is not None:
        return _from_rows(field, side.name, value, present)
    if field.type in _PEOPLE:
        return _each(value, lambda item: peers.people.account(side.connection, item))
    if field.type in _RECORDS:
        return _each(value, lambda item: _member(peers, item, side.name))
    return value


def _says(field: BoundField, seen: _Seen, peers: Peers, value: Value) -> bool:
    try:
        return _canonical(field, seen, peers) == value
    except (ExpressionError, Untranslatable, ValueError):
        return False


def _each(value: Any, translate: Callable[[Any], str]) -> str | list[str]:
    return [translate(item) for item in value] if isinstance(value, list) else translate(value)


def _row(item: Any, field: BoundField, side: BoundSide) -> str:
    rows = field.rows.get(side.name, {})
    if item not in rows:
        known = ", ".join(rows)
        raise Untranslatable(f"{item!r} on {side.name} is in no row of the values of {field.name}; it has: {known}")
    return rows[item]


def _from_rows(field: BoundField, side: str, value: Value, present: Value) -> Value:
    shown = present if isinstance(present, list) else [present]
    natives: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        row = (field.values or {}).get(str(item), {}).get(side, ())
        if not row:
            raise Untranslatable(f"the values of {field.name} have no row {item!r} for {side}; add it to the mapping")
        natives += [native for native in row if native in shown] or row[:1]
    return natives if isinstance(value, list) else natives[0]


def _email(peers: Peers, side: BoundSide, user: str) -> str:
    email = peers.people.email(side.connection, user)
    if email.startswith("@"):
        raise Untranslatable(
            f"account {email} of {side.connection} shows no email; add it to people.yaml under identities"
        )
    return email


def _link(peers: Peers, ref: str) -> str:
    if ref not in peers.links:
        raise Untranslatable(f"{ref} is not in step yet")
    return peers.links[ref]


def _member(peers: Peers, link: str, side: str) -> str:
    if (link, side) not in peers.members:
        shown = next((ref for ref, known in peers.links.items() if known == link), link)
        raise Untranslatable(f"{shown} is not in step yet: it has no record on {side}")
    return peers.members[link, side]


def _fitting(binding: BoundBinding, native: Value) -> Value:
    """In the normal form of the native field, and within what it can hold."""
    value = native if binding.native is None else normal(binding.native, native)
    limit = binding.field.max_length if binding.field else None
    if limit is not None and binding.native is FieldType.TEXT and isinstance(value, str) and len(value) > limit:
        raise ValueError(f"it has {len(value)} characters, and {binding.field and binding.field.name} holds {limit}")
    return value


def _plain(value: object) -> Value:
    """An expression's result, or a value of a file, as a value: whole numbers as such, lists of text."""
    if isinstance(value, float):
        return normal(FieldType.NUMBER, value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list):
        return [str(item) for item in value]
    raise ValueError(f"expected a value or a list of texts, found {type(value).__name__}")
