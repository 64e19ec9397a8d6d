from typing import Any

import pytest

from connectors.contract import FieldType, ObjectType
from mappings.bind import BIND_CODES, BindError, bind
from tests.mappings.worlds import TASK, bound, everywhere, sync

TITLE = {"title": everywhere("title")}


@pytest.mark.parametrize(
    ("fields", "rest", "code", "path", "message"),
    [
        ({"t": {"a": "title", "b": "titel"}}, {}, "M202", ("fields", "t", "b", "field"), "did you mean 'Title'"),
        ({"t": {"a": "title", "q": "title"}}, {}, "M201", ("fields", "t", "q"), "'q' is no side"),
        ({"t": {"a": "title", "b": "points"}}, {}, "M203", ("fields", "t"), "a is text, b is number"),
        ({"t": everywhere("points", type="text")}, {}, "M203", ("fields", "t"), "`type` is text"),
        ({"t": everywhere("title", conflict="union")}, {}, "M205", ("fields", "t", "conflict"), "t is text"),
        (TITLE, {"conflict": "merge", "match": ["titl"]}, "M209", ("match", 0), "did you mean 'title'"),
        ({"o": everywhere("owner")}, {"conflict": "union"}, "M205", ("conflict",), "o is user"),
        ({"t": everywhere("title", conflict="prefer z")}, {}, "M201", ("fields", "t", "conflict"), "'z' is no side"),
        ({"t": everywhere("title", flow="a -> z")}, {}, "M201", ("fields", "t", "flow"), "'z' is no side"),
        (TITLE, {"sides": "a b d", "comments": "a -> z"}, "M201", ("comments",), "'z' is no side"),
        ({"k": everywhere("key")}, {}, "M207", ("fields", "k", "a"), "Key is read-only"),
        ({"t": {"a": {"get": '"x"'}, "b": "title"}}, {}, "M207", ("fields", "t", "a"), "has only `get`"),
        ({"t": {"a": {"field": "title", "get": "valu", "put": "value"}, "b": "title"}}, {}, "M208", None, "'valu'"),
        ({"p": everywhere("parent")}, {"side": {"b": {"connection": "c-a"}}}, "M211", None, "connections of their own"),
        ({"t": everywhere("title"), "u": everywhere("Title")}, {}, "M212", ("fields", "u", "a"), "t and u both write"),
        (TITLE, {"side": {"a": {"where": "value == null"}}}, "M208", ("sides", "a", "where"), "'value'"),
        (TITLE, {"side": {"a": {"where": "record.fields.TITLE == ''"}}}, "M202", None, "Case counts"),
        (TITLE, {"side": {"a": {"create": {"state": "Nww"}}}}, "M204", ("sides", "a", "create", "state"), "'New'"),
        (TITLE, {"side": {"a": {"create": {"due": "soon"}}}}, "M203", ("sides", "a", "create", "due"), "YYYY-MM-DD"),
        (TITLE, {"tests": [{"name": "x", "given": {"z": {}}}]}, "M201", ("tests", 0, "given", "z"), "no side"),
        (TITLE, {"tests": [{"name": "x", "given": {}, "base": {"z": 1}}]}, "M209", ("tests", 0, "base", "z"), "'z'"),
    ],
)
def test_fault_is_told(fields: Any, rest: dict[str, Any], code: str, path: Any, message: str) -> None:
    with pytest.raises(BindError) as caught:
        bound(fields, **rest)
    found = [problem for problem in caught.value.problems if problem.code == code]
    assert found, caught.value.problems
    assert message in found[0].message
    assert path in (None, found[0].path)


