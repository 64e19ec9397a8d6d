"""The vendor-endorsed Python client works against the stand-in."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from jira import JIRA, JIRAError

from tests.connectors.standins.jira_rig import jira, paragraph


@pytest.fixture(scope="module")
def client() -> Iterator[JIRA]:
    with jira() as rig:
        options: dict[str, Any] = {"rest_api_version": "3"}
        signed = ("bot@acme.example", "bot-token")
        made = JIRA(server=rig.url, basic_auth=signed, options=options, max_retries=0, timeout=10)
        yield made
        made.close()  # type: ignore[no-untyped-call]


def test_server_edition_is_spoken() -> None:
    with jira(deployment="DataCenter") as rig:
        issue = rig.create(description="h1. Wiki")
        client = JIRA(server=rig.url, token_auth="bot-token", max_retries=0, timeout=10)
        [found] = client.search_issues("project = ENG", fields="description", json_result=True)["issues"]
        assert (found["id"], found["fields"]) == (issue, {"description": "h1. Wiki"})
        client.add_comment(issue, "said")
        assert [comment.body for comment in client.comments(issue)] == ["said"]
        client.close()  # type: ignore[no-untyped-call]


def _create(client: JIRA, **fields: object) -> str:
    given = {"project": {"key": "ENG"}, "issuetype": {"name": "Task"}, "summary": "Launch", **fields}
    return str(client.create_issue(fields=given, prefetch=False).id)


def test_server_is_cloud(client: JIRA) -> None:
    assert client.server_info()["deploymentType"] == "Cloud"
    assert "Story Points" in {field["name"] for field in client.fields()}
    assert client.myself()["displayName"] == "Syncline Bot"


def test_enhanced_search_pages(client: JIRA) -> None:
    wanted = {_create(client, labels=["paging"]) for _ in range(5)}
    found: list[str] = []
    token = None
    while True:
        page = client.enhanced_search_issues(
            'labels = "paging"', nextPageToken=token, maxResults=2, fields="summary", json_result=True
        )
        assert isinstance(page, dict)
        found += [issue["id"] for issue in page["issues"]]
        token = page.get("nextPageToken")
        if not token:
            break
    assert sorted(found) == sorted(wanted)


def test_issue_reads_back(client: JIRA) -> None:
    issue = client.issue(_create(client, description=paragraph("hello"), customfield_10031=3))
    assert issue.raw["fields"]["description"] == paragraph("hello")
    assert issue.raw["fields"]["customfield_10031"] == 3


def test_transition_moves_issue(client: JIRA) -> None:
    issue = _create(client)
    [start] = client.transitions(issue)
    client.transition_issue(issue, start["id"])
    assert client.issue(issue).fields.status.name == "In Progress"


def test_comment_is_listed(client: JIRA) -> None:
    issue = _create(client)
    client.add_comment(issue, paragraph("said"))
    assert [comment.raw["body"] for comment in client.comments(issue)] == [paragraph("said")]


def test_attachment_keeps_name(client: JIRA) -> None:
    issue = _create(client)
    added = client.add_attachment(issue, io.BytesIO(b"bytes"), filename="Übersicht.txt")
    assert (added.filename, added.size) == ("Übersicht.txt", 5)
    assert added.get() == b"bytes"


def test_deleted_issue_is_missing(client: JIRA) -> None:
    issue = _create(client)
    client.issue(issue).delete()  # type: ignore[no-untyped-call]
    with pytest.raises(JIRAError) as problem:
        client.issue(issue)
    assert problem.value.status_code == 404
