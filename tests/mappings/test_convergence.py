"""Random histories of edits, refusals and crashes on two to four sides, carried out on records in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Fields, Record, Value
from mappings.bind import BoundMapping
from mappings.plan import Known, Plan, plan, settle
from tests.mappings.worlds import NOBODY, bound, everywhere, record

SIDES = "a b c d"
ROWS = {"todo": ["New", "Triage"], "doing": ["Doing", "Review"], "done": ["Closed"]}
STATES = {row: dict.fromkeys("abcd", natives) for row, natives in ROWS.items()}
VALUES: dict[str, list[Any]] = {
    "title": [None, "t1", "t2", "t3"],
    "notes": [None, "one\n\ntwo\n\nthree", "ONE\n\ntwo\n\nthree", "one\n\ntwo\n\nTHREE", "four"],
    "labels": [None, ["x"], ["x", "y"], ["z"]],
    "state": ["New", "Triage", "Doing", "Review", "Closed"],
}


def world(count: int, policy: str) -> BoundMapping:
    names = SIDES[: 2 * count - 1]
    tables = {row: {side: natives[side] for side in names.split()} for row, natives in STATES.items()}
    fields = {
        "title": everywhere("title", names, conflict=policy),
        "notes": everywhere("notes", names, conflict="merge"),
        "labels": everywhere("labels", names, conflict="union"),
        "status": everywhere("state", names, conflict=policy, values=tables),
    }
    return bound(fields, names)


@dataclass
class Desk:
    """Records and what is stored of their link; time is the number of edits made."""

    mapping: BoundMapping
    known: Known | None = None
    members: dict[str, Record] = field(default_factory=dict)
    clock: int = 0

    def edit(self, side: str, key: str, value: Value) -> None:
        self.clock += 1
        self.members[side] = record(side, {**self.members[side].fields, key: value}, self.clock)

    def write(self, side: str, fields: Fields) -> None:
        """Our own write: it moves the record's time as an edit does."""
        self.clock += 1
        self.members[side] = record(side, {**self.members[side].fields, **fields}, self.clock)

    def sync(self, refused: Sequence[str] = (), writes_until_crash: int = 99) -> Plan:
        result = plan(self.mapping, self.known, self.members, NOBODY)
        past = self.known or Known({})
        announced = {side: dict(fields) for side, fields in past.announced.items()}
        for side, side_write in result.writes.items():
            told = announced.setdefault(side, {})
            told.update({name: [*told.get(name, []), value] for name, value in side_write.canonical.items()})
        # What was decided is stored before it is sent.
        self.known = replace(settle(self.mapping, result, past, self.members, NOBODY), announced=announced)
        for side, side_write in list(result.writes.items())[:writes_until_crash]:
            self.write(side, {key: value for key, value in side_write.fields.items() if key not in refused})
        if writes_until_crash >= len(result.writes):
            self.known = settle(self.mapping, result, past, self.members, NOBODY)
        return result

    def settled(self) -> Plan:
        """Sync until nothing is left to write."""
        for _ in range(4):
            result = self.sync()
            if not result.writes:
                return result
        raise AssertionError(f"still writing {result.writes}")


def fresh(mapping: BoundMapping) -> Desk:
    desk = Desk(mapping)
    start: dict[str, Value] = {"title": "t0", "notes": "one\n\ntwo\n\nthree", "labels": ["w"], "state": "New"}
    desk.members = {side: record(side, start) for side in mapping.sides}
    desk.sync()
    return desk


edits = st.sampled_from(sorted(VALUES)).flatmap(
    lambda key: st.tuples(st.just("edit"), st.integers(0, 3), st.just(key), st.sampled_from(VALUES[key]))
)
syncs = st.tuples(st.just("sync"), st.sampled_from([(), ("title",), ("state", "labels"), ("notes",)]))
crashes = st.tuples(st.just("crash"), st.integers(0, 3))
histories = st.lists(st.one_of(edits, edits, syncs, crashes), max_size=25)


def play(desk: Desk, history: Sequence[tuple[Any, ...]]) -> None:
    sides = list(desk.mapping.sides)
    for word, *rest in history:
        if word == "edit":
            desk.edit(sides[rest[0] % len(sides)], rest[1], rest[2])
        elif word == "sync":
            desk.sync(refused=rest[0])
        else:
            desk.sync(writes_until_crash=rest[0])


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("policy", ["latest", "prefer b", "ask"])
@settings(max_examples=60, deadline=None)
@given(history=histories)
def test_sides_converge(count: int, policy: str, history: list[tuple[Any, ...]]) -> None:
    desk = fresh(world(count, policy))
    play(desk, history)
    last = desk.settled()
    for name in desk.mapping.fields:
        shown = [values[name] for values in last.seen.values()]
        assert name in last.conflicts or all(value == shown[0] for value in shown), (name, shown)
    assert policy == "ask" or "title" not in last.conflicts


@pytest.mark.parametrize("policy", ["latest", "prefer b", "ask"])
@settings(max_examples=60, deadline=None)
@given(history=histories, edit=edits)
def test_single_edit_reaches_all(policy: str, history: list[tuple[Any, ...]], edit: tuple[Any, ...]) -> None:
    desk = fresh(world(3, policy))
    play(desk, history)
    held = desk.settled().conflicts
    play(desk, [edit])
    intended = plan(desk.mapping, desk.known, desk.members, NOBODY).seen[list(desk.mapping.sides)[edit[1] % 3]]
    name = "status" if edit[2] == "state" else edit[2]
    last = desk.settled()
    assert name in held or all(values[name] == intended[name] for values in last.seen.values())


@pytest.mark.parametrize(("policy", "editors"), [("latest", "abcd"), ("prefer b", "abcd"), ("ask", "a")])
@settings(max_examples=40, deadline=None)
@given(crash=st.integers(0, 3), editor=st.integers(0, 3))
def test_edit_during_outage_wins(policy: str, editors: str, crash: int, editor: int) -> None:
    desk = fresh(world(4, policy))
    desk.edit("a", "title", "first")
    desk.sync(writes_until_crash=crash)
    reached = [side for side in editors if desk.members[side].fields["title"] == "first"]
    desk.edit(reached[editor % len(reached)], "title", "during the outage")
    last = desk.settled()
    assert {shown["title"] for shown in last.seen.values()} == {"during the outage"}


@settings(max_examples=60, deadline=None)
@given(history=histories)
def test_statuses_are_not_rewritten(history: list[tuple[Any, ...]]) -> None:
    desk = fresh(world(3, "latest"))
    play(desk, history)
    desk.settled()
    before = {side: member.fields["state"] for side, member in desk.members.items()}
    desk.edit("a", "title", "another")
    desk.settled()
    assert {side: member.fields["state"] for side, member in desk.members.items()} == before
