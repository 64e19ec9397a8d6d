"""Event streams of the Asana stand-in: 412 first, a token for each answer, pages of 100, and expiry."""

from collections.abc import Iterator

import pytest

from tests.connectors.standins.asana_desk import PROJECT, WORKSPACE, Desk, at_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with at_desk() as desk:
        yield desk


def first_token(desk: Desk, resource: str = PROJECT) -> str:
    return str(desk.get("/events", resource=resource, status=412)["sync"])


def test_first_call_hands_token(desk: Desk) -> None:
    answer = desk.get("/events", resource=PROJECT, status=412)
    assert answer["errors"][0]["message"].startswith("Sync token invalid or too old.")
    assert answer["sync"]


def test_events_follow_token(desk: Desk) -> None:
    token = first_token(desk)
    gid = desk.task("Post")
    answer = desk.get("/events", resource=PROJECT, sync=token)
    added = [event for event in answer["data"] if event["type"] == "task"]
    assert [event["action"] for event in added] == ["added", "added"]
    assert added[0]["resource"]["gid"] == gid
    assert answer["has_more"] is False
    assert desk.get("/events", resource=PROJECT, sync=answer["sync"])["data"] == []


def test_same_token_answers_same(desk: Desk) -> None:
    token = first_token(desk)
    desk.task()
    assert desk.get("/events", resource=PROJECT, sync=token) == desk.get("/events", resource=PROJECT, sync=token)


def test_hundred_events_a_token(desk: Desk) -> None:
    gid, token = desk.task(), first_token(desk)
    for number in range(60):
        desk.do("PUT", f"/tasks/{gid}", {"name": f"Name {number}"})
    first = desk.get("/events", resource=PROJECT, sync=token)
    rest = desk.get("/events", resource=PROJECT, sync=first["sync"])
    assert (len(first["data"]), first["has_more"]) == (100, True)
    assert (len(rest["data"]), rest["has_more"]) == (20, False)


def test_token_expires_after_day(desk: Desk) -> None:
    token = first_token(desk)
    desk.control.skew = 25 * 3600
    assert desk.get("/events", resource=PROJECT, sync=token, status=412)["sync"] != token


def test_tokens_can_be_expired(desk: Desk) -> None:
    token = first_token(desk)
    desk.door("POST", "expire")
    desk.get("/events", resource=PROJECT, sync=token, status=412)


def test_token_belongs_to_resource(desk: Desk) -> None:
    token = first_token(desk)
    desk.get("/events", resource=desk.task(), sync=token, status=412)


@pytest.mark.parametrize("resource", [WORKSPACE, "12"])
def test_other_resources_are_refused(desk: Desk, resource: str) -> None:
    desk.get("/events", resource=resource, status=400)


def test_deletion_reaches_task_stream(desk: Desk) -> None:
    token, gid = first_token(desk), desk.task()
    desk.do("DELETE", f"/tasks/{gid}")
    desk.door("POST", "undelete", {"gid": gid})
    events = desk.get("/events", resource=PROJECT, sync=token)["data"]
    assert [event["action"] for event in events][-2:] == ["deleted", "undeleted"]
