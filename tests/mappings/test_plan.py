from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Edit, Fields, Record
from mappings.bind import BoundMapping
from mappings.plan import Announced, Known, Plan, SideWrite, pair_key, plan, settle
from tests.mappings.worlds import NOBODY, START, bound, everywhere, record, records

STATES = {"todo": {"a": ["New", "Triage"], "b": "New"}, "doing": {"a": ["Doing", "Review"], "b": "Doing"}}
MAPPING = bound(
    {
        "title": everywhere("title"),
        "points": everywhere("points", conflict="ask"),
        "status": everywhere("state", values=STATES),
        "labels": everywhere("labels", conflict="union"),
    },
    match=["title"],
)
BASE: dict[str, Any] = {"title": "T", "points": 1, "status": "todo", "labels": ["x"]}
AGREED: dict[str, Any] = {"title": "T", "points": 1, "state": "New", "labels": ["x"]}


def told(side_writes: Mapping[str, SideWrite]) -> Announced:
    """What was announced when all of these were."""
    return {
        side: {name: [value] for name, value in side_write.canonical.items()}
        for side, side_write in side_writes.items()
    }


def writes(result: Plan) -> dict[str, Fields]:
    return {side: dict(side_write.fields) for side, side_write in result.writes.items()}


def done(members: dict[str, Record], result: Plan, refuse: tuple[str, ...] = ()) -> dict[str, Record]:
    """The records once the plan is carried out, except for the fields refused."""
    after = dict(members)
    for side, side_write in {**result.writes, **result.creates}.items():
        kept = {key: value for key, value in side_write.fields.items() if key not in refuse}
        before = members.get(side) or record(side, {})
        after[side] = replace(before, fields={**before.fields, **kept})
    return after


def later(mapping: BoundMapping, members: dict[str, Record], result: Plan, known: Known | None) -> Plan:
    return plan(mapping, settle(mapping, result, known, members, NOBODY), members, NOBODY)


@pytest.mark.parametrize(
    ("title", "a", "b", "expected", "conflicts"),
    [
        ("in step", {}, {}, {}, ()),
        ("one edit each", {"title": "A"}, {"state": "Doing"}, {"a": {"state": "Doing"}, "b": {"title": "A"}}, ()),
        ("same meaning is kept", {"state": "Triage"}, {}, {}, ()),
        ("later edit wins", {"title": "A"}, {"title": "B"}, {"a": {"title": "B"}}, ()),
        ("asked field is held", {"points": 2, "title": "A"}, {"points": 3}, {"b": {"title": "A"}}, ("points",)),
        ("one edit is no conflict", {"points": 2}, {}, {"b": {"points": 2}}, ()),
        ("cleared on one side", {"points": None}, {}, {"b": {"points": None}}, ()),
        ("lists are joined", {"labels": ["x", "y"]}, {"labels": None}, {side: {"labels": ["y"]} for side in "ab"}, ()),
    ],
)
def test_writes_follow_edits(title: str, a: Any, b: Any, expected: Any, conflicts: tuple[str, ...]) -> None:
    members = records({"a": {**AGREED, **a}, "b": {**AGREED, **b}}, {"b": 1})
    result = plan(MAPPING, Known(BASE), members, NOBODY)
    assert (writes(result), result.conflicts) == (expected, conflicts), title
    again = later(MAPPING, done(members, result), result, Known(BASE))
    assert (writes(again), again.conflicts) == ({}, conflicts), title


def test_decision_says_what_happened() -> None:
    members = records({"a": {**AGREED, "title": "A"}, "b": AGREED})
    result = plan(MAPPING, Known(BASE), members, NOBODY)
    assert [(made.field, made.before, made.after, made.verdict.winner) for made in result.decisions] == [
        ("title", "T", "A", "a")
    ]
    assert (result.writes["b"].before, result.writes["b"].canonical) == ({"title": "T"}, {"title": "A"})


def test_failed_field_harms_itself() -> None:
    members = records({"a": {**AGREED, "state": "Odd", "title": "A"}, "b": {**AGREED, "state": "Doing"}})
    result = plan(MAPPING, Known(BASE), members, NOBODY)
    assert writes(result) == {"b": {"title": "A"}}
    assert [(trouble.side, trouble.field) for trouble in result.troubles] == [("a", "status")]


def test_stale_unreadable_value_loses() -> None:
    members = records({"a": {**AGREED, "state": "Odd"}, "b": {**AGREED, "state": "Doing"}})
    known = settle(MAPPING, plan(MAPPING, Known(BASE), members, NOBODY), Known(BASE), members, NOBODY)
    members["a"] = record("a", AGREED, minute=9)
    assert writes(plan(MAPPING, known, members, NOBODY)) == {"a": {"state": "Doing"}}


