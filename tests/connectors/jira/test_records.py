"""Issues as records, from values as recorded and from odd ones."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.contract import FieldType, Value
from connectors.jira.connector import JiraConnector
from connectors.jira.dialect import CLOUD, DATA_CENTER
from connectors.jira.fields import STANDARD_FIELDS, TYPE_OF_KIND, Known, native_field
from connectors.jira.values import KINDS, Context, read_value, write_value
from connectors.values import normal
from tests.connectors.jira.helpers import RECORDED, make, needs_recordings

CONTEXT = Context("eng-jira", CLOUD, {"ana@acme.example": "712020:ab"})


def live(schema: dict[str, Any], name: str = "customfield_10042") -> Known:
    known = native_field({"id": name, "name": "Ours", "schema": schema})
    assert known is not None
    return known


@pytest.mark.parametrize(
    ("schema", "native", "value"),
    [
        ({"type": "number"}, 5.0, 5),
        ({"type": "string", "custom": "a:url"}, "https://acme.example", "https://acme.example"),
        ({"type": "date"}, "2026-11-20", "2026-11-20"),
        ({"type": "datetime"}, "2026-11-20T11:15:02.123+0200", "2026-11-20T09:15:02.123Z"),
        ({"type": "option"}, {"value": "Red"}, "Red"),
        ({"type": "option-with-child"}, {"value": "EU", "child": {"value": "Berlin"}}, "EU / Berlin"),
        ({"type": "option-with-child"}, {"value": "EU"}, "EU"),
        ({"type": "array", "items": "option"}, [{"value": "b"}, {"value": "a"}], ["a", "b"]),
        ({"type": "array", "items": "string"}, [], None),
        ({"type": "group"}, {"name": "staff"}, "staff"),
        ({"type": "user"}, {"accountId": "712020:ab", "emailAddress": "Ana@acme.example"}, "ana@acme.example"),
        ({"type": "user"}, {"accountId": "712020:ab", "emailAddress": ""}, "@712020:ab"),
        ({"type": "array", "items": "user"}, [{"accountId": "712020:ab"}], ["@712020:ab"]),
        ({"type": "number"}, None, None),
    ],
)
def test_native_value_is_read(schema: dict[str, Any], native: Any, value: Value) -> None:
    known = live(schema)
    assert read_value(known.kind, native, CONTEXT) == value


@pytest.mark.parametrize(
    ("schema", "value", "native"),
    [
        ({"type": "datetime"}, "2026-11-20T09:15:02Z", "2026-11-20T09:15:02.000+0000"),
        ({"type": "option-with-child"}, "EU / Berlin", {"value": "EU", "child": {"value": "Berlin"}}),
        ({"type": "array", "items": "option"}, ["a"], [{"value": "a"}]),
        ({"type": "array", "items": "option"}, None, []),
        ({"type": "option"}, None, None),
        ({"type": "user"}, "ana@acme.example", {"accountId": "712020:ab"}),
        ({"type": "array", "items": "user"}, ["ana@acme.example"], [{"accountId": "712020:ab"}]),
        ({"type": "priority"}, "High", {"name": "High"}),
    ],
)
def test_canonical_value_is_written(schema: dict[str, Any], value: Value, native: Any) -> None:
    assert write_value(live(schema), value, CONTEXT) == native


def test_data_center_names_people() -> None:
    context = Context("eng-jira", DATA_CENTER, {"ana@acme.example": "ana"})
    assert write_value(STANDARD_FIELDS["assignee"], "ana@acme.example", context) == {"name": "ana"}
    assert read_value("user", {"name": "ana", "key": "JIRAUSER1"}, context) == "@ana"


@pytest.mark.parametrize("schema", [{}, {"type": "any"}, {"type": "array", "items": "json"}, {"type": "votes"}])
def test_strange_field_is_left_out(schema: dict[str, str]) -> None:
    assert native_field({"id": "customfield_10019", "name": "Rank", "schema": schema}) is None


def test_jira_keeps_some_fields() -> None:
    spent = live({"type": "number", "system": "timespent"}, "timespent")
    assert (spent.field.type, spent.field.writable) == (FieldType.DURATION, False)


def test_every_kind_has_type() -> None:
    assert KINDS.keys() == TYPE_OF_KIND.keys()


async def test_misfit_value_harms_itself(jira: JiraConnector) -> None:
    record = await make(jira)
    native = {"id": record.ref.id, "key": "ENG-1", "fields": {**record.native["fields"], "duedate": {"odd": 1}}}
    (found,) = await jira.records.records([native], ["duedate", "summary"], "ENG")
    assert (found.fields["duedate"], found.fields["summary"]) == ('{"odd": 1}', "Launch page")


def issues(node: Any) -> Iterator[dict[str, Any]]:
    """Every issue with fields anywhere in a recorded exchange."""
    if isinstance(node, dict) and isinstance(node.get("fields"), dict) and "updated" in node["fields"]:
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from issues(child)


@needs_recordings
@pytest.mark.parametrize("name", ["nango/get-issue.test", "nango/issues.test", "airbyte/responses/issues"])
def test_recorded_issues_are_read(name: str) -> None:
    found = list(issues(json.loads((RECORDED / f"{name}.json").read_bytes())))
    for issue in found:
        for key, known in STANDARD_FIELDS.items():
            if key in issue["fields"]:
                value = read_value(known.kind, issue["fields"][key], CONTEXT)
                assert value == normal(known.field.type, value)
    assert found
