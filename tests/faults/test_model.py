"""The model: what it accepts, and that it sees each kind of fault when it is shown one."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.faults.model import COMMENTS, RECORD, Edit, Policy, Record, Rules, Said, Value, allowed, judge, last

FIELDS = {
    "title": Policy("latest"),
    "due": Policy("prefer", side="a"),
    "status": Policy("latest", once=False),
    "labels": Policy("union"),
    "details": Policy("merge"),
}
RULES = Rules(("a", "b", "c"), FIELDS, {"a": "delete", "b": "unlink", "c": "unlink"})
BAD_CLOCKS = replace(RULES, good_clocks=False)


def edit(side: str, name: str, value: Value, saw: Value = None, at: float = 100.0, *, first: bool = False) -> Edit:
    return Edit(1, side, name, value, saw, at, "ana", first)


def made(*edits: Edit) -> list[Edit]:
    return [edit("a", RECORD, True, first=True), edit("a", "title", "T0", at=0, first=True), *edits]


def record(title: Value = "T0", *comments: Said, **fields: Value) -> Record:
    return Record("1", {"title": title, **fields}, comments)


def kinds(
    history: Sequence[Edit], *records: Record | None, rules: Rules = RULES, told: Sequence[str] = ()
) -> list[tuple[str, str]]:
    """Kind and field of what is wrong; None for a side without a record, one record for all sides alike."""
    shown = records * 3 if len(records) == 1 else records
    there = {side: [one] if one else [] for side, one in zip("abc", shown, strict=True)}
    owners: dict[Value, int] = {"T9": 9, **{one.value: 1 for one in history if isinstance(one.value, str)}}
    return sorted({(found.kind, found.field) for found in judge(rules, history, there, owners, told)})


@pytest.mark.parametrize(
    ("edits", "final"),
    [
        ([edit("a", "title", "A"), edit("a", "title", "B", "A")], {"B"}),
        ([edit("a", "title", "A"), edit("b", "title", "B", "A")], {"B"}),
        ([edit("a", "title", "A", "T0"), edit("b", "title", "B", "T0")], {"A", "B"}),
        ([edit("a", "title", "A", "T0"), edit("b", "title", "B", "T0"), edit("c", "title", "C", "A")], {"B", "C"}),
        ([edit("a", "title", "A"), edit("b", "title", "B", "A"), edit("c", "title", "C", "B")], {"C"}),
        ([edit("a", "title", "A"), edit("b", "title", "B"), edit("a", "title", "C", "A")], {"B", "C"}),
        ([edit("a", "title", "T0", first=True), edit("b", "title", "B", "other")], {"B"}),
    ],
    ids=["same side", "answered", "at once", "one answered", "chain", "side goes on", "made first"],
)
def test_last_edits_are_told(edits: list[Edit], final: set[Value]) -> None:
    assert {one.value for one in last(edits)} == final


def test_repeated_value_answers_nobody() -> None:
    edits = [edit("a", "status", "x"), edit("b", "status", "x"), edit("c", "status", "y", "x")]
    assert {one.value for one in last(edits, once=False)} == {"x", "y"}


@pytest.mark.parametrize(
    ("rules", "name", "edits", "may"),
    [
        (RULES, "title", [edit("a", "title", "A", at=10), edit("b", "title", "B", at=20)], {"B"}),
        (RULES, "title", [edit("a", "title", "A", at=10), edit("b", "title", "B", at=11)], {"A", "B"}),
        (BAD_CLOCKS, "title", [edit("a", "title", "A", at=10), edit("b", "title", "B", at=20)], {"A", "B"}),
        (RULES, "due", [edit("a", "due", "A", at=10), edit("b", "due", "B", at=20)], {"A"}),
        (RULES, "due", [edit("a", "due", "A", at=10), edit("b", "due", "B", "A", at=20)], {"B"}),
        (RULES, "due", [edit("c", "due", "C", at=10), edit("b", "due", "B", at=20)], {"B", "C"}),
        (RULES, "status", [edit("a", "status", "A", at=10), edit("b", "status", "B", at=20)], {"A", "B"}),
    ],
    ids=["later", "too close", "bad clocks", "preferred", "preferred was answered", "not preferred", "repeats"],
)
def test_policy_limits_winners(rules: Rules, name: str, edits: list[Edit], may: set[Value]) -> None:
    assert allowed(rules, FIELDS[name], edits) == may


LABELS = made(edit("a", "labels", "x"), edit("b", "labels", "y"), edit("b", "labels", None, "x"))
LINES = made(edit("a", "details", ("1", "2")), edit("b", "details", ("1", "3", "2"), ("1", "2")))
TALK = made(
    edit("a", COMMENTS, "old"),
    edit("a", COMMENTS, "new", "old"),
    edit("b", COMMENTS, "x"),
    edit("b", COMMENTS, None, "x"),
)
SAID = Said("new", "ana")


@pytest.mark.parametrize(
    ("history", "records"),
    [
        (made(edit("b", "title", "B", "T0")), [record("B")]),
        (LABELS, [record(labels=("y",))]),
        (LINES, [record(details=("1", "3", "2"))]),
        (TALK, [record("T0", SAID)]),
        (made(edit("a", RECORD, None, True)), [None]),
        (made(edit("b", RECORD, None, True)), [record(), None, record()]),
    ],
    ids=["edited", "labels", "lines", "comments", "deleted", "unlinked"],
)
def test_right_outcome_is_accepted(history: list[Edit], records: list[Record | None]) -> None:
    assert kinds(history, *records) == []


@pytest.mark.parametrize(
    ("history", "records", "wrong"),
    [
        (made(edit("a", "title", "A", "T0")), [record("T0")], ("lost", "title")),
        (made(edit("a", "title", "A", "T0")), [record("A"), record("A"), record("T0")], ("silent", "title")),
        (made(edit("a", "title", "A", "T0")), [record("what?")], ("silent", "title")),
        (made(), [record("T0"), record("T9"), record("T0")], ("swapped", "title")),
        (made(), [record(), None, record()], ("lost", RECORD)),
        (LABELS, [record(labels=())], ("lost", "labels")),
        (LABELS, [record(labels=("x", "y"))], ("lost", "labels")),
        (LABELS, [record(labels=("y", "y"))], ("doubled", "labels")),
        (LABELS, [record(labels=("y", "z"))], ("silent", "labels")),
        (LINES, [record(details=("1", "2"))], ("lost", "details")),
        (LINES, [record(details=("1", "3", "3", "2"))], ("doubled", "details")),
        (TALK, [record("T0")], ("lost", COMMENTS)),
        (TALK, [record("T0", Said("old", "ana"))], ("lost", COMMENTS)),
        (TALK, [record("T0", SAID, Said("x", "ana"))], ("lost", COMMENTS)),
        (TALK, [record("T0", SAID, SAID)], ("doubled", COMMENTS)),
        (TALK, [record("T0", Said("new", "bo"))], ("swapped", COMMENTS)),
        (TALK, [record("T0", SAID, Said("?", "ana"))], ("silent", COMMENTS)),
        (made(edit("a", RECORD, None, True)), [None, record(), None], ("lost", RECORD)),
        (made(edit("b", RECORD, None, True)), [record("A"), None, record("B")], ("silent", "title")),
    ],
)
def test_wrong_outcome_is_seen(history: list[Edit], records: list[Record | None], wrong: tuple[str, str]) -> None:
    assert wrong in kinds(history, *records)


def test_second_record_is_doubled() -> None:
    shown = {"a": [record()], "b": [record(), record()], "c": [record()]}
    assert [(one.kind, one.field) for one in judge(RULES, made(), shown, {}, [RECORD])] == [("doubled", RECORD)]


@pytest.mark.parametrize(
    ("history", "records", "left"),
    [
        (made(edit("a", "title", "A", "T0")), [record("A"), record("A"), record("T0")], []),
        (made(edit("a", "title", "A", "T0")), [record("T0")], [("lost", "title")]),
        (LINES, [record(details=("1", "2")), record(details=("1", "3", "2")), record(details=("1", "2"))], []),
        (LINES, [record(details=("1", "2"))], [("lost", "details")]),
    ],
    ids=["sides wait", "edit is nowhere", "line is held", "line is nowhere"],
)
def test_being_told_excuses_only_waiting(
    history: list[Edit], records: list[Record | None], left: list[tuple[str, str]]
) -> None:
    assert kinds(history, *records, told=["title", "details"]) == left


def test_named_loss_is_counted_apart() -> None:
    history, shown = made(edit("a", "title", "A", "T0")), {side: [record("T0")] for side in "abc"}
    found = judge(RULES, history, shown, {}, overwritten=["title"])
    assert [one.kind for one in found] == ["overwritten"]
