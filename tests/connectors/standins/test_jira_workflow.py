"""Status by transitions: which are open, what their screens demand, what they change."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connectors.standins.jira_rig import Rig, jira, paragraph

DONE = {"name": "Done"}


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with jira() as made:
        yield made


def _run(rig: Rig, issue: str, transition: str, **body: Any) -> Any:
    return rig.send("POST", f"issue/{issue}/transitions", {"transition": {"id": transition}, **body})


def _open(rig: Rig, issue: str) -> list[tuple[str, str]]:
    shown = rig.get(f"issue/{issue}/transitions")["transitions"]
    return [(one["id"], one["to"]["name"]) for one in shown]


@pytest.mark.parametrize(
    ("path", "following"),
    [
        ([], [("11", "In Progress")]),
        (["11"], [("21", "In Review"), ("51", "To Do")]),
        (["11", "21"], [("31", "Done"), ("61", "In Progress")]),
    ],
)
def test_open_transitions_follow_status(rig: Rig, path: list[str], following: list[tuple[str, str]]) -> None:
    issue = rig.create()
    rig.move(issue, *path)
    assert _open(rig, issue) == following


def test_done_screen_demands_resolution(rig: Rig) -> None:
    issue = rig.create()
    rig.move(issue, "11", "21")
    shown = rig.get(f"issue/{issue}/transitions", expand="transitions.fields")["transitions"][0]
    assert shown["hasScreen"]
    assert shown["fields"]["resolution"]["required"]
    assert DONE["name"] in {one["name"] for one in shown["fields"]["resolution"]["allowedValues"]}
    answer = _run(rig, issue, "31")
    assert (answer.status_code, answer.json()["errors"]) == (400, {"resolution": "Resolution is required."})


def test_done_and_reopened_resolution(rig: Rig) -> None:
    issue = rig.create()
    rig.move(issue, "11", "21", "31", resolution={"name": "Fixed"})
    assert rig.fields(issue)["resolution"]["name"] == "Fixed"
    rig.move(issue, "41")
    found = rig.fields(issue)
    assert (found["status"]["name"], found["resolution"], found["resolutiondate"]) == ("To Do", None, None)
    last = rig.get(f"issue/{issue}/changelog")["values"][-1]["items"]
    assert {item["fieldId"]: item["toString"] for item in last} == {"status": "To Do", "resolution": None}


def test_done_without_screen_resolves(rig: Rig) -> None:
    issue = rig.create(project="OPS")
    rig.move(issue, "11", "21", "31")
    assert rig.fields(issue)["resolution"]["name"] == "Done"


@pytest.mark.parametrize(
    ("transition", "fields", "told"),
    [
        ("31", {"resolution": DONE}, "not valid for the current state"),
        ("99", {}, "not valid for the current state"),
        ("11", {"resolution": DONE}, "not on the appropriate screen"),
        ("11", {"summary": "x"}, "not on the appropriate screen"),
    ],
)
def test_impossible_move_is_refused(rig: Rig, transition: str, fields: Any, told: str) -> None:
    issue = rig.create()
    answer = _run(rig, issue, transition, fields=fields)
    assert answer.status_code == 400
    assert told in answer.text
    assert rig.fields(issue)["status"]["name"] == "To Do"


def test_transition_bumps_updated(rig: Rig) -> None:
    issue = rig.create()
    rig.control.skew = 60
    rig.move(issue, "11")
    rig.control.skew = 0
    found = rig.fields(issue)
    assert found["updated"] > found["created"]
    assert found["statuscategorychangedate"] == found["updated"]


def test_transition_may_comment(rig: Rig) -> None:
    issue = rig.create()
    _run(rig, issue, "11", update={"comment": [{"add": {"body": paragraph("starting")}}]})
    [comment] = rig.get(f"issue/{issue}/comment")["comments"]
    assert comment["body"] == paragraph("starting")


def test_create_may_move_on(rig: Rig) -> None:
    fields = {"project": {"key": "ENG"}, "issuetype": {"name": "Task"}, "summary": "A"}
    answer = rig.send("POST", "issue", {"fields": fields, "transition": {"id": "11"}}).json()
    assert answer["transition"]["status"] == 200
    assert rig.fields(answer["id"])["status"]["name"] == "In Progress"


def test_nothing_reaches_cancelled(rig: Rig) -> None:
    assert "Cancelled" in {status["name"] for status in rig.get("status")}
    [task, *_] = rig.get("project/ENG/statuses")
    assert "Cancelled" in {status["name"] for status in task["statuses"]}
    issue = rig.create()
    seen = {name for _, name in _open(rig, issue)}
    for step in ("11", "21"):
        rig.move(issue, step)
        seen |= {name for _, name in _open(rig, issue)}
    assert "Cancelled" not in seen