def test_untranslatable_side_is_left() -> None:
    members = records({"a": {**AGREED, "points": 2}, "b": AGREED})
    narrow = {"title": everywhere("title"), "points": {"a": "points", "b": {"field": "points", "put": "value / 0"}}}
    result = plan(bound(narrow), Known(BASE), members, NOBODY)
    assert writes(result) == {}
    assert [(trouble.side, trouble.field) for trouble in result.troubles] == [("b", "points")]


def test_refused_value_never_wins() -> None:
    members = records({"a": AGREED, "b": {**AGREED, "state": "Doing"}})
    result = plan(MAPPING, Known(BASE), members, NOBODY)
    after = {side: replace(member, updated=START + timedelta(9)) for side, member in members.items()}
    known = settle(MAPPING, result, Known(BASE), after, NOBODY)
    assert known.shown == {"a": {"status": "todo"}}
    assert writes(plan(MAPPING, known, after, NOBODY)) == {"a": {"state": "Doing"}}
    assert writes(plan(MAPPING, known, after, NOBODY, retry=False)) == {}


def test_edit_after_refusal_wins() -> None:
    mapping = bound({"title": everywhere("title")})
    members = records({"a": {"title": "old"}, "b": {"title": "new"}})
    known = settle(mapping, plan(mapping, Known({"title": "old"}), members, NOBODY), None, members, NOBODY)
    assert known == Known({"title": "new"}, {"a": {"title": "old"}}, sources={"title": ("b",)})
    members["a"] = record("a", {"title": "newest"}, minute=5)
    assert writes(plan(mapping, known, members, NOBODY)) == {"b": {"title": "newest"}}


def test_late_arrival_is_no_edit() -> None:
    mapping = bound({"title": everywhere("title")})
    known = Known({"title": "new"}, shown={"a": {"title": "old"}})
    members = records({"a": {"title": "new"}, "b": {"title": "newest"}}, {"a": 9})
    assert writes(plan(mapping, known, members, NOBODY)) == {"a": {"title": "newest"}}


def test_edit_behind_plan_is_kept() -> None:
    members = records({"a": {**AGREED, "title": "A"}, "b": AGREED})
    result = plan(MAPPING, Known(BASE), members, NOBODY)
    after = done(members, result)
    after["a"] = record("a", {**AGREED, "title": "A", "points": 8})
    assert writes(later(MAPPING, after, result, Known(BASE))) == {"b": {"points": 8}}


@pytest.mark.parametrize("conflict", ["prefer b", "ask", "latest"])
def test_echo_is_no_edit(conflict: str) -> None:
    mapping = bound({"title": everywhere("title", conflict=conflict)})
    known = Known({"title": "old"}, announced={"b": {"title": ["earlier", "first"]}})
    members = records({"a": {"title": "second"}, "b": {"title": "first"}}, {"b": 9})
    result = plan(mapping, known, members, NOBODY)
    assert (writes(result), result.conflicts) == ({"b": {"title": "second"}}, ())


@pytest.mark.parametrize("field", ["labels", "notes"])
def test_joined_value_survives_crash(field: str) -> None:
    old, one, other, joined = (
        (["x"], ["x", "y"], ["x", "z"], ["x", "y", "z"])
        if field == "labels"
        else ("1\n\n2\n\n3", "one\n\n2\n\n3", "1\n\n2\n\nthree", "one\n\n2\n\nthree")
    )
    mapping = bound({field: everywhere(field, conflict="union" if field == "labels" else "merge")})
    members = records({"a": {field: one}, "b": {field: other}})
    result = plan(mapping, Known({field: old}), members, NOBODY)
    assert result.base == {field: joined}
    known = replace(settle(mapping, result, Known({field: old}), members, NOBODY), announced=told(result.writes))
    members["a"] = record("a", {field: joined})
    assert writes(plan(mapping, known, members, NOBODY)) == {"b": {field: joined}}


@pytest.mark.parametrize(
    ("conflict", "minute", "agreed", "held"),
    [("prefer a", 9, "new", ()), ("prefer c", 0, "own", ()), ("latest", 9, "own", ()), ("ask", 9, "new", ("title",))],
)
def test_edit_beside_the_base(conflict: str, minute: int, agreed: str, held: tuple[str, ...]) -> None:
    """Somebody on c edits before c was told what a and b agreed on already."""
    mapping = bound({"title": everywhere("title", "a b c", conflict=conflict)}, "a b c")
    members = records({"a": {"title": "new"}, "b": {"title": "new"}, "c": {"title": "own"}}, {"c": minute})
    known = Known({"title": "new"}, {"c": {"title": "old"}}, {"c": {"title": []}}, {"title": ["a"]})
    result = plan(mapping, known, members, NOBODY)
    assert (result.base, result.conflicts) == ({"title": agreed}, held)
    assert held or result.writes.keys() == ({"c"} if agreed == "new" else {"a", "b"})


