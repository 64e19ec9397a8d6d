"""Search: what JQL finds, how pages go on, and how far the index lags behind."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.connectors.standins.jira_rig import Rig, jira, paragraph

BO = {"accountId": "712020:00000000-0000-4000-8000-000000000002"}


@pytest.fixture(scope="module")
def board() -> Iterator[Rig]:
    """ENG-1 to ENG-4 and OPS-1, never changed by the tests."""
    with jira() as rig:
        rig.create(summary="Launch page", labels=["launch", "web"], assignee=BO, duedate="2026-12-01")
        rig.create(summary="Pricing table", labels=["launch"], description=paragraph("three columns"))
        rig.create(summary="Crash on start", kind="Bug", priority={"name": "High"})
        rig.create(summary="Theme", kind="Epic")
        rig.create(summary="Rotate certs", project="OPS", duedate="2027-01-01")
        rig.edit("ENG-2", parent={"key": "ENG-4"})
        rig.move("ENG-3", "11")
        yield rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    with jira() as made:
        yield made


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("project = ENG", "ENG-1 ENG-2 ENG-3 ENG-4"),
        ("project in (eng, OPS) AND duedate is not EMPTY", "ENG-1 OPS-1"),
        ("key = ENG-2", "ENG-2"),
        ('labels = "launch" AND labels != web', "ENG-2"),
        ("labels not in (web)", "ENG-2"),
        ("labels is EMPTY AND project = ENG", "ENG-3 ENG-4"),
        ('status = "in progress"', "ENG-3"),
        ("statusCategory != 'To Do'", "ENG-3"),
        ("NOT (issuetype = Task OR type = Epic)", "ENG-3"),
        ("assignee = 712020:00000000-0000-4000-8000-000000000002", "ENG-1"),
        ("assignee is EMPTY and project = OPS", "OPS-1"),
        ("parent = ENG-4", "ENG-2"),
        ('summary ~ "launch"', "ENG-1"),
        ('text ~ "colu*"', "ENG-2"),
        ('summary ~ "\\"page launch\\""', ""),
        ("duedate >= 2026-12-15", "OPS-1"),
        ("updated >= -1d AND created <= now() AND priority = High", "ENG-3"),
        ("resolution = Unresolved AND project = OPS", "OPS-1"),
        ("reporter = currentUser() && project = OPS", "OPS-1"),
        ("project = ENG AND updated < -1d", ""),
    ],
)
def test_query_finds_issues(board: Rig, jql: str, keys: str) -> None:
    page = board.get("search/jql", jql=f"{jql} ORDER BY created ASC", fields="key")
    assert [issue["key"] for issue in page["issues"]] == keys.split()


@pytest.mark.parametrize(
    ("jql", "told"),
    [
        ("", "Unbounded"),
        ("ORDER BY created", "Unbounded"),
        ("nonsense = 1", "Field 'nonsense' does not exist"),
        ("project = NONE", "The value 'NONE' does not exist for the field 'project'."),
        ("status = Lost", "The value 'Lost' does not exist for the field 'status'."),
        ("id = 99999", "does not exist for field 'key'"),
        ("project = ENG AND", "Error in the JQL Query"),
        ("project = (", "Error in the JQL Query"),
        ("summary = x", "not supported by the 'summary' field"),
        ('updated >= "2026-11-20 09:10:30"', "Date value '2026-11-20 09:10:30' for field 'updated' is invalid."),
        ("project = ENG ORDER BY created, key, updated, status, labels, parent, due, type", "maximum"),
    ],
)
def test_bad_query_is_refused(board: Rig, jql: str, told: str) -> None:
    answer = board.call("GET", "search/jql", params={"jql": jql})
    assert answer.status_code == 400
    assert told in answer.json()["errorMessages"][0]


def test_fields_default_to_id(board: Rig) -> None:
    assert board.get("search/jql", jql="key = ENG-1") == {
        "issues": [{"id": board.find("key = ENG-1")[0]}],
        "isLast": True,
    }


@pytest.mark.parametrize(
    "order", ["updated ASC, key ASC", "updated DESC", "created", "key DESC", "duedate, summary DESC"]
)
def test_pages_cover_everything(board: Rig, order: str) -> None:
    jql = f"project in (ENG, OPS) ORDER BY {order}"
    whole, found, token = board.find(jql), [], None
    while True:
        query: dict[str, Any] = {"jql": jql, "maxResults": 2} | ({"nextPageToken": token} if token else {})
        page = board.get("search/jql", **query)
        found += [issue["id"] for issue in page["issues"]]
        token = page.get("nextPageToken")
        assert page["isLast"] is (token is None)
        if token is None:
            break
    assert found == whole
    assert len(set(found)) == 5


def test_post_agrees_with_get(board: Rig) -> None:
    body = {"jql": "project = ENG", "fields": ["summary", "-status"], "expand": "changelog", "maxResults": 1}
    [issue] = board.send("POST", "search/jql", body).json()["issues"]
    assert issue["fields"] == {"summary": "Theme"}
    assert issue["changelog"]["total"] == 0


def test_count_is_told(board: Rig) -> None:
    assert board.send("POST", "search/approximate-count", {"jql": "project = ENG"}).json() == {"count": 4}


def test_old_search_is_gone(board: Rig) -> None:
    assert board.call("GET", "search", params={"jql": "project = ENG"}).status_code == 410


def test_bad_page_token_is_refused(board: Rig) -> None:
    answer = board.call("GET", "search/jql", params={"jql": "project = ENG", "nextPageToken": "zzz"})
    assert answer.status_code == 400


def test_dates_use_askers_zone(rig: Rig) -> None:
    rig.create()
    for person, zone in (("wei", "Asia/Shanghai"), ("ana", "America/New_York"), ("bot", "Europe/Copenhagen")):
        soon = datetime.now(ZoneInfo(zone)) + timedelta(minutes=2)
        assert rig.find(f'updated >= "{soon:%Y-%m-%d %H:%M}"', person) == []
        assert len(rig.find(f'updated >= "{soon - timedelta(minutes=4):%Y-%m-%d %H:%M}"', person)) == 1


def test_index_lags_behind_writes(rig: Rig) -> None:
    known = rig.create(summary="Old")
    assert rig.find("project = ENG") == [known]
    rig.control.index_lag = 3600
    fresh = rig.create()
    rig.edit(known, summary="New")
    assert rig.find("project = ENG") == [known]
    assert rig.find('summary ~ "new"') == []
    assert rig.fields(known)["summary"] == "New"
    assert rig.find("project = ENG", reconcileIssues=f"{known},{fresh}") == [fresh, known]
    assert rig.find('summary ~ "new"', reconcileIssues=known) == [known]


def test_deleted_issue_lingers_in_index(rig: Rig) -> None:
    issue = rig.create()
    assert rig.find("project = ENG") == [issue]
    rig.control.index_lag = 3600
    rig.call("DELETE", f"issue/{issue}")
    assert rig.find("project = ENG") == [issue]
    rig.control.index_lag = 0
    assert rig.find("project = ENG") == []


def test_page_sizes_are_capped(rig: Rig) -> None:
    rig.send("POST", f"{rig.url}/__control/seed", {"count": 5200, "labels": ["seeded"]})
    ids = rig.get("search/jql", jql="labels = seeded", maxResults=9000)
    full = rig.get("search/jql", jql="labels = seeded", maxResults=9000, fields="summary")
    assert (len(ids["issues"]), len(full["issues"])) == (5000, 100)
    assert not ids["isLast"]


def test_moving_issue_repeats_once(rig: Rig) -> None:
    first, second, third = (rig.create() for _ in range(3))
    jql = "project = ENG ORDER BY updated ASC"
    page = rig.get("search/jql", jql=jql, maxResults=2)
    rig.edit(first, summary="Later")
    rest = rig.get("search/jql", jql=jql, nextPageToken=page["nextPageToken"])
    assert [issue["id"] for issue in page["issues"] + rest["issues"]] == [first, second, third, first]
