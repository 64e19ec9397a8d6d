"""Reading: clocks, long histories, narrowed scopes, cursors that went stale."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.errors import Rejected
from connectors.jira.connector import JiraConnector
from connectors.jira.reading import local_time
from connectors.standins.control import Control
from tests.connectors.jira.helpers import ENG, make, read, sent

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("moment", "zone", "said"),
    [
        (datetime(2026, 11, 20, 9, 15, 59, tzinfo=UTC), ZoneInfo("Asia/Shanghai"), "2026-11-20 17:15"),
        (datetime(2026, 11, 20, 9, 15, tzinfo=UTC), None, "2026-11-19 21:15"),
        # The clock shows 01:30 twice on that night; 00:30 comes before both.
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), NEW_YORK, "2026-11-01 00:30"),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), NEW_YORK, "2026-11-01 00:30"),
        (datetime(2026, 3, 8, 7, 30, tzinfo=UTC), NEW_YORK, "2026-03-08 03:30"),
    ],
)
def test_time_is_never_late(moment: datetime, zone: ZoneInfo | None, said: str) -> None:
    assert local_time(moment, zone) == said


@pytest.mark.parametrize("hours", [-7, 5])
async def test_skewed_clock_omits_nothing(jira: JiraConnector, control: Control, hours: int) -> None:
    control.skew = hours * 3600
    page = await jira.scan("issue", ENG, None, ["summary"])
    record = await make(jira, summary="Later")
    again = await jira.scan("issue", ENG, page.cursor, ["summary"])
    assert [found.ref for found in again.records] == [record.ref]


async def test_narrow_scope_decides_membership(jira: JiraConnector, control: Control) -> None:
    inside, outside = await make(jira, labels=["launch"]), await make(jira)
    control.index_lag = 3600
    await jira.update(outside, {"labels": ["launch"]}, {})
    scope = {**ENG, "jql": "labels = launch"}
    found = await jira.fetch([inside.ref.id, outside.ref.id], "issue", ["labels"], scope)
    assert all(record.in_scope for record in found)
    await jira.update(inside, {"labels": None}, {})
    (left,) = await jira.fetch([inside.ref.id], "issue", ["labels"], scope)
    assert not left.in_scope


async def test_other_project_is_outside(jira: JiraConnector) -> None:
    record = await make(jira)
    (found,) = await jira.fetch([record.ref.id], "issue", ["summary"], {"project": "OPS"})
    assert not found.in_scope


async def test_expired_page_begins_again(jira: JiraConnector) -> None:
    record = await make(jira)
    page = await jira.scan("issue", ENG, None, ["summary"])
    stale = json.dumps({**json.loads(page.cursor), "page": "no-longer-known"})
    again = await jira.scan("issue", ENG, stale, ["summary"])
    assert record.ref in {found.ref for found in again.records}


async def test_long_history_is_read(jira: JiraConnector, ana: JiraConnector) -> None:
    record = await make(jira, priority="Low")
    await ana.update(record, {"priority": "High"}, {})
    for number in range(120):
        record = (await jira.update(record, {"summary": f"Title {number}"}, {})).record
    edits = await jira.edits(record, ["summary", "priority", "duedate"])
    assert (edits["priority"].by, edits["summary"].by) == ("Ana Chen", "Syncline Bot")
    assert edits["summary"].at > edits["priority"].at
    assert (edits["duedate"].at, edits["duedate"].by) == (record.created, None)


async def test_deleted_field_is_told(jira: JiraConnector) -> None:
    record = await make(jira)
    with pytest.raises(Rejected, match="customfield_99999") as caught:
        await read(jira, record, "summary", "customfield_99999")
    assert set(caught.value.fields) == {"customfield_99999"}


async def test_fetch_is_one_request(jira: JiraConnector, control: Control) -> None:
    ids = [(await make(jira)).ref.id for _ in range(3)]
    control.log.clear()
    await jira.fetch([*ids, *ids], "issue", ["summary", "description"], ENG)
    assert sent(control, ".") == 1


async def test_describe_knows_options(jira: JiraConnector) -> None:
    described = await jira.describe("issue", ENG)
    severity, status = described.field("Severity"), described.field("status")
    assert severity is not None
    assert severity.options == ("High", "Low", "Medium")
    assert status is not None
    assert set(status.options or ()) >= {"To Do", "Cancelled"}
    with pytest.raises(Rejected):
        await jira.describe("issue", {**ENG, "jql": "no such clause"})
