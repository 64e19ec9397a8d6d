"""Which comments are copied, edited, removed or recognised, as a table; and that repeating comes to rest."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.model import Flow
from workflows.store.remarks import Row
from workflows.sync.reconcile import Step, Thing, reconcile

NOW, SETTLE = 100.0, {"a": 10.0, "b": 10.0, "c": 10.0}
BOTH, ONE_WAY = Flow(), Flow(sources=("a",), targets=("b",))
X = Thing("1", "x", "url-1")
COPY = Thing("9", "x-copied", "url-9", copy_of="url-1")


def row(digest: str = "x", external_id: str | None = "9", attempted_at: float | None = None) -> Row:
    return Row("a", "1", "b", digest, external_id, attempted_at, "url-1")


@dataclass(frozen=True)
class Case:
    a: tuple[Thing, ...] = ()
    b: tuple[Thing, ...] = ()
    rows: tuple[Row, ...] = ()
    expect: tuple[tuple[str, Row], ...] = ()
    flow: Flow = BOTH


CASES = {
    "a new one is copied": Case((X,), (), (), (("copy", row("x", None, NOW)),)),
    "a known one is left": Case((X,), (COPY,), (row(),)),
    "an edited one is edited": Case((replace(X, digest="y"),), (COPY,), (row(),), (("edit", row("y")),)),
    "a deleted one is removed": Case((), (COPY,), (row(),), (("remove", row()),)),
    "an edited copy is left": Case((X,), (replace(COPY, digest="other"),), (row(),)),
    "a deleted copy stays deleted": Case((X,), (), (row(),)),
    "a copy without a row may be of an older text": Case((X,), (COPY,), (), (("edit", row()),)),
    "a copy of an older text is edited": Case(
        (replace(X, digest="y"),), (COPY,), (row("x", None, NOW - 5),), (("edit", row("y")),)
    ),
    "a copy that was tried with two texts is not sure": Case(
        (replace(X, digest="y"),), (), (row("x", None, NOW - 11),), (("copy", row("", None, NOW)),)
    ),
    "a copy that arrived without its original goes": Case(
        (), (COPY,), (row("x", None, NOW - 5),), (("remove", row("x", "9", NOW - 5)),)
    ),
    "a copy that may come without its original is awaited": Case(
        (), (), (row("x", None, NOW - 5),), (("wait", row("x", None, NOW - 5)),)
    ),
    "a person's own file stays": Case(
        (), (replace(COPY, own=False),), (row("x", None, NOW - 11),), (("remove", row("x", None, NOW - 11)),)
    ),
    "a copy whose original is gone is left": Case((), (COPY,), ()),
    "a recent attempt is awaited": Case((X,), (), (row("x", None, NOW - 5),), (("wait", row("x", None, NOW - 5)),)),
    "an old attempt is repeated": Case((X,), (), (row("x", None, NOW - 11),), (("copy", row("x", None, NOW)),)),
    "an attempt that arrived is recognised": Case((X,), (COPY,), (row("x", None, NOW - 5),), (("adopt", row()),)),
    "a refused one is not tried again": Case((X,), (), (row("x", None, None),)),
    "a refused one is tried once edited": Case(
        (replace(X, digest="y"),), (), (row("x", None, None),), (("copy", row("", None, NOW)),)
    ),
    "a flow goes one way": Case((), (X,), (), (), ONE_WAY),
    "a flow goes its way": Case((X,), (), (), (("copy", row("x", None, NOW)),), ONE_WAY),
    "nothing flows": Case((X,), (), (), (), Flow(sources=(), targets=())),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_steps_follow_the_table(case: Case) -> None:
    steps = reconcile(case.flow, {"a": case.a, "b": case.b}, case.rows, NOW, SETTLE)
    assert steps == [Step(do, told) for do, told in case.expect]  # type: ignore[arg-type]


def test_side_that_was_not_listed_waits() -> None:
    assert reconcile(BOTH, {"b": [COPY]}, [row()], NOW, SETTLE) == []


def test_same_file_is_paired_once() -> None:
    twins = [Thing(id_, "f/1", "f/1", "f/1") for id_ in ("1", "2")]
    steps = reconcile(BOTH, {"a": twins, "b": [Thing("9", "f/1", "f/1", "f/1")]}, [], NOW, SETTLE)
    assert [(step.do, step.row.origin_id) for step in steps] == [("adopt", "1"), ("copy", "2")]


def carried_out(listed: dict[str, list[Thing]], steps: list[Step]) -> list[Row]:
    """The vendors and the store after the steps."""
    rows = []
    for step in steps:
        told = step.row
        if step.do == "copy":
            [original] = [thing for thing in listed[told.origin_side] if thing.id == told.origin_id]
            copy = Thing(f"{told.side}-{len(listed[told.side]) + 1}", "copied", f"url-{told}", original.mark)
            listed[told.side].append(copy)
            told = replace(told, external_id=copy.id, attempted_at=None)
        rows.append(told)
    return rows


@given(st.dictionaries(st.sampled_from("abc"), st.sets(st.integers(1, 4), max_size=4), min_size=2))
def test_second_look_does_nothing(written: dict[str, set[int]]) -> None:
    listed = {
        side: [Thing(f"{side}{number}", "x", f"{side}/{number}") for number in sorted(numbers)]
        for side, numbers in written.items()
    }
    total = sum(map(len, listed.values()))
    rows = carried_out(listed, reconcile(BOTH, listed, [], NOW, SETTLE))
    assert reconcile(BOTH, listed, rows, NOW, SETTLE) == []
    assert reconcile(BOTH, listed, [], NOW, SETTLE) == [Step("edit", told) for told in rows] or not rows
    assert {len(things) for things in listed.values()} == {total}