def test_one_way_is_restored() -> None:
    mapping = bound({"title": everywhere("title", flow="a -> b")})
    members = records({"a": {"title": "T"}, "b": {"title": "mine"}}, {"b": 9})
    assert writes(plan(mapping, Known({"title": "T"}), members, NOBODY)) == {"b": {"title": "T"}}


def test_unread_source_changes_nothing() -> None:
    mapping = bound({"status": everywhere("state", values=STATES, flow="a -> b")})
    members = records({"a": {"state": "Odd"}, "b": {"state": "Doing"}})
    result = plan(mapping, None, members, NOBODY)
    assert (writes(result), result.base) == ({}, {"status": None})


@pytest.mark.parametrize("lossy", [True, False])
def test_loss_stays_put(lossy: bool) -> None:
    cut = {"field": "points", "get": "value", "put": "double(int(value))"}
    mapping = bound({"points": {"a": "points", "b": cut, "lossy": lossy}})
    members = records({"a": {"points": 2.5}, "b": {"points": 1}})
    result = plan(mapping, Known({"points": 1}), members, NOBODY)
    assert result.writes["b"].canonical == {"points": 2}
    after = done(members, result)
    again = later(mapping, after, result, Known({"points": 1}))
    assert (writes(again), again.base) == ({}, {"points": 2.5})


def test_creation_fills_and_joins() -> None:
    side = {"b": {"create": {"labels": ["launch"], "title": "?", "points": 5}}}
    mapping = bound({"title": everywhere("title"), "labels": everywhere("labels"), "n": everywhere("notes")}, side=side)
    members = records({"a": {"title": "T", "labels": ["x"]}})
    result = plan(mapping, None, members, NOBODY, missing=["b"])
    assert result.creates["b"].fields == {"title": "T", "labels": ["launch", "x"], "points": 5}
    after = done(members, result)
    assert writes(later(mapping, after, result, None)) == {"a": {"labels": ["launch", "x"]}}


def test_created_default_survives_crash() -> None:
    mapping = bound({"labels": everywhere("labels", conflict="union")}, side={"b": {"create": {"labels": ["launch"]}}})
    members = records({"a": {"labels": ["x"]}})
    result = plan(mapping, None, members, NOBODY, missing=["b"])
    known = replace(settle(mapping, result, None, members, NOBODY), announced=told(result.creates))
    assert writes(plan(mapping, known, done(members, result), NOBODY)) == {"a": {"labels": ["launch", "x"]}}


def test_default_behind_failure_loses() -> None:
    narrow = {"a": "points", "b": {"field": "points", "get": "value", "put": "value / 0.0 > 1.0 ? 'x' : 'y'"}}
    mapping = bound({"points": narrow})
    members = records({"a": {"points": 3}})
    result = plan(mapping, None, members, NOBODY, missing=["b"])
    assert [trouble.side for trouble in result.troubles] == ["b"]
    after = {**members, "b": record("b", {"points": 1}, minute=9)}
    assert later(mapping, after, result, None).base == {"points": 3}


def test_forbidden_creation_is_told() -> None:
    mapping = bound({"title": everywhere("title")}, side={"b": {"create": False}})
    result = plan(mapping, None, records({"a": {"title": "T"}}), NOBODY, missing=["b"])
    assert (result.creates["b"].fields, result.troubles[0].side) == ({}, "b")


def test_exact_times_are_wanted() -> None:
    members = records({"a": {**AGREED, "title": "A"}, "b": {**AGREED, "title": "B"}}, {"a": 9})
    wanting = plan(MAPPING, Known(BASE), members, NOBODY)
    assert wanting.wants_edits == {"a": frozenset({"title"}), "b": frozenset({"title"})}
    edits = {("a", "title"): Edit(START), ("b", "title"): Edit(START + timedelta(minutes=1))}
    result = plan(MAPPING, Known(BASE), members, NOBODY, edits=edits)
    assert (writes(result), result.wants_edits) == ({"a": {"title": "B"}}, {})


def test_absent_member_loses_nothing() -> None:
    mapping = bound({"title": everywhere("title", "a b d")}, "a b d")
    members = records({"a": {"title": "new"}, "b": {"title": "T"}})
    result = plan(mapping, Known({"title": "T"}), members, NOBODY)
    known = settle(mapping, result, Known({"title": "T"}), done(members, result), NOBODY)
    whole = {**done(members, result), "d": record("d", {"title": "T"}, minute=99)}
    assert writes(plan(mapping, known, whole, NOBODY)) == {"d": {"title": "new"}}


@pytest.mark.parametrize(
    ("title", "key"), [("  Launch   PAGE ", ("launch page",)), ("Straße", ("strasse",)), (None, None)]
)
def test_pair_key_is_normal(title: str | None, key: tuple[str, ...] | None) -> None:
    assert pair_key(MAPPING, "a", record("a", {"title": title}), NOBODY) == key


def test_pair_key_needs_match() -> None:
    assert pair_key(bound({"title": everywhere("title")}), "a", record("a", {"title": "x"}), NOBODY) is None
