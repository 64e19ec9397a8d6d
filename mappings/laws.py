"""What must hold of every mapping, tried on values: what is told to a side is what it then says.

A loss that a field does not declare would be taken for an edit, and carried back over the value that was meant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations

from connectors.contract import FieldType, ObjectType, Record, Value
from mappings.bound import BoundBinding, BoundField, BoundMapping
from mappings.cases import shown
from mappings.errors import Problem, Untranslatable
from mappings.findings import Severity
from mappings.samples import samples
from mappings.specimens import peers_of, specimen
from mappings.translate import Peers, read, write

_REFS = frozenset({FieldType.RECORD, FieldType.RECORDS})


def broken_laws(bound: BoundMapping, objects: Mapping[str, ObjectType]) -> list[Problem]:
    """The fields that lose something on a side, each with the first value that does not survive.

    `objects` by side name. Of a field that only the live system knows, no more is tried than the mapping says of it.
    """
    peers = peers_of(bound, [str(number) for number in range(100)])
    problems: list[Problem] = []
    for side in bound.sides:
        record = _filled(bound, side, peers)
        for field in bound.fields.values():
            binding = field.bindings.get(side)
            if binding is None or _is_guess(field, objects):
                continue
            is_known = binding.field is None or objects[side].field(binding.field.key) is not None
            trial = _Trial(bound, field, binding, record, peers, is_known)
            problems += trial.reading() or (trial.round_trip() if trial.is_written else [])
    return problems + [problem for field in bound.fields.values() for problem in _strange_options(field)]


def _is_guess(field: BoundField, objects: Mapping[str, ObjectType]) -> bool:
    """Whether the field is text only because nothing says what it is."""
    natives = [(side, binding.field) for side, binding in field.bindings.items() if binding.field]
    is_known = any(objects[side].field(native.key) for side, native in natives)
    return field.type is FieldType.TEXT and field.values is None and not is_known


def _filled(bound: BoundMapping, side: str, peers: Peers) -> Record:
    """A record with something in every field, for expressions that look at other fields than their own."""
    record = specimen(bound, side, {})
    for name, field in bound.fields.items():
        binding = field.bindings.get(side)
        if binding is None or binding.field is None:
            continue
        native: Value = next(iter(_natives(field, binding)), None)
        record = replace(record, fields={**record.fields, binding.field.key: native})
        if binding.writable and field.type in _REFS:
            key, native = write(bound, side, name, _values(field)[0], record, peers)
            record = replace(record, fields={**record.fields, key: native})
    return record


def _values(field: BoundField) -> list[Value]:
    """Canonical values that every side of the field would have to hold."""
    if field.values is not None:
        return samples(field.type, options=tuple(field.values))
    natives = [binding.field for binding in field.bindings.values() if binding.field]
    limits = [native.max_length for native in natives if native.max_length is not None]
    known = _known_options(field)
    common = set.intersection(*map(set, known.values())) if known else set()
    return samples(field.type, longest=min(limits, default=None), options=tuple(sorted(common)))


def _natives(field: BoundField, binding: BoundBinding) -> list[Value]:
    """Values that the native field could hold."""
    if binding.field is None:
        return []
    options = binding.field.options or ()
    if field.values is not None and binding.get is None:
        options = tuple(native for sides in field.values.values() for native in sides.get(binding.side, ()))
    return samples(binding.field.type, longest=binding.field.max_length, options=options)


def _known_options(field: BoundField) -> dict[str, tuple[str, ...]]:
    natives = {side: binding.field for side, binding in field.bindings.items()}
    return {side: native.options for side, native in natives.items() if native and native.options is not None}


def _strange_options(field: BoundField) -> Iterator[Problem]:
    """Options of one side that another does not have, where no table and no expression says what to do with them."""
    known = {side: options for side, options in _known_options(field).items() if field.bindings[side].get is None}
    if field.values is not None or field.lossy:
        return
    for (one, options), (other, others) in permutations(known.items(), 2):
        lost = [option for option in options if option not in others]
        if lost and field.flow.reads(one) and field.flow.writes(other):
            message = f"{field.name}: {other} has no option {', '.join(map(repr, lost[:5]))} of {one}; add `values`"
            yield Problem(("fields", field.name, other), "M303", message, "warning")


@dataclass(frozen=True)
class _Trial:
    """One field on one side, tried on values. `is_known`: what the native field holds is known, not inferred."""

    bound: BoundMapping
    field: BoundField
    binding: BoundBinding
    record: Record
    peers: Peers
    is_known: bool

    @property
    def is_written(self) -> bool:
        writable = self.binding.writable and self.binding.field is not None
        return writable and not self.field.lossy and self.field.flow.writes(self.binding.side)

    def reading(self) -> list[Problem]:
        """Whether `get` works on anything at all."""
        if self.binding.get is None or not self.is_known:
            return []
        natives = _natives(self.field, self.binding) if self.binding.field else [None]
        tries = [self.read(native) for native in natives]
        if not tries or any(reason is None for _, reason in tries):
            return []
        example = f", for example {shown(natives[0])}" if self.binding.field else ""
        return [self.problem("M302", f"{self.field.name}: {self.binding.side} cannot be read{example}: {tries[0][1]}")]

    def round_trip(self) -> list[Problem]:
        """get(put(v)) = v, for canonical values and for those that native ones are read as."""
        natives = _natives(self.field, self.binding) if self.is_known else []
        also = [value for value, reason in map(self.read, natives) if reason is None]
        for value in [*_values(self.field), *also]:
            try:
                _, native = write(self.bound, self.binding.side, self.field.name, value, self.holding(None), self.peers)
            except Untranslatable as error:
                return [self.problem("M304", f"{error}; tried with {shown(value)}")]
            back, reason = self.read(native)
            if back != value:
                came = reason or f"comes back as {shown(back)}"
                said = f"{self.field.name}: {shown(value)} is written to {self.binding.side} as {shown(native)} and "
                return [self.problem("M301", f"{said}{came}; mend `get` and `put`, or declare `lossy: true`")]
        return []

    def holding(self, native: Value) -> Record:
        """The record with this in the field: before a write nothing, since what was there must not matter."""
        key = {self.binding.field.key: native} if self.binding.field else {}
        return replace(self.record, fields={**self.record.fields, **key})

    def read(self, native: Value) -> tuple[Value, str | None]:
        """The canonical value, or why there is none."""
        reading = read(self.bound, self.binding.side, self.holding(native), self.peers)
        return reading.values.get(self.field.name), reading.failed.get(self.field.name)

    def problem(self, code: str, message: str) -> Problem:
        """Only a warning where an expression looks at other fields, which the values tried may not do justice to."""
        expressions = [one for one in (self.binding.get, self.binding.put) if one]
        severity: Severity = "warning" if any(one.record_fields for one in expressions) else "error"
        return Problem(("fields", self.field.name, self.binding.side), code, message, severity)
