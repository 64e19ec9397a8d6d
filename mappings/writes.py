"""What one side is told: native values for the fields that are due, and what the side will then show."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from connectors.contract import Fields, Record, Ref, Value
from connectors.values import normal
from mappings.bound import BoundMapping
from mappings.errors import Untranslatable
from mappings.translate import Peers, Reading, read, write

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What cannot be done on a side, for a person. `field` None: the whole record."""

    side: str
    field: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class SideWrite:
    """A write to one side: native values by key, and the canonical values that it then shows and showed before."""

    fields: Fields
    canonical: Mapping[str, Value]
    before: Mapping[str, Value]


def side_write(
    mapping: BoundMapping, side: str, due: Mapping[str, Value], record: Record, reading: Reading, peers: Peers
) -> tuple[SideWrite, list[Trouble]]:
    """The fields that are due, as far as they can be told and the native value differs."""
    fields: dict[str, Value] = {}
    troubles: list[Trouble] = []
    told: list[str] = []
    for name, value in due.items():
        try:
            key, native = write(mapping, side, name, value, record, peers)
        except Untranslatable as error:
            troubles.append(Trouble(side, name, str(error)))
            continue
        if native != record.fields.get(key):
            fields[key] = native
            told.append(name)
    then = replace(record, fields={**record.fields, **fields})
    values = read(mapping, side, then, peers, told).values
    canonical = {name: values.get(name, due[name]) for name in told}
    return SideWrite(fields, canonical, {name: reading.values[name] for name in told}), troubles


def creation(
    mapping: BoundMapping, side: str, base: Mapping[str, Value], peers: Peers
) -> tuple[SideWrite, list[Trouble]]:
    """A new record: the side's defaults, and over them what is agreed; a list is joined with its default.

    What a default adds to is not in `canonical`, so that it is not taken for something agreed.
    """
    place = mapping.sides[side]
    if place.create is None:
        return SideWrite({}, {}, {}), [Trouble(side, None, f"creating on {side} is forbidden by `create: false`")]
    fields: dict[str, Value] = dict(place.create)
    troubles: list[Trouble] = []
    told: list[str] = []
    for name in bound_on(mapping, side):
        bound = mapping.fields[name]
        native = bound.bindings[side].field
        if base[name] is None or native is None or not native.creatable or not bound.flow.writes(side):
            continue
        try:
            key, value = write(mapping, side, name, base[name], None, peers)
        except Untranslatable as error:
            troubles.append(Trouble(side, name, str(error)))
            continue
        default = fields.get(key)
        if isinstance(default, list) and isinstance(value, list):
            fields[key] = normal(native.type, [*default, *value])
        elif value is not None:
            fields[key] = value
            told.append(name)
    ref = Ref(place.connection, place.object, "new")
    imagined = Record(ref=ref, fields=fields, created=_LONG_AGO, updated=_LONG_AGO, version="")
    values = read(mapping, side, imagined, peers, told).values
    return SideWrite(fields, {name: values.get(name, base[name]) for name in told}, {}), troubles


def bound_on(mapping: BoundMapping, side: str) -> Iterator[str]:
    """The fields that have a binding on this side."""
    return (name for name, bound in mapping.fields.items() if side in bound.bindings)
