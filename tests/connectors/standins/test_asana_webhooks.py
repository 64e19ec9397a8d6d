"""Webhooks of the Asana stand-in: handshake, signatures, heartbeats, filters, failures and what events show."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.standins.asana.hooks import signature
from tests.connectors.standins.asana_desk import BO, PROJECT, WORKSPACE, Desk, at_desk, until
from tests.connectors.standins.asana_target import Target, listening

STATUS = "active,last_success_at,last_failure_at,delivery_retry_count,next_attempt_after,failure_deletion_timestamp"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with at_desk() as desk:
        yield desk


@pytest.fixture
def target() -> Iterator[Target]:
    with listening() as target:
        yield target


def subscribe(desk: Desk, target: Target, resource: str = PROJECT, **more: Any) -> str:
    """A webhook whose first heartbeat has arrived."""
    data = {"resource": resource, "target": target.url, **more}
    gid = str(desk.do("POST", "/webhooks", data, status=201)["gid"])
    assert target.next().events == []
    return gid


def test_handshake_happens_during_creation(desk: Desk, target: Target) -> None:
    answer = desk.send("POST", "/webhooks", json={"data": {"resource": PROJECT, "target": target.url}})
    assert answer.status_code == 201
    assert target.secrets == [answer.json()["X-Hook-Secret"]]
    assert answer.json()["data"]["target"] == target.url


def test_missing_echo_fails_creation(desk: Desk, target: Target) -> None:
    target.mute = True
    message = desk.refuse("POST", "/webhooks", {"resource": PROJECT, "target": target.url})
    assert message == "The remote server did not respond with the handshake secret"
    assert desk.get("/webhooks", workspace=WORKSPACE)["data"] == []


def test_deliveries_are_signed(desk: Desk, target: Target) -> None:
    subscribe(desk, target)
    desk.task()
    arrival = target.next()
    assert arrival.headers["x-hook-signature"] == signature(target.secrets[0], arrival.body)


def test_signature_matches_known_vector() -> None:
    expected = "3fc836005dfa84ae042d88d80e2473a1c6d931719bd8e9106bf6bc54a505a3f7"
    assert signature("b537207f20cbfa02357cf448134da559", b'{"events":[]}') == expected


def test_create_adds_twice(desk: Desk, target: Target) -> None:
    subscribe(desk, target)
    gid = desk.task()
    added = [event for event in target.gather(3) if event["resource"]["gid"] == gid]
    assert [event["action"] for event in added] == ["added", "added"]
    assert [event["parent"]["resource_type"] for event in added] == ["section", "project"]
    assert added[0]["user"] == {"gid": "1201001", "resource_type": "user"}


def test_change_names_field_only(desk: Desk, target: Target) -> None:
    gid = desk.task()
    subscribe(desk, target, filters=[{"resource_type": "task", "action": "changed"}])
    desk.do("PUT", f"/tasks/{gid}", {"name": "New", "assignee": BO}, token="bo-token")
    events = target.gather(2)
    assert [event["change"] for event in events] == [
        {"field": "name", "action": "changed"},
        {"field": "assignee", "action": "changed", "new_value": {"gid": BO, "resource_type": "user"}},
    ]
    assert events[0]["resource"] == {"gid": gid, "resource_type": "task", "resource_subtype": "default_task"}
    assert events[0]["user"]["gid"] == BO


def test_events_of_moment_share_delivery(desk: Desk, target: Target) -> None:
    gid = desk.task()
    subscribe(desk, target, filters=[{"resource_type": "task"}])
    desk.do("PUT", f"/tasks/{gid}", {"name": "New", "notes": "new", "due_on": "2026-12-01"})
    assert len(target.next().events) == 3


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ({"resource_type": "task", "action": "changed", "fields": ["due_on"]}, ["task changed"]),
        ({"resource_type": "story", "resource_subtype": "comment_added", "action": "added"}, ["story added"]),
        ({"resource_type": "task", "action": "deleted"}, ["task deleted"]),
    ],
)
def test_filter_lets_through(desk: Desk, target: Target, rule: dict[str, Any], kept: list[str]) -> None:
    gid = desk.task()
    subscribe(desk, target, filters=[rule])
    desk.do("PUT", f"/tasks/{gid}", {"name": "New", "due_on": "2026-12-01"})
    desk.do("POST", f"/tasks/{gid}/stories", {"text": "a"})
    desk.do("DELETE", f"/tasks/{gid}")
    seen = [f"{event['resource']['resource_type']} {event['action']}" for event in target.gather(1)]
    assert seen == kept


def test_subtask_bubbles_to_project(desk: Desk, target: Target) -> None:
    child = desk.task(parent=desk.task())
    subscribe(desk, target, filters=[{"resource_type": "task", "action": "changed"}])
    desk.do("PUT", f"/tasks/{child}", {"completed": True})
    (event,) = target.gather(1)
    assert (event["resource"]["gid"], event["change"]["field"]) == (child, "completed")


def test_leaving_project_is_removed(desk: Desk, target: Target) -> None:
    gid = desk.task()
    subscribe(desk, target, filters=[{"resource_type": "task"}])
    desk.do("POST", f"/tasks/{gid}/removeProject", {"project": PROJECT})
    assert {event["action"] for event in target.gather(2)} == {"removed"}


def test_heartbeat_can_be_sent(desk: Desk, target: Target) -> None:
    subscribe(desk, target)
    assert desk.door("POST", "heartbeat") == {"sent": 1}
    assert target.next().body == b'{"events":[]}'


@pytest.mark.parametrize("status", [500, 201, 404])
def test_failure_is_shown_and_retried(desk: Desk, target: Target, status: int) -> None:
    gid = subscribe(desk, target)
    desk.control.webhooks.retry_scale = 0.01
    target.status = status
    desk.task()
    first = target.next()
    target.status = 204
    assert target.next().body == first.body
    shown = desk.get(f"/webhooks/{gid}", opt_fields=STATUS)["data"]
    assert shown["last_failure_at"]


def test_day_of_failures_deletes_hook(desk: Desk, target: Target) -> None:
    gid = subscribe(desk, target)
    target.status = 500
    desk.door("POST", "heartbeat")
    until(lambda: desk.get(f"/webhooks/{gid}")["data"]["failure_deletion_timestamp"] is not None)
    desk.control.skew = 25 * 3600
    desk.door("POST", "heartbeat")
    until(lambda: desk.send("GET", f"/webhooks/{gid}").status_code == 404)
    assert desk.get("/webhooks", workspace=WORKSPACE)["data"] == []


def test_deleted_hook_is_gone(desk: Desk, target: Target) -> None:
    gid = subscribe(desk, target)
    assert desk.do("DELETE", f"/webhooks/{gid}", status=200) == {}
    desk.get(f"/webhooks/{gid}", status=404)


def test_hooks_are_listed_by_owner(desk: Desk, target: Target) -> None:
    gid = subscribe(desk, target)
    query: dict[str, Any] = {"workspace": WORKSPACE, "resource": PROJECT}
    assert [hook["gid"] for hook in desk.get("/webhooks", **query)["data"]] == [gid]
    assert desk.get("/webhooks", token="bo-token", **query)["data"] == []
    desk.get("/webhooks", status=400)


def test_workspace_hook_needs_filters(desk: Desk, target: Target) -> None:
    desk.refuse("POST", "/webhooks", {"resource": WORKSPACE, "target": target.url})
    subscribe(desk, target, WORKSPACE, filters=[{"resource_type": "project"}])
    desk.task()
    desk.do("POST", "/projects", {"name": "Next", "workspace": WORKSPACE})
    (event,) = target.gather(1)
    assert event["resource"]["resource_type"] == "project"


def test_local_target_is_refused() -> None:
    with at_desk(loopback=False) as desk:
        desk.refuse("POST", "/webhooks", {"resource": PROJECT, "target": "http://127.0.0.1:9/x"}, status=403)
