"""What a field's value becomes, from its base and what each side shows: total, no I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from merge3 import Merge3

from connectors.contract import FieldType, Value
from connectors.values import format_datetime, normal
from mappings.model import Conflict

Kind = Literal["same", "taken", "agreed", "resolved", "joined", "conflict"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class State:
    """A side's value now, and the one from which a change is told. `reads` False: its change does not count."""

    now: Value
    was: Value
    edited: datetime | None = None
    reads: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """The merged value. With kind `conflict` it is the base, and nothing is to be written.

    `winner`: the one side that decided. `overruled`: sides whose change was given up. `sources`: those whose change the
    value holds.
    """

    value: Value
    kind: Kind
    winner: str | None
    overruled: tuple[str, ...]
    reason: str
    sources: tuple[str, ...] = ()


def merge(type_: FieldType, conflict: Conflict, base: Value, states: Mapping[str, State]) -> Verdict:
    """Merge one field. `states` in the order of the sides in the file, which decides ties."""
    changed: Mapping[str, State] = {
        side: state for side, state in states.items() if state.reads and state.now != state.was
    }
    if not changed:
        return Verdict(base, "same", None, (), "no side changed it")
    values = [state.now for state in changed.values()]
    alike = all(value == values[0] for value in values)
    # Joining comes before taking a lone change: the base may hold what this side has never shown.
    if conflict.policy == "union":
        return _union(type_, base, changed)
    if conflict.policy == "merge":
        joined = _lines(type_, base, changed)
        if joined.kind != "conflict" or not alike:
            return joined
    changed = _latest_of_each_line(base, changed)
    values = [state.now for state in changed.values()]
    if alike or all(value == values[0] for value in values):
        return _one(changed)
    # From here on at least two sides changed it, to different values.
    if conflict.policy == "ask":
        return _held(base, changed, "and a person is to decide")
    if conflict.side is not None and conflict.side in changed:
        return _decided(changed, conflict.side, f"{conflict.side} is preferred")
    return _latest(changed)


def _latest_of_each_line(base: Value, changed: Mapping[str, State]) -> Mapping[str, State]:
    """Without the changes that another side had been told of already, and went on from."""
    answered = [state.was for state in changed.values() if state.was != base]
    left = {side: state for side, state in changed.items() if state.now not in answered}
    return left or changed


def _one(changed: Mapping[str, State]) -> Verdict:
    sides = list(changed)
    value = changed[sides[0]].now
    if len(sides) == 1:
        return Verdict(value, "taken", sides[0], (), f"only {sides[0]} changed it", (sides[0],))
    return Verdict(value, "agreed", None, (), f"{_and(sides)} made the same change", tuple(sides))


def _latest(changed: Mapping[str, State]) -> Verdict:
    # max() keeps the first of equals, so a tie goes to the side that the file names first.
    winner = max(changed, key=lambda side: changed[side].edited or _LONG_AGO)
    edited = changed[winner].edited
    return _decided(changed, winner, f"{winner} was edited last{f', {format_datetime(edited)}' if edited else ''}")


def _decided(changed: Mapping[str, State], winner: str, reason: str) -> Verdict:
    value = changed[winner].now
    overruled = tuple(side for side, state in changed.items() if state.now != value)
    sources = tuple(side for side in changed if side not in overruled)
    return Verdict(value, "resolved", winner, overruled, f"{_and(list(changed))} changed it; {reason}", sources)


def _held(base: Value, changed: Mapping[str, State], why: str) -> Verdict:
    return Verdict(base, "conflict", None, (), f"{_and(list(changed))} changed it differently, {why}")


def _union(type_: FieldType, base: Value, changed: Mapping[str, State]) -> Verdict:
    added: set[str] = set()
    removed: set[str] = set()
    for state in changed.values():
        now, was = _items(state.now), _items(state.was)
        added |= now - was
        removed |= was - now
    value = normal(type_, sorted((_items(base) | added) - removed))
    if all(state.now == value for state in changed.values()):
        return _one(changed)
    sides = list(changed)
    return Verdict(value, "joined", None, (), f"what {_and(sides)} added and removed was joined", tuple(sides))


def _items(value: Value) -> set[str]:
    return set(value) if isinstance(value, list) else set()


def _lines(type_: FieldType, base: Value, changed: Mapping[str, State]) -> Verdict:
    merged = _split(base)
    for state in changed.values():
        groups = list(Merge3(_split(state.was), merged, _split(state.now)).merge_groups())
        if any(group[0] == "conflict" for group in groups):
            return _held(base, changed, "in the same lines")
        merged = [line for group in groups for line in group[1]]
    value = normal(type_, "\n".join(merged))
    if all(state.now == value for state in changed.values()):
        return _one(changed)
    sides = list(changed)
    return Verdict(value, "joined", None, (), f"the lines that {_and(sides)} changed were joined", tuple(sides))


def _split(value: Value) -> list[str]:
    return value.split("\n") if isinstance(value, str) else []


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
