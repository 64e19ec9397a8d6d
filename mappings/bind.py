"""Bind a mapping to the fields that exist, and say everything that is wrong with it at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from connectors.contract import Field, FieldType, ObjectType
from mappings.bound import BoundBinding, BoundField, BoundMapping, BoundSide
from mappings.errors import BIND_CODES, BindError, Problem
from mappings.expressions import Expression
from mappings.findings import nearest
from mappings.model import Binding, FieldMapping, Flow, SyncMapping
from mappings.places import OF_VALUE, Path, Place
from mappings.tables import check_table_options, rows_by_native, table_problems
from mappings.typing_rules import canonical_type, conflict_problem

__all__ = ["BIND_CODES", "BindError", "BoundBinding", "BoundField", "BoundMapping", "BoundSide", "Problem", "bind"]


def bind(mapping: SyncMapping, objects: Mapping[str, ObjectType]) -> tuple[BoundMapping, tuple[Problem, ...]]:
    """The mapping as it can be run, and the warnings about it. `objects` by side name; a missing one is unknown.

    Raises BindError with everything that is wrong.
    """
    problems: list[Problem] = []
    places = {
        name: Place(name, side, objects.get(name) or ObjectType(side.object, (), complete=False), problems)
        for name, side in mapping.sides.items()
    }
    problems += _unknown_names(mapping)
    fields = {name: _field(mapping, name, places, problems) for name in mapping.fields}
    sides = {name: place.bound() for name, place in places.items()}
    problems += _written_twice(fields)
    if any(problem.severity == "error" for problem in problems):
        raise BindError(problems)
    bound = BoundMapping(mapping.name, sides, fields, mapping.match, mapping.comments, mapping.attachments)
    return bound, tuple(problems)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A binding whose names are looked up and whose type is not decided yet."""

    binding: Binding
    key: str | None
    native: Field | None
    get: Expression | None
    put: Expression | None

    @property
    def firm(self) -> FieldType | None:
        return self.binding.type or (self.native.type if self.native and not self.binding.get else None)


def _field(mapping: SyncMapping, name: str, places: Mapping[str, Place], problems: list[Problem]) -> BoundField:
    mapped, path = mapping.fields[name], ("fields", name)
    drafts = {
        side: _draft(mapped.bindings[side], place, (*path, side))
        for side, place in places.items()
        if side in mapped.bindings
    }
    firm = {side: draft.firm for side, draft in drafts.items() if draft.firm}
    likely = {side: draft.native.type for side, draft in drafts.items() if draft.native}
    has_values = mapped.values is not None
    type_, clashes = canonical_type(path, mapped.type, firm, likely, has_values=has_values)
    problems += clashes
    bindings = {
        side: _bound_binding(draft, type_, places[side], (*path, side, "screen")) for side, draft in drafts.items()
    }
    conflict = mapped.conflict or mapping.conflict
    unsuited = conflict_problem(name, type_, conflict, (*path, "conflict") if mapped.conflict else ("conflict",))
    problems += [unsuited] if unsuited else []
    problems += _flow_problems(path, mapped, bindings)
    if mapped.values is not None:
        written = [side for side, binding in bindings.items() if binding.writable and mapped.flow.writes(side)]
        problems += table_problems((*path, "values"), mapped.values, places, bindings, written)
        for side, draft in drafts.items():
            if draft.native and not draft.get:
                reads = mapped.flow.reads(side)
                problems += check_table_options(
                    (*path, "values"), mapped.values, places[side], draft.native, reads=reads
                )
    if type_ in (FieldType.RECORD, FieldType.RECORDS):
        problems += _shared_connections(mapping, path, bindings)
    rows = rows_by_native(mapped.values or {})
    return BoundField(name, type_, bindings, mapped.values, rows, conflict, mapped.flow, mapped.lossy)


def _draft(binding: Binding, place: Place, path: Path) -> _Draft:
    key, native = place.key(binding.field, (*path, "field")) if binding.field else (None, None)
    get = place.expression(binding.get, OF_VALUE, (*path, "get"))
    put = place.expression(binding.put, OF_VALUE, (*path, "put"))
    return _Draft(binding, key, native, get, put)


