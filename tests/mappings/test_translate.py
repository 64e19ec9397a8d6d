from typing import Any

import pytest

from connectors.contract import Value
from mappings.errors import Untranslatable
from mappings.model import Person
from mappings.people import People
from mappings.translate import Peers, matches, read, screens, write
from tests.mappings.worlds import NOBODY, bound, everywhere, record

STATES = {
    "todo": {"a": ["New", "Triage"], "b": "New"},
    "doing": {"a": ["Doing", "Review"], "b": "Doing"},
    "done": {"a": "Closed", "b": "Closed"},
}
STATUS = bound({"status": everywhere("state", values=STATES)})
ADA = People([Person(name="Ada", emails=("ada@x.example",), identities={"c-a": "7"})])
PEERS = Peers(ADA, {"c-a:task:9": "L9"}, {("L9", "b"): "c-b:task:90"})


@pytest.mark.parametrize(
    ("binding", "native", "canonical"),
    [
        ("title", "x", "x"),
        ("title", None, None),
        ({"field": "points", "get": "value * 2.0", "put": "value / 2.0"}, 3, 6),
        ({"field": "points", "get": "value * 2.0", "put": "value / 2.0"}, None, None),
        ({"field": "due", "get": "value", "put": "value"}, "2026-01-02", "2026-01-02"),
        ({"field": "title", "get": "record.fields.Title + '!'", "put": "value"}, "x", "x!"),
        ({"get": '"no " + record.id', "type": "text"}, None, "no 1"),
    ],
)
def test_value_is_read(binding: Any, native: Value, canonical: Value) -> None:
    mapping = bound({"f": {"a": binding, "flow": "none"}})
    key = binding if isinstance(binding, str) else binding.get("field", "title")
    assert read(mapping, "a", record("a", {key: native}), NOBODY).values == {"f": canonical}


@pytest.mark.parametrize(
    ("value", "current", "native"),
    [
        ("doing", None, "Doing"),
        ("doing", "Review", "Review"),
        ("doing", "Triage", "Doing"),
        ("done", "Unheard of", "Closed"),
        (None, "Review", None),
    ],
)
def test_status_is_written(value: Value, current: Value, native: Value) -> None:
    member = record("a", {"state": current}) if current else None
    assert write(STATUS, "a", "status", value, member, NOBODY) == ("state", native)


def test_native_that_says_so_stays() -> None:
    mapping = bound({"title": {"a": {"field": "title", "get": "value.lowerAscii()", "put": "value"}, "b": "title"}})
    assert write(mapping, "a", "title", "abc", record("a", {"title": "ABC"}), NOBODY) == ("title", "ABC")
    assert write(mapping, "a", "title", "abd", record("a", {"title": "ABC"}), NOBODY) == ("title", "abd")


def test_many_values_keep_natives() -> None:
    table = {"ours": {"a": ["x", "y"], "b": "o"}, "theirs": {"a": "z", "b": "t"}}
    mapping = bound({"labels": everywhere("labels", values=table)})
    member = record("a", {"labels": ["y", "z"]})
    assert read(mapping, "a", member, NOBODY).values == {"labels": ["ours", "theirs"]}
    assert write(mapping, "a", "labels", ["ours"], member, NOBODY) == ("labels", ["y"])


@pytest.mark.parametrize(
    ("fields", "native", "reason"),
    [
        ({"s": everywhere("state", values=STATES)}, {"state": "Odd"}, "'Odd' on a is in no row of the values of s"),
        ({"o": everywhere("owner")}, {"owner": "@8"}, "account @8 of c-a shows no email; add it to people.yaml"),
        ({"p": everywhere("parent")}, {"parent": "c-a:task:5"}, "c-a:task:5 is not in step yet"),
        ({"n": everywhere("points")}, {"points": "five"}, "expected a number"),
    ],
)
def test_failed_reading_has_reason(fields: Any, native: Any, reason: str) -> None:
    reading = read(bound(fields), "a", record("a", native), PEERS)
    assert reading.values == {}
    assert reason in next(iter(reading.failed.values()))


@pytest.mark.parametrize(
    ("fields", "side", "value", "reason"),
    [
        ({"f": everywhere("state", values=STATES)}, "a", "gone", "no row 'gone' for a"),
        ({"f": everywhere("parent")}, "a", "L9", "c-a:task:9 is not in step yet: it has no record on a"),
        ({"f": {"a": {"get": "record.id"}, "b": "title", "flow": "a -> b"}}, "a", "x", "read-only"),
        ({"f": everywhere("title")}, "a", "x" * 41, "41 characters, and Title holds 40"),
        ({"f": {"a": {"field": "points", "get": "value", "put": "value + 'x'"}}}, "a", 2, "cannot be told to a"),
    ],
)
def test_untranslatable_has_reason(fields: Any, side: str, value: Value, reason: str) -> None:
    with pytest.raises(Untranslatable, match=reason):
        write(bound(fields), side, "f", value, None, PEERS)


def test_people_cross_by_email() -> None:
    mapping = bound({"owner": everywhere("owner")})
    assert read(mapping, "a", record("a", {"owner": "@7"}), PEERS).values == {"owner": "ada@x.example"}
    assert write(mapping, "a", "owner", "ada@x.example", None, PEERS) == ("owner", "@7")
    assert write(mapping, "b", "owner", "ada@x.example", None, PEERS) == ("owner", "ada@x.example")


def test_records_cross_by_link() -> None:
    mapping = bound({"parent": everywhere("parent")})
    reading = read(mapping, "a", record("a", {"parent": "c-a:task:9"}), PEERS)
    assert reading.values == {"parent": "L9"}
    assert write(mapping, "b", "parent", "L9", None, PEERS) == ("parent", "c-b:task:90")


@pytest.mark.parametrize(("where", "taken"), [("record.fields.Title != 'x'", False), ("record.object == 'task'", True)])
def test_where_takes_records(where: str, taken: bool) -> None:
    mapping = bound({"title": everywhere("title")}, side={"a": {"where": where}})
    assert matches(mapping, "a", record("a", {"title": "x"}), NOBODY) is taken
    assert matches(mapping, "b", record("b", {}), NOBODY) is True


@pytest.mark.parametrize("where", ["record.fields.points > 3.0", "record.id"])
def test_failing_where_is_told(where: str) -> None:
    mapping = bound({"title": everywhere("title")}, side={"a": {"where": where}})
    with pytest.raises(Untranslatable, match="`where` of a"):
        matches(mapping, "a", record("a", {"points": None}), NOBODY)


def test_screens_are_evaluated() -> None:
    screen = {"Closed": {"Notes": "=record.id + '!'", "Labels": ["x"], "points": 2}}
    mapping = bound({"s": {"a": {"field": "state", "screen": screen}, "b": "state"}})
    assert screens(mapping, "a", record("a", {})) == {"Closed": {"notes": "1!", "labels": ["x"], "points": 2}}