@pytest.mark.parametrize(
    ("values", "code", "path", "message"),
    [
        ({"x": {"a": "New"}}, "M206", ("fields", "s", "values", "x"), "says nothing for b"),
        ({"x": {"a": "New", "b": "New"}, "y": {"a": ["Doing", "New"], "b": "Doing"}}, "M206", None, "rows x and y"),
        ({"x": {"a": ["New", "Doin"], "b": "New"}}, "M204", ("fields", "s", "values", "x", "a", 1), "'Doing'"),
        ({"x": {"a": "New", "b": "New", "z": "New"}}, "M201", ("fields", "s", "values", "x", "z"), "no side"),
    ],
)
def test_table_fault_is_told(values: Any, code: str, path: Any, message: str) -> None:
    with pytest.raises(BindError) as caught:
        bound({"s": everywhere("state", values=values)})
    found = [problem for problem in caught.value.problems if problem.code == code and problem.severity == "error"]
    assert message in found[0].message
    assert path in (None, found[0].path)


def test_all_faults_at_once() -> None:
    with pytest.raises(BindError) as caught:
        bound({"t": {"a": "titel", "b": "title"}, "k": everywhere("key")}, match=["x"])
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["M209", "M202", "M207", "M207"]
    assert set(codes) <= BIND_CODES.keys()


def test_uncovered_option_is_warned() -> None:
    mapping = sync({"s": everywhere("state", values={"x": {"a": ["New", "Triage"], "b": "New"}})})
    _, warnings = bind(mapping, dict.fromkeys("ab", TASK))
    assert [warning.severity for warning in warnings] == ["warning", "warning"]
    assert "'Doing', 'Review', 'Closed' of a" in warnings[0].message


@pytest.mark.parametrize(
    ("fields", "type_"),
    [
        (everywhere("title"), FieldType.TEXT),
        ({"a": "title", "b": "state"}, FieldType.TEXT),
        (everywhere("state"), FieldType.OPTION),
        (everywhere("state", values={"x": {"a": "New", "b": "New"}}), FieldType.OPTION),
        ({"a": {"get": "record.id"}, "b": "notes", "flow": "a -> b"}, FieldType.RICH_TEXT),
        ({"a": {"field": "due", "get": "value", "put": "value", "type": "text"}, "b": "title"}, FieldType.TEXT),
        ({"a": {"field": "title", "type": "url"}, "b": {"field": "title", "type": "url"}}, FieldType.URL),
    ],
)
def test_type_is_agreed(fields: Any, type_: FieldType) -> None:
    assert bound({"f": fields}).fields["f"].type == type_


def test_custom_field_is_warned() -> None:
    partial = ObjectType("task", TASK.fields, complete=False)
    mapping = sync({"effort": {"a": "Effort", "b": "points"}})
    result, warnings = bind(mapping, dict.fromkeys("ab", partial))
    assert [(warning.code, warning.severity) for warning in warnings] == [("M210", "warning")]
    field = result.fields["effort"].bindings["a"].field
    assert field is not None
    assert (field.key, field.type) == ("Effort", FieldType.NUMBER)


def test_near_name_is_error() -> None:
    partial = ObjectType("task", TASK.fields, complete=False)
    with pytest.raises(BindError, match="did you mean 'Due Date'"):
        bind(sync({"due": {"a": "DueDates", "b": "due"}}), dict.fromkeys("ab", partial))


def test_keys_hold_everything_used() -> None:
    side = {"a": {"where": 'record.fields.due != null && record.fields["Story Points"] > 1.0'}}
    screen = {"a": {"field": "State", "screen": {"Closed": {"Notes": "=record.fields.owner"}}}, "b": "state"}
    result = bound({"title": everywhere("Title"), "s": screen}, side=side)
    assert result.sides["a"].keys == {"title", "state", "due", "points", "notes", "owner"}
    assert result.sides["b"].keys == {"title", "state"}


def test_create_keys_are_resolved() -> None:
    side = {"a": {"create": {"Labels": ["x"], "Story Points": 3}}, "b": {"create": False}}
    result = bound(TITLE, side=side)
    assert result.sides["a"].create == {"labels": ["x"], "points": 3}
    assert result.sides["b"].create is None
