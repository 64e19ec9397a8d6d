from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import FieldType, Value
from mappings.merge import State, merge
from mappings.model import Conflict
from tests.mappings.worlds import START

ANY = ("latest", "prefer b", "ask")


def states(base: Value, **now: Any) -> dict[str, State]:
    """A side's value, or a tuple of its value and the minute of its edit."""
    pairs = {side: value if isinstance(value, tuple) else (value, 0) for side, value in now.items()}
    return {side: State(value, base, START + timedelta(minutes=minute)) for side, (value, minute) in pairs.items()}


@pytest.mark.parametrize(
    ("title", "policies", "base", "now", "value", "kind", "winner"),
    [
        ("nothing changed", ANY, "x", {"a": "x", "b": "x"}, "x", "same", None),
        ("one side changed", ANY, "x", {"a": "y", "b": "x"}, "y", "taken", "a"),
        ("one side cleared it", ANY, "x", {"a": "x", "b": None}, None, "taken", "b"),
        ("all made one change", ANY, "x", {"a": "y", "b": "y", "d": "x"}, "y", "agreed", None),
        ("first pairing, one null", ANY, None, {"a": None, "b": "y"}, "y", "taken", "b"),
        ("first pairing, all equal", ANY, None, {"a": "y", "b": "y"}, "y", "agreed", None),
        ("later edit wins", ("latest",), "x", {"a": ("y", 1), "b": ("z", 2)}, "z", "resolved", "b"),
        ("tie goes to first", ("latest",), "x", {"a": ("y", 1), "b": ("z", 1)}, "y", "resolved", "a"),
        ("preferred side wins", ("prefer b",), "x", {"a": ("y", 9), "b": ("z", 1)}, "z", "resolved", "b"),
        (
            "preferred did not change",
            ("prefer b",),
            "x",
            {"a": ("y", 1), "b": "x", "d": ("z", 2)},
            "z",
            "resolved",
            "d",
        ),
        ("a person is asked", ("ask",), "x", {"a": "y", "b": "z", "d": "x"}, "x", "conflict", None),
    ],
)
def test_text_is_merged(
    title: str, policies: tuple[str, ...], base: Value, now: Any, value: Value, kind: str, winner: str | None
) -> None:
    for policy in policies:
        verdict = merge(FieldType.TEXT, Conflict.model_validate(policy), base, states(base, **now))
        assert (verdict.value, verdict.kind, verdict.winner) == (value, kind, winner), (title, policy)


@pytest.mark.parametrize(
    ("base", "now", "value", "kind"),
    [
        (["x"], {"a": ["x", "y"], "b": ["x"]}, ["x", "y"], "taken"),
        (["x"], {"a": ["x", "y"], "b": ["x", "z"]}, ["x", "y", "z"], "joined"),
        (["x", "y"], {"a": ["x"], "b": ["x", "y", "z"]}, ["x", "z"], "joined"),
        (["x"], {"a": None, "b": ["x"]}, None, "taken"),
        (None, {"a": ["y"], "b": ["z"]}, ["y", "z"], "joined"),
        (None, {"a": ["z", "y"], "b": ["z", "y"], "d": None}, ["y", "z"], "joined"),
        (["x"], {"a": ["x", "q"], "b": None, "d": ["x", "r"]}, ["q", "r"], "joined"),
    ],
)
def test_lists_are_joined(base: Value, now: Any, value: Value, kind: str) -> None:
    verdict = merge(FieldType.OPTIONS, Conflict(policy="union"), base, states(base, **now))
    assert (verdict.value, verdict.kind) == (value, kind)


@pytest.mark.parametrize(
    ("base", "now", "value", "kind"),
    [
        ("1\n2\n3", {"a": "one\n2\n3", "b": "1\n2\nthree"}, "one\n2\nthree", "joined"),
        ("1\n2\n3", {"a": "one\n2\n3", "b": "uno\n2\n3"}, "1\n2\n3", "conflict"),
        ("1\n2\n3\n4\n5", {"a": "1!\n2\n3\n4\n5", "b": "1\n2\n3!\n4\n5", "d": "1\n2\n3\n4"}, "1!\n2\n3!\n4", "joined"),
        ("1\n2", {"a": None, "b": "1\n2\n3"}, "1\n2", "conflict"),
        (None, {"a": "1", "b": "2"}, None, "conflict"),
    ],
)
def test_lines_are_joined(base: Value, now: Any, value: Value, kind: str) -> None:
    verdict = merge(FieldType.TEXT, Conflict(policy="merge"), base, states(base, **now))
    assert (verdict.value, verdict.kind) == (value, kind)


def test_silent_side_never_wins() -> None:
    sides = states("x", a="x", b=("y", 9))
    sides["b"] = State("y", "x", sides["b"].edited, reads=False)
    assert merge(FieldType.TEXT, Conflict(policy="latest"), "x", sides).kind == "same"


def test_missing_time_is_oldest() -> None:
    sides = {"a": State("y", "x", None), "b": State("z", "x", START)}
    verdict = merge(FieldType.TEXT, Conflict(policy="latest"), "x", sides)
    assert (verdict.winner, verdict.overruled) == ("b", ("a",))
    assert verdict.reason == "a and b changed it; b was edited last, 2026-01-01T00:00:00Z"
