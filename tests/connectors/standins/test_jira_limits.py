"""Rate limits, faults and bulk loading at the control door."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest

from tests.connectors.standins.jira_rig import Rig, jira


@pytest.fixture
def rig() -> Iterator[Rig]:
    with jira() as made:
        yield made


def test_no_limits_no_headers(rig: Rig) -> None:
    assert not any(name.startswith("x-ratelimit") for name in rig.call("GET", "myself").headers)


def test_burst_is_refused(rig: Rig) -> None:
    rig.control.limits = {"requests_per_second": 0.001, "burst": 2}
    answers = [rig.call("GET", "myself") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    headers = answers[-1].headers
    assert headers["ratelimit-reason"] == "jira-burst-based"
    assert int(headers["retry-after"]) > 0
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("2", "0")
    assert headers["x-ratelimit-nearlimit"] == "true"
    assert rig.call("GET", "priority").status_code == 200


def test_issue_writes_are_counted(rig: Rig) -> None:
    issue, other = rig.create(), rig.create()
    rig.control.limits = {"issue_writes_2s": 100, "issue_writes_30s": 3}
    assert [rig.edit(issue, summary=str(number)).status_code for number in range(4)] == [204, 204, 204, 429]
    answer = rig.send("POST", f"issue/{issue}/comment", {})
    assert answer.headers["ratelimit-reason"] == "jira-per-issue-on-write"
    assert rig.edit(other, summary="x").status_code == 204


def test_fault_is_worded_as_jira(rig: Rig) -> None:
    fault = {"match": "GET .*/myself", "do": "status", "status": 429, "retry_after": 2}
    rig.send("PUT", f"{rig.url}/__control", {"faults": [fault]})
    answer = rig.call("GET", "myself")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert answer.json().keys() == {"errorMessages", "errors"}


def test_cut_connection_still_creates(rig: Rig) -> None:
    fault = {"match": "POST .*/issue$", "do": "cut_after"}
    rig.send("PUT", f"{rig.url}/__control", {"faults": [fault]})
    with pytest.raises(httpx.HTTPError):
        rig.create(labels=["mw-1"])
    assert len(rig.find('labels = "mw-1"')) == 1


def test_state_shows_everything(rig: Rig) -> None:
    issue = rig.create(labels=["a"])
    rig.send("PUT", f"issue/{issue}/properties/k", 1)
    [shown] = rig.get(f"{rig.url}/__control/state")["issues"]
    assert (shown["id"], shown["properties"], shown["comments"]) == (issue, {"k": 1}, [])
    assert shown["fields"]["labels"] == ["a"]


def test_seed_makes_many(rig: Rig) -> None:
    body = {"count": 300, "project": "OPS", "labels": ["seed"], "summary": "Load", "step": 1000}
    assert rig.send("POST", f"{rig.url}/__control/seed", body).json()["count"] == 300
    assert rig.send("POST", "search/approximate-count", {"jql": "labels = seed"}).json() == {"count": 300}
    assert rig.get("issue/OPS-300")["fields"]["summary"] == "Load 300"
    first, last = (datetime.fromisoformat(rig.fields(f"OPS-{number}")["updated"]) for number in (1, 300))
    assert last - first == timedelta(seconds=299)
