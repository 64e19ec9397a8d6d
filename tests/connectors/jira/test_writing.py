"""Writing: what is refused and why, what stays, how many requests it takes."""

import pytest

from connectors.contract import Fields, Value
from connectors.errors import Rejected, Unavailable
from connectors.jira.connector import JiraConnector
from connectors.standins.control import Control, Fault
from tests.connectors.jira.helpers import ENG, make, read, sent


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("customfield_10032", "Hihg", "expected one of: High"),
        ("priority", "Purple", "expected one of: High, Highest, Low, Lowest, Medium"),
        ("assignee", "nobody@acme.example", "nobody@acme.example has no active account"),
        ("summary", "x" * 256, "at most 255"),
        ("summary", None, "cannot be empty"),
        ("status", None, "cannot be empty"),
        ("created", "2026-11-20T09:00:00Z", "can only be read"),
        ("resolution", "Fixed", "resolution"),
        ("duedate", "tomorrow", "YYYY-MM-DD"),
        ("labels", ["two words"], "two words"),
        ("parent", "mkt-asana:task:1", "no issue of eng-jira"),
        ("customfield_99999", "x", "no such field"),
    ],
)
async def test_refusal_says_why(jira: JiraConnector, field: str, value: Value, says: str) -> None:
    record = await make(jira)
    written = await jira.update(record, {field: value, "environment" if field == "duedate" else "duedate": None}, {})
    assert says in written.refused[field]


async def test_update_is_one_request(jira: JiraConnector, control: Control) -> None:
    record = await make(jira)
    control.log.clear()
    written = await jira.update(record, {"summary": "Edited", "description": "Words", "labels": ["web"]}, {})
    assert written.record.fields["description"] == "Words"
    assert [entry["method"] for entry in control.log] == ["PUT"]


async def test_unnamed_refusal_is_narrowed(jira: JiraConnector, control: Control) -> None:
    record = await make(jira)
    control.faults = [Fault("^PUT", "status", times=2, status=400)]
    written = await jira.update(record, {"summary": "Refused", "duedate": "2026-12-01", "labels": ["web"]}, {})
    assert set(written.refused) == {"summary"}
    assert (written.record.fields["duedate"], written.record.fields["labels"]) == ("2026-12-01", ["web"])


async def test_unnamed_refusal_creates_bare(jira: JiraConnector, control: Control) -> None:
    control.faults = [Fault("^POST .*/issue$", "status", status=400)]
    record = await make(jira, duedate="2026-12-01", description="Words", labels=["web"])
    seen = await read(jira, record, "duedate", "description", "labels")
    assert (seen.fields["duedate"], seen.fields["description"]) == ("2026-12-01", "Words")
    assert (seen.marker, seen.fields["labels"]) == ("mark-1", ["web"])


async def test_hopeless_create_is_rejected(jira: JiraConnector, control: Control) -> None:
    with pytest.raises(Rejected) as caught:
        await jira.create("issue", ENG, {"summary": "x", "issuetype": "No such"}, "mark-1")
    assert "issuetype" in caught.value.fields
    control.faults = [Fault("^POST .*/issue$", "status", times=0, status=403)]
    with pytest.raises(Rejected):
        await make(jira, duedate="2026-12-01")


async def test_bad_label_costs_no_marker(jira: JiraConnector) -> None:
    fields: dict[str, Value] = {"summary": "x", "issuetype": "Task", "labels": ["two words"]}
    written = await jira.create("issue", ENG, fields, "mark-1")
    assert set(written.refused) == {"labels"}
    assert written.record.marker == "mark-1"


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_trouble_after_create_is_told(jira: JiraConnector, control: Control, status: int) -> None:
    await make(jira)
    control.faults = [Fault("bulkfetch", "status", status=status)]
    with pytest.raises(Unavailable, match="created as ENG-2") as caught:
        await make(jira)
    assert caught.value.sent


async def test_lookup_trouble_sent_nothing(jira: JiraConnector, control: Control) -> None:
    control.faults = [Fault("user/search", "cut_before")]
    with pytest.raises(Unavailable) as caught:
        await make(jira, assignee="ana@acme.example")
    assert not caught.value.sent


async def test_create_fills_a_screen(jira: JiraConnector) -> None:
    fields: Fields = {"summary": "x", "issuetype": "Task", "status": "Done"}
    written = await jira.create("issue", ENG, fields, "mark-1", {"Done": {"resolution": "Fixed"}})
    assert written.refused == {}
    assert written.record.fields["status"] == "Done"


async def test_create_reaches_its_status(jira: JiraConnector) -> None:
    record = await make(jira, status="In Review", assignee="wei@acme.example")
    assert (record.fields["status"], record.fields["assignee"]) == ("In Review", "wei@acme.example")


async def test_sub_task_has_parent(jira: JiraConnector) -> None:
    parent = await make(jira)
    child = await make(jira, issuetype="Sub-task", parent=str(parent.ref))
    assert (await read(jira, child, "parent")).fields["parent"] == str(parent.ref)
    with pytest.raises(Rejected):
        await jira.delete(parent.ref)


async def test_account_id_names_user(jira: JiraConnector) -> None:
    ana = await jira.user_by_email("ana@acme.example")
    assert ana is not None
    record = await make(jira, assignee=f"@{ana.id}")
    assert record.fields["assignee"] == "ana@acme.example"


async def test_people_are_remembered(jira: JiraConnector, control: Control) -> None:
    await make(jira, assignee="ana@acme.example")
    control.log.clear()
    await make(jira, assignee="ana@acme.example")
    assert sent(control, "user/search") == 0


async def test_marker_survives_people(jira: JiraConnector, ana: JiraConnector) -> None:
    record = await make(jira, labels=["web"])
    seen = await read(ana, record, "labels")
    assert seen.fields["labels"] == ["web"]
    written = await ana.update(seen, {"labels": ["launch"]}, {})
    assert (written.record.marker, written.record.fields["labels"]) == ("mark-1", ["launch"])
