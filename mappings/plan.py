"""From a link's records to what is to be written: every field read, merged against its base, and told to the sides.

A pure function of what is. Order, repeats and echoes of our own writes need no special case, except where we died
between announcing a write and storing its outcome; `Known.announced` is for that.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.contract import Edit, Record, Value
from mappings.bound import BoundField, BoundMapping
from mappings.merge import State, Verdict, merge
from mappings.translate import Peers, Reading, read
from mappings.writes import SideWrite, Trouble, bound_on, creation, side_write

__all__ = ["Decision", "Known", "Plan", "SideWrite", "Trouble", "pair_key", "plan", "settle"]

Shown = Mapping[str, Mapping[str, Value]]
"""Canonical values by side and field."""

Announced = Mapping[str, Mapping[str, Sequence[Value]]]
"""By side and field: every value that may still take effect there."""

Edits = Mapping[tuple[str, str], Edit]
"""By side and native field key."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of a link.

    `base`: the agreed values. `shown`: what a side showed where that was not the base: parked, a declared loss, or not
    told yet. `announced`: the fields that a side was told with unknown outcome, each with those values that are our own
    doing where the side shows them.
    """

    base: Mapping[str, Value]
    shown: Shown = field(default_factory=dict)
    announced: Announced = field(default_factory=dict)
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By field: the sides whose edits made the base, for as long as others may not have been told of it."""
    restored: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By side: the fields that somebody edited, or put back as they were, after our request had taken effect there."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A field that changed, or is held for a person."""

    field: str
    verdict: Verdict
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about a link.

    `base`: the values agreed after it. `writes` and `creates` by side. `conflicts`: the fields held. `wants_edits`:
    native keys by side whose exact edit time would decide a `latest`. `seen`: what each side showed to this plan.
    """

    base: Mapping[str, Value]
    decisions: tuple[Decision, ...]
    writes: Mapping[str, SideWrite]
    creates: Mapping[str, SideWrite]
    troubles: tuple[Trouble, ...]
    conflicts: tuple[str, ...]
    wants_edits: Mapping[str, frozenset[str]]
    seen: Shown = field(default_factory=dict)


def plan(
    mapping: BoundMapping,
    known: Known | None,
    records: Mapping[str, Record],
    peers: Peers,
    *,
    missing: Collection[str] = (),
    edits: Edits | None = None,
    retry: bool = True,
) -> Plan:
    """What to do so that all sides agree. `records`: the members that exist; `missing`: sides to create one on.

    `retry` False leaves a side alone that did not take a value before, as long as nothing has changed since.
    """
    past = known or Known({})
    present = {side: records[side] for side in mapping.sides if side in records}
    readings = {side: read(mapping, side, record, peers) for side, record in present.items()}
    verdicts = {
        name: merge(bound.type, bound.conflict, base, states)
        for name, bound in mapping.fields.items()
        for base, states in [_states(bound, past, present, readings, edits or {})]
        if any(state.reads for state in states.values())
    }
    agreed = {name: verdict.value for name, verdict in verdicts.items() if verdict.kind != "conflict"}
    base = {name: agreed[name] if name in agreed else past.base.get(name) for name in mapping.fields}
    troubles = [Trouble(side, name, why) for side in readings for name, why in readings[side].failed.items()]
    writes: dict[str, SideWrite] = {}
    for side, record in present.items():
        due = _due(mapping, side, past, readings[side], verdicts, retry)
        writes[side], more = side_write(mapping, side, due, record, readings[side], peers)
        troubles += more
    creates: dict[str, SideWrite] = {}
    for side in mapping.sides:
        if side in missing and side not in present:
            creates[side], more = creation(mapping, side, base, peers)
            troubles += more
    return Plan(
        base=base,
        decisions=tuple(_decisions(past, verdicts)),
        writes={side: side_write for side, side_write in writes.items() if side_write.fields},
        creates=creates,
        troubles=tuple(troubles),
        conflicts=tuple(name for name, verdict in verdicts.items() if verdict.kind == "conflict"),
        wants_edits=_wanted(mapping, verdicts) if edits is None else {},
        seen={side: reading.values for side, reading in readings.items()},
    )


def settle(mapping: BoundMapping, plan_: Plan, known: Known | None, after: Mapping[str, Record], peers: Peers) -> Known:
    """What to store once the writes are done; `after`: the records as they read now, as far as that is known.

    A side that does not show the base keeps what it shows as its own starting point, so that only a later edit there
    counts as one. A held field keeps the starting point it had, so that it stays held until the sides agree.
    """
    past = known or Known({})
    shown: dict[str, dict[str, Value]] = {}
    for side in mapping.sides:
        if side in plan_.creates and side not in after:
            continue  # whoever sees it at all sees what it was made with
        told = plan_.creates.get(side) or plan_.writes.get(side)
        # Only what was written is asked of the side again: see `_start`.
        only = told.canonical if side in plan_.writes and told else None
        reading = read(mapping, side, after[side], peers, only) if told and side in after else Reading({}, {})
        for name in bound_on(mapping, side):
            start = _start(plan_, past, side, name, reading)
            if start != plan_.base.get(name):
                shown.setdefault(side, {})[name] = start
    made = {one.field: one.verdict.sources for one in plan_.decisions if one.verdict.sources}
    return Known(plan_.base, shown, sources={**past.sources, **made})


def pair_key(mapping: BoundMapping, side: str, record: Record, peers: Peers) -> tuple[str, ...] | None:
    """What records that are the same thing have in common; None where `match` says nothing or a value is empty."""
    values = read(mapping, side, record, peers, mapping.match).values
    found = [values.get(name) for name in mapping.match]
    if not found or any(value is None for value in found):
        return None
    return tuple(" ".join(str(value).casefold().split()) for value in found)


def _states(
    bound: BoundField,
    past: Known,
    records: Mapping[str, Record],
    readings: Mapping[str, Reading],
    edits: Edits,
) -> tuple[Value, dict[str, State]]:
    """The base and the sides that take part: those whose value can be read."""
    name, base = bound.name, past.base.get(bound.name)
    states: dict[str, State] = {}
    unaware: list[State] = []
    for side, reading in readings.items():
        if name not in reading.values:
            continue
        now, told = reading.values[name], past.announced.get(side, {}).get(name)
        was = now if now == base or now in (told or ()) else _was(past, side, name)
        was = base if name in past.restored.get(side, ()) else was
        states[side] = State(now, was, _edited(bound, side, records[side], edits), bound.flow.reads(side))
        if told is not None and states[side].reads and base != was != now:
            unaware.append(states[side])
    beside = [side for side in past.sources.get(name, ()) if side in states]
    if not unaware or not beside:
        return base, states
    # Who edited here had not been told of the base yet: their edit stands beside the one that made it, not above it.
    start = unaware[0].was
    return start, {**states, **{side: replace(states[side], was=start) for side in beside}}


def _was(past: Known, side: str, name: str) -> Value:
    shown = past.shown.get(side, {})
    return shown[name] if name in shown else past.base.get(name)


def _edited(bound: BoundField, side: str, record: Record, edits: Edits) -> datetime:
    native = bound.bindings[side].field
    edit = edits.get((side, native.key)) if native else None
    return edit.at if edit else record.updated


def _due(
    mapping: BoundMapping, side: str, past: Known, reading: Reading, verdicts: Mapping[str, Verdict], retry: bool
) -> dict[str, Value]:
    """The fields whose merged value this side does not show."""
    due: dict[str, Value] = {}
    for name, now in reading.values.items():
        bound, verdict = mapping.fields[name], verdicts.get(name)
        if verdict is None or verdict.kind == "conflict" or verdict.value == now or not bound.flow.writes(side):
            continue
        answered = name in past.shown.get(side, {}) and name not in past.announced.get(side, {})
        tried = answered and verdict.value == past.base.get(name)
        if tried and now == past.shown[side][name] and (bound.lossy or not retry):
            continue
        due[name] = verdict.value
    return due


def _start(plan_: Plan, past: Known, side: str, name: str, reading: Reading) -> Value:
    """From which value a later change of this field on this side is told."""
    if name in plan_.conflicts:
        return _was(past, side, name)
    if side in plan_.creates:
        return _created_start(plan_, side, name, reading)
    seen = plan_.seen.get(side, {})
    if name not in seen:
        return _was(past, side, name)
    written = side in plan_.writes and name in plan_.writes[side].canonical
    if name not in reading.values or not written:
        # Not `reading`: what changed since the plan was made is an edit that no plan has seen yet.
        return seen[name]
    return reading.values[name]


def _created_start(plan_: Plan, side: str, name: str, reading: Reading) -> Value:
    """Defaults, ours or the system's, count as edits of the new record, so that they reach the other sides."""
    base, now = plan_.base.get(name), reading.values.get(name)
    if name in plan_.creates[side].canonical:
        return now
    if base is None:
        return None
    joined = isinstance(base, list) and isinstance(now, list) and set(base) <= set(now)
    return base if joined else now


def _decisions(past: Known, verdicts: Mapping[str, Verdict]) -> Iterator[Decision]:
    for name, verdict in verdicts.items():
        before = past.base.get(name)
        if verdict.kind != "same" or verdict.value != before:
            yield Decision(name, verdict, before, verdict.value)


def _wanted(mapping: BoundMapping, verdicts: Mapping[str, Verdict]) -> dict[str, frozenset[str]]:
    wanted: dict[str, set[str]] = {}
    for name, verdict in verdicts.items():
        bound = mapping.fields[name]
        if verdict.kind != "resolved" or verdict.winner is None or bound.conflict.side == verdict.winner:
            continue
        for side in (verdict.winner, *verdict.overruled):
            native = bound.bindings[side].field
            if native:
                wanted.setdefault(side, set()).add(native.key)
    return {side: frozenset(keys) for side, keys in wanted.items()}
