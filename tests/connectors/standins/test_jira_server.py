"""Data Center: one version of the API, people by name, the old search, no dynamic webhooks."""

from collections.abc import Iterator

import pytest

from tests.connectors.standins.jira_rig import Rig, jira, receiving


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with jira(deployment="DataCenter") as made:
        yield made


def test_edition_is_told(rig: Rig) -> None:
    found = rig.get("serverInfo", "")
    assert (found["deploymentType"], len(found["versionNumbers"])) == ("DataCenter", 3)


@pytest.mark.parametrize("path", ["search/jql?jql=project=ENG", "issue/ENG-1/changelog", "field/search", "webhook"])
def test_cloud_routes_are_missing(rig: Rig, path: str) -> None:
    assert rig.call("GET", path).status_code == 404
    assert rig.call("GET", f"{rig.url}/rest/api/3/myself").status_code == 404


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic bm9ib2R5Om5vdGhpbmc="])
def test_bad_credentials_are_refused(rig: Rig, header: str) -> None:
    answer = rig.call("GET", "serverInfo", "", headers={"Authorization": header})
    assert answer.status_code == 401


def test_password_signs_in(rig: Rig) -> None:
    assert rig.call("GET", "myself", "", auth=("ana", "ana-token")).json()["name"] == "ana"


def test_people_go_by_name(rig: Rig) -> None:
    issue = rig.create(assignee={"name": "bo"}, description="h1. Wiki")
    found = rig.fields(issue)
    assert (found["assignee"]["name"], "accountId" in found["assignee"]) == ("bo", False)
    assert found["description"] == "h1. Wiki"
    assert rig.send("PUT", f"issue/{issue}/assignee", {"name": "wei"}).status_code == 204
    assert rig.get("user/search", username="chen w")[0]["key"] == "wei"


def test_old_search_pages(rig: Rig) -> None:
    wanted = [rig.create(labels=["paging"]) for _ in range(3)]
    page = rig.get("search", jql="labels = paging ORDER BY key", startAt=1, maxResults=1, fields="summary")
    assert (page["startAt"], page["maxResults"], page["total"]) == (1, 1, 3)
    assert [(issue["id"], issue["fields"]) for issue in page["issues"]] == [(wanted[1], {"summary": "Launch page"})]
    assert rig.send("POST", "search", {"jql": "labels = paging", "startAt": 2}).json()["total"] == 3


def test_changelog_comes_expanded(rig: Rig) -> None:
    issue = rig.create()
    rig.edit(issue, summary="B")
    [entry] = rig.get(f"issue/{issue}", expand="changelog")["changelog"]["histories"]
    assert entry["items"][0].keys() == {"field", "fieldtype", "from", "fromString", "to", "toString"}


def test_comment_event_lacks_issue(rig: Rig) -> None:
    issue = rig.create()
    with receiving() as (inbox, url):
        rig.hook(url, events=["comment_created"])
        rig.send("POST", f"issue/{issue}/comment", {"body": "hi"})
        [arrival] = inbox.take(1)
    assert "issue" not in arrival.body
    assert f"/issue/{issue}/" in arrival.body["comment"]["self"]
    assert "x-hub-signature" not in arrival.headers


def test_limits_speak_intervals(rig: Rig) -> None:
    rig.control.limits = {"requests_per_second": 5}
    headers = rig.call("GET", "myself").headers
    rig.control.limits = {}
    assert (headers["x-ratelimit-interval-seconds"], headers["x-ratelimit-fillrate"]) == ("1", "5")
    assert headers["retry-after"] == "0"