def _bound_binding(draft: _Draft, canonical: FieldType, place: Place, path: Path) -> BoundBinding:
    """A field that is not known is taken to be of the binding's type, or of the canonical one."""
    type_ = draft.firm or canonical
    field = draft.native
    if field is None and draft.key is not None:
        field = Field(draft.key, draft.key, type_)
    native = draft.native.type if draft.native else None if draft.put else type_
    screen = place.screen(draft.binding.screen, draft.native, path)
    return BoundBinding(place.name, field, draft.get, draft.put, draft.binding.writable, screen, type_, native)


def _flow_problems(path: Path, mapped: FieldMapping, bindings: Mapping[str, BoundBinding]) -> Iterator[Problem]:
    for side, binding in bindings.items():
        if not mapped.flow.writes(side):
            continue
        if not binding.writable:
            message = f"{path[-1]} is written to {side}, whose binding has only `get`; add `put`, or name the `flow`"
            yield Problem((*path, side), "M207", message)
        elif binding.field and not binding.field.writable:
            message = f"{path[-1]} is written to {side}, where {binding.field.name} is read-only; name the `flow`"
            yield Problem((*path, side), "M207", message)


def _shared_connections(mapping: SyncMapping, path: Path, bindings: Iterable[str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for side in bindings:
        other = first.setdefault(mapping.sides[side].connection, side)
        if other != side:
            message = f"{path[-1]} holds records, so {other} and {side} need connections of their own"
            yield Problem((*path, side), "M211", message)


def _written_twice(fields: Mapping[str, BoundField]) -> Iterator[Problem]:
    first: dict[tuple[str, str], str] = {}
    for name, field in fields.items():
        for side, binding in field.bindings.items():
            if binding.field is None or not binding.writable or not field.flow.writes(side):
                continue
            other = first.setdefault((side, binding.field.key), name)
            if other != name:
                message = f"{other} and {name} both write {binding.field.name} of {side}; keep one, or name the `flow`"
                yield Problem(("fields", name, side), "M212", message)


def _unknown_names(mapping: SyncMapping) -> Iterator[Problem]:
    """Names of sides and fields that are used and do not exist."""
    for path, side, known in _used_sides(mapping):
        if side not in known:
            why = "has no binding here" if side in mapping.sides else f"is no side{nearest(side, mapping.sides)}"
            yield Problem(path, "M201", f"{'.'.join(map(str, path))}: {side!r} {why}")
    for path, field in _used_fields(mapping):
        if field not in mapping.fields:
            message = f"{'.'.join(map(str, path))}: {field!r} is no field of this mapping"
            yield Problem(path, "M209", message + nearest(field, mapping.fields))


def _used_sides(mapping: SyncMapping) -> Iterator[tuple[Path, str, Iterable[str]]]:
    """Where a side is named, its name, and the names that are right there."""
    sides = mapping.sides
    for name, mapped in mapping.fields.items():
        path = ("fields", name)
        yield from (((*path, side), side, sides) for side in mapped.bindings)
        yield from (((*path, "flow"), side, mapped.bindings) for side in _flow_sides(mapped.flow))
        if mapped.conflict and mapped.conflict.side:
            yield (*path, "conflict"), mapped.conflict.side, mapped.bindings
    for word, flow in (("comments", mapping.comments), ("attachments", mapping.attachments)):
        yield from (((word,), side, sides) for side in _flow_sides(flow))
    if mapping.conflict.side:
        yield ("conflict",), mapping.conflict.side, sides
    for index, case in enumerate(mapping.tests):
        for word, named in (("given", case.given), ("edited", case.edited), ("expect", case.expect)):
            yield from ((("tests", index, word, side), side, sides) for side in named)


def _used_fields(mapping: SyncMapping) -> Iterator[tuple[Path, str]]:
    yield from ((("match", index), name) for index, name in enumerate(mapping.match))
    for index, case in enumerate(mapping.tests):
        yield from ((("tests", index, "base", name), name) for name in case.base or {})
        yield from ((("tests", index, "conflicts", place), name) for place, name in enumerate(case.conflicts))


def _flow_sides(flow: Flow) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(flow.sources or ()), *(flow.targets or ()))))
