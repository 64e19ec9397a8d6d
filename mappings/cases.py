"""The tests that mapping files carry: what sides hold goes in, what they hold once in step is compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from connectors.contract import Fields, ObjectType, Record, Value
from mappings.bench import Bench, Difference, Named
from mappings.bound import BoundMapping
from mappings.errors import Untranslatable
from mappings.model import Case
from mappings.plan import Known, Plan, Trouble, plan, settle
from mappings.positions import Path
from mappings.specimens import specimen
from mappings.translate import Peers, matches

ROUNDS = 5
"""Defaults of a new record reach the other sides in a second round; what takes longer than this never ends."""

_NAME: Path = ("name",)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of a test. `differences`: sentences such as `mkt.section: expected 'Doing', found 'Backlog'`.

    `places`: for each of them, where in the test it was expected otherwise.
    """

    name: str
    passed: bool
    differences: tuple[str, ...]
    places: tuple[Path, ...]


def run_case(bound: BoundMapping, case: Case, objects: Mapping[str, ObjectType]) -> CaseResult:
    """Run one test of the mapping; `objects` by side name.

    Without a base, sides not given hold no record yet. With one, every side has a record, and what is not given shows
    the base. The record of the n-th side has the id n; people are known by email; records of one id are in step.
    """
    bench = Bench(bound, objects)
    given = {side: bench.named(side, values, ("given", side)) for side, values in case.given.items()}
    expected = {
        side: bench.named(side, values, ("expect", side))
        for side, values in case.expect.items()
        if not isinstance(values, str)
    }
    base = bench.base(case.base)
    edited = {side: bench.time(side, at) for side, at in case.edited.items()}
    before = dict(bench.records(given, base, edited))
    differences = bench.faults
    if not differences:
        try:
            outcome = _in_step(bound, before, base, bench.peers(before))
            differences = list(_differences(case, expected, outcome))
        except Untranslatable as error:
            differences = [(_NAME, str(error))]
    places, sentences = [place for place, _ in differences], [sentence for _, sentence in differences]
    return CaseResult(case.name, not differences, tuple(sentences), tuple(places))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The records once nothing more is to be done, or after the last round."""

    after: Mapping[str, Record]
    conflicts: frozenset[str] = frozenset()
    troubles: tuple[Trouble, ...] = ()
    restless: tuple[str, ...] = ()


def _in_step(bound: BoundMapping, before: dict[str, Record], base: Fields | None, peers: Peers) -> _Outcome:
    # A record that `where` does not take starts no link; one that is linked stays so.
    records = (
        before if base is not None else {side: one for side, one in before.items() if matches(bound, side, one, peers)}
    )
    if not records:
        return _Outcome(before)
    missing = [side for side, place in bound.sides.items() if side not in before and place.create is not None]
    known = None if base is None else Known(base)
    troubles: dict[Trouble, None] = {}
    for _ in range(ROUNDS):
        made = plan(bound, known, records, peers, missing=missing, edits={}, retry=False)
        troubles |= dict.fromkeys(made.troubles)
        if not made.writes and not made.creates:
            return _Outcome({**before, **records}, frozenset(made.conflicts), tuple(troubles))
        records = _written(bound, made, records)
        known, missing = settle(bound, made, known, records, peers), []
    return _Outcome({**before, **records}, frozenset(made.conflicts), tuple(troubles), tuple(made.writes))


def _written(bound: BoundMapping, made: Plan, records: Mapping[str, Record]) -> dict[str, Record]:
    after = dict(records)
    for side, side_write in made.writes.items():
        after[side] = replace(records[side], fields={**records[side].fields, **side_write.fields})
    for side, side_write in made.creates.items():
        after[side] = specimen(bound, side, side_write.fields)
    return after


def _differences(case: Case, expected: Mapping[str, Named], outcome: _Outcome) -> Iterator[Difference]:
    told = [*_value_differences(case, expected, outcome.after), *_conflict_differences(case, outcome.conflicts)]
    told += [(_NAME, f"{side} is written again and again; mend its `get` and `put`") for side in outcome.restless]
    yield from told
    if told:
        for trouble in outcome.troubles:
            yield _NAME, f"{'.'.join(filter(None, (trouble.side, trouble.field)))}: {trouble.reason}"


def _value_differences(case: Case, expected: Mapping[str, Named], after: Mapping[str, Record]) -> Iterator[Difference]:
    for side, values in case.expect.items():
        if isinstance(values, str):
            if side in after:
                yield ("expect", side), f"{side}: expected no record, found one"
        elif side not in after:
            yield ("expect", side), f"{side}: expected a record, found none"
        else:
            for name, (key, value) in expected[side].items():
                found = after[side].fields.get(key)
                if found != value:
                    place = ("expect", side, name)
                    yield place, f"{side}.{name}: expected {shown(value)}, found {shown(found)}"


def _conflict_differences(case: Case, held: frozenset[str]) -> Iterator[Difference]:
    for index, name in enumerate(case.conflicts):
        if name not in held:
            yield ("conflicts", index), f"{name}: expected a conflict, found none"
    for name in sorted(held - set(case.conflicts)):
        yield _NAME, f"{name}: expected agreement, found a conflict for a person; name it under `conflicts`"


def shown(value: Value) -> str:
    """A value in a sentence."""
    return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
