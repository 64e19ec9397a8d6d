"""What the tests in mapping files say, turned into records."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connectors.contract import Fields, FieldType, ObjectType, Record, Ref, Value
from connectors.values import normal, parse_datetime
from mappings.bound import BoundMapping
from mappings.errors import Untranslatable
from mappings.findings import nearest
from mappings.positions import Path
from mappings.specimens import LONG_AGO, peers_of, specimen
from mappings.translate import Peers, write

Difference = tuple[Path, str]
"""Where in the test, and what."""

Named = dict[str, tuple[str, Value]]
"""By the name that the test uses: native field key and value."""

_REFS = frozenset({FieldType.RECORD, FieldType.RECORDS})


@dataclass
class Bench:
    """Turns what a test says into records. `faults`: what in it cannot be understood, and where in the test."""

    bound: BoundMapping
    objects: Mapping[str, ObjectType]
    faults: list[Difference] = field(default_factory=list)

    def fault(self, where: Path, what: str) -> None:
        self.faults.append((where, f"{'.'.join(map(str, where))}: {what}"))

    def named(self, side: str, values: Mapping[str, Any], where: Path) -> Named:
        """Native fields from names as people write them."""
        known = self.known(side)
        named: Named = {}
        for name, value in values.items():
            native = known.field(name)
            if native is None:
                hint = nearest(name, [text for one in known.fields for text in (one.name, one.key)])
                self.fault((*where, name), f"{known.name} has no field {name!r}{hint}")
                continue
            hint = "" if self.objects[side].field(name) else "; if the field holds something else, declare its `type`"
            named[name] = native.key, self.value(native.type, value, (*where, name), hint)
        return named

    def known(self, side: str) -> ObjectType:
        """The fields known of a side, with those that only the mapping names."""
        known = self.objects[side]
        bindings = [one.bindings[side] for one in self.bound.fields.values() if side in one.bindings]
        more = [one.field for one in bindings if one.field and known.field(one.field.key) is None]
        return replace(known, fields=(*known.fields, *more))

    def value(self, type_: FieldType, value: object, where: Path, hint: str = "") -> Value:
        try:
            made = normal(type_, value)
            for ref in _listed(made) if type_ in _REFS else ():
                Ref.parse(ref)
        except ValueError as error:
            self.fault(where, f"{error}{hint}")
            return None
        return made

    def base(self, base: Mapping[str, Any] | None) -> dict[str, Value] | None:
        if base is None:
            return None
        return {
            name: self.value(self.bound.fields[name].type, value, ("base", name))
            for name, value in base.items()
            if name in self.bound.fields
        }

    def time(self, side: str, at: object) -> datetime:
        text = str(at)
        try:
            return parse_datetime(f"{text}T00:00:00Z" if len(text) == 10 else text)
        except ValueError:
            self.fault(("edited", side), f"expected a time such as 2026-12-01T09:30:00Z, found {text!r}")
            return LONG_AGO

    def records(
        self, given: Mapping[str, Named], base: Fields | None, edited: Mapping[str, datetime]
    ) -> Iterator[tuple[str, Record]]:
        """The records before, in the order of the sides."""
        for side in self.bound.sides:
            if base is not None or side in given:
                fields = {**self.agreed(side, base or {}), **dict(given.get(side, {}).values())}
                yield side, specimen(self.bound, side, fields, edited.get(side, LONG_AGO))

    def agreed(self, side: str, base: Fields) -> dict[str, Value]:
        """What a side holds when it shows the base."""
        empty, peers = specimen(self.bound, side, {}), peers_of(self.bound, ())
        agreed: dict[str, Value] = {}
        for name, value in base.items():
            binding = self.bound.fields[name].bindings.get(side)
            if binding is None or not binding.writable:
                continue
            try:
                agreed |= [write(self.bound, side, name, value, empty, peers)]
            except Untranslatable as error:
                self.fault(("base", name), str(error))
        return agreed

    def peers(self, records: Mapping[str, Record]) -> Peers:
        """Every record that these mention, in step."""
        ids: set[str] = set()
        for side, record in records.items():
            for one in self.bound.fields.values():
                binding = one.bindings.get(side)
                if binding and binding.field and one.type in _REFS:
                    ids |= {Ref.parse(ref).id for ref in _listed(record.fields.get(binding.field.key))}
        return peers_of(self.bound, ids)


def _listed(value: Value) -> list[str]:
    return value if isinstance(value, list) else [str(value)] if value is not None else []
