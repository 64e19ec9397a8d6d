"""Writing tasks: what is refused is named with a reason, the rest is written, and nothing else is touched."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from connectors.asana.connector import AsanaConnector
from connectors.contract import Fields, Record, Ref, Value
from connectors.errors import NotFound, Rejected, Unavailable
from connectors.standins.control import Control, Fault
from tests.connectors.asana.conftest import SCOPE, Connect
from tests.connectors.conforming.bench import LONG_AGO

Vendor = Callable[..., Any]


async def make(connector: AsanaConnector, **fields: Value) -> Record:
    written = await connector.create("task", SCOPE, {"name": "Launch page", **fields}, "mark-1")
    assert not written.refused
    return written.record


async def key_of(connector: AsanaConnector, name: str) -> str:
    field = (await connector.describe("task", SCOPE)).field(name)
    assert field is not None
    return field.key


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Effort", 2.5),
        ("Severity", "High"),
        ("Origin", "Ünïcode 陈伟"),
        ("Launch Date", "2026-12-01"),
        ("Launch Date", "2026-12-01T10:30:00Z"),
        ("Teams", ["Brand", "Web"]),
        ("Reviewers", ["ana@acme.example", "bo@acme.example"]),
    ],
)
async def test_custom_field_round_trip(connector: AsanaConnector, name: str, value: Value) -> None:
    key = await key_of(connector, name)
    record = await make(connector, **{key: value})
    assert record.fields[key] == value
    written = await connector.update(record, {key: None}, {})
    assert (written.refused, written.record.fields[key]) == ({}, None)
    assert written.record.marker == "mark-1"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("Section", "Dooing", "did you mean 'Doing'? there are: Backlog, Doing, Done"),
        ("Section", None, "always in a section"),
        ("Severity", "Unknown", "there are: Low, Medium, High"),
        ("Teams", ["Web", "Wib"], "did you mean 'Web'?"),
        ("Origin", "x" * 1025, "1025 characters where Asana takes 1024"),
        ("Assignee", "nobody@acme.example", "nobody@acme.example"),
        ("Assignee", "@999", "999"),
        ("Approval status", "approved", "approval"),
        ("Start date", "2026-12-01", "due"),
        ("Parent task", "other:task:1", "'desk'"),
        ("Parent task", "nonsense", "connection:object:id"),
        ("Parent task", "desk:task:999999", "999999"),
        ("Created at", "2026-12-01T10:30:00Z", "set by Asana alone"),
    ],
)
async def test_refusal_tells_a_reason(connector: AsanaConnector, name: str, value: Value, reason: str) -> None:
    key = await key_of(connector, name)
    record = await make(connector)
    written = await connector.update(record, {key: value, "name": "Still written", "completed": True}, {})
    assert set(written.refused) == {key}
    assert reason in written.refused[key]
    assert (written.record.fields["name"], written.record.fields["completed"]) == ("Still written", True)


async def test_unknown_keys_are_refused(connector: AsanaConnector) -> None:
    written = await connector.update(await make(connector), {"colour": "red", "99": 1}, {})
    assert set(written.refused) == {"colour", "99"}


async def test_update_is_one_request(connector: AsanaConnector, control: Control) -> None:
    effort = await key_of(connector, "Effort")
    record = await make(connector)
    control.log.clear()
    await connector.update(record, {"name": "Edited", "due_on": "2026-12-01", "notes": "Words", effort: 3}, {})
    assert [entry["method"] for entry in control.log] == ["PUT"]


async def test_named_fields_are_dropped(connector: AsanaConnector, control: Control) -> None:
    record = await make(connector)
    control.log.clear()
    fields: Fields = {"name": "Edited", "resource_subtype": "saga", "completed": True, "due_on": "2026-12-01"}
    written = await connector.update(record, fields, {})
    assert set(written.refused) == {"resource_subtype"}
    assert written.record.fields["completed"] is True
    assert len(control.log) == 2


async def test_unnamed_refusal_goes_singly(connector: AsanaConnector, control: Control) -> None:
    record = await make(connector)
    control.faults = [Fault("^PUT", "status", times=2, status=400)]
    written = await connector.update(record, {"name": "Edited", "completed": True}, {})
    assert len(written.refused) == 1
    assert (written.record.fields["name"], written.record.fields["completed"]) == ("Launch page", True)


async def test_everything_refused_reads_back(connector: AsanaConnector) -> None:
    record = await make(connector)
    written = await connector.update(record, {"assignee": "nobody@acme.example"}, {})
    assert written.record.fields == record.fields


async def test_update_of_deleted_task(connector: AsanaConnector, ana: AsanaConnector) -> None:
    record = await make(connector)
    await ana.delete(record.ref)
    for fields in ({"name": "x"}, {"section": "Done"}, {"tags": ["launch"]}):
        with pytest.raises(NotFound):
            await connector.update(record, fields, {})


async def test_vendor_refusal_still_creates(connector: AsanaConnector, control: Control) -> None:
    fields: Fields = {"name": "Launch page", "section": "Doing", "resource_subtype": "saga", "tags": ["launch"]}
    written = await connector.create("task", SCOPE, fields, "mark-1")
    assert set(written.refused) == {"resource_subtype"}
    assert (written.record.fields["section"], written.record.fields["tags"]) == ("Doing", ["launch"])
    assert written.record.marker == "mark-1"
    assert [entry["status"] for entry in control.log if entry["path"].endswith("/tasks")] == [400, 201]


@pytest.mark.parametrize("status", [401, 404, 429, 503])
async def test_half_written_create_is_unsure(connector: AsanaConnector, control: Control, status: int) -> None:
    control.faults = [Fault("^PUT", "status", times=0, status=status)]
    with pytest.raises(Unavailable) as caught:
        await make(connector, resource_subtype="saga")
    assert caught.value.sent
    found = await connector.find_by_marker("task", SCOPE, "mark-1", LONG_AGO)
    assert found is not None


async def test_refused_create_leaves_nothing(connector: AsanaConnector, control: Control, vendor: Vendor) -> None:
    control.faults = [Fault("^POST .*/tasks$", "status", times=2, status=400)]
    with pytest.raises(Rejected):
        await make(connector)
    assert vendor("GET", "/tasks?project=1204001") == []


async def test_new_tag_is_created_once(connector: AsanaConnector, vendor: Vendor) -> None:
    await asyncio.gather(*(make(connector, tags=["brand new", "launch"]) for _ in range(8)))
    names = [tag["name"] for tag in vendor("GET", "/workspaces/1200001/tags?limit=100")]
    assert sorted(names) == sorted({"brand new", "launch", "legal", "中国"})


async def test_parent_comes_and_goes(connector: AsanaConnector) -> None:
    above = str((await make(connector)).ref)
    child = await make(connector, parent=above, section="Doing")
    assert (child.fields["parent"], child.fields["section"], child.in_scope) == (above, "Doing", True)
    written = await connector.update(child, {"parent": None}, {})
    assert (written.refused, written.record.fields["parent"]) == ({}, None)


async def test_created_option_is_found(connector: AsanaConnector, vendor: Vendor, restless: None) -> None:
    severity = await key_of(connector, "Severity")
    record = await make(connector)
    vendor("POST", f"/custom_fields/{severity}/enum_options", {"name": "Critical"})
    written = await connector.update(record, {severity: "Critical"}, {})
    assert (written.refused, written.record.fields[severity]) == ({}, "Critical")


async def test_mention_survives_our_edit(connector: AsanaConnector, vendor: Vendor) -> None:
    record = await make(connector)
    html = '<body>Ask <a data-asana-gid="1201001"/> first.\nThen <strong>ship</strong>.</body>'
    vendor("PUT", f"/tasks/{record.ref.id}", {"html_notes": html})
    (seen,) = await connector.fetch([record.ref.id], "task", ["notes"], SCOPE)
    await connector.update(seen, {"notes": f"{seen.fields['notes']}\n\nA line more."}, {})
    assert 'data-asana-gid="1201001"' in vendor("GET", f"/tasks/{record.ref.id}?opt_fields=html_notes")["html_notes"]


async def test_version_follows_moves(connector: AsanaConnector) -> None:
    record = await make(connector)
    versions = {record.version}
    for fields in ({"section": "Done"}, {"tags": ["launch"]}, {"followers": ["ana@acme.example"]}):
        record = (await connector.update(record, fields, {})).record
        versions.add(record.version)
    assert len(versions) == 4


async def test_marker_in_notes(connect: Connect, vendor: Vendor) -> None:
    connector = connect(marker="notes")
    record = await make(connector, notes="# Words")
    assert (record.marker, record.fields["notes"]) == ("mark-1", "# Words")
    written = await connector.update(record, {"notes": "Other words"}, {})
    cleared = await connector.update(written.record, {"notes": None, "name": "Bare"}, {})
    assert (cleared.record.marker, cleared.record.fields["notes"]) == ("mark-1", None)
    assert vendor("GET", f"/tasks/{record.ref.id}")["notes"] == "syncline: mark-1"
    found = await connector.find_by_marker("task", SCOPE, "mark-1", record.created)
    assert found is not None
    assert found.ref == record.ref


@pytest.mark.parametrize("url", [{"oauth": True}], indirect=True)
async def test_marker_as_external_id(connect: Connect) -> None:
    connector = connect(marker="external")
    record = await make(connector)
    found = await connector.find_by_marker("task", SCOPE, "mark-1", record.created)
    assert found is not None
    assert (found.ref, found.marker) == (record.ref, "mark-1")
    assert await connector.find_by_marker("task", SCOPE, "mark-2", record.created) is None


async def test_archive_is_not_offered(connector: AsanaConnector) -> None:
    with pytest.raises(Rejected):
        await connector.archive(Ref("desk", "task", "1"))
