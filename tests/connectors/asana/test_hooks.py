"""What the receiver makes of handshakes, signatures and deliveries."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.asana.hooks import RECEIVER
from connectors.contract import Aspect, Change, HookRequest
from connectors.errors import BadSignature, Malformed

# The vector of the vendor's description.
SECRET = "b537207f20cbfa02357cf448134da559"
HEARTBEAT = b'{"events":[]}'
SIGNATURE = "3fc836005dfa84ae042d88d80e2473a1c6d931719bd8e9106bf6bc54a505a3f7"

AT = "2026-11-20T09:15:02.123Z"
TASK = {"gid": "900", "resource_type": "task", "resource_subtype": "default_task"}
USER = {"gid": "55", "resource_type": "user"}


def request(body: bytes = HEARTBEAT, **headers: str) -> HookRequest:
    return HookRequest("POST", "/hooks/desk/1204001", {}, {k.replace("_", "-"): v for k, v in headers.items()}, body)


def delivery(*events: dict[str, Any]) -> HookRequest:
    return request(json.dumps({"events": events}).encode())


def event(resource: dict[str, Any], action: str = "changed", **more: Any) -> dict[str, Any]:
    return {"action": action, "resource": resource, "parent": None, "user": USER, "created_at": AT, **more}


def of_type(kind: str, subtype: str = "") -> dict[str, Any]:
    return {"gid": "950", "resource_type": kind, "resource_subtype": subtype}


def test_known_vector_passes() -> None:
    RECEIVER.verify(request(x_hook_signature=SIGNATURE), ["another", SECRET])


@pytest.mark.parametrize(
    ("signature", "body", "secrets"),
    [
        (SIGNATURE, HEARTBEAT, ["another"]),
        (SIGNATURE, HEARTBEAT, []),
        (SIGNATURE, HEARTBEAT + b" ", [SECRET]),
        (SIGNATURE.upper(), HEARTBEAT, [SECRET]),
        ("", HEARTBEAT, [SECRET]),
        ("ü", HEARTBEAT, [SECRET]),
    ],
)
def test_wrong_signature_is_refused(signature: str, body: bytes, secrets: list[str]) -> None:
    with pytest.raises(BadSignature):
        RECEIVER.verify(request(body, x_hook_signature=signature), secrets)


def test_handshake_echoes_secret() -> None:
    reply = RECEIVER.handshake(request(b"", x_hook_secret=SECRET))
    assert reply is not None
    assert (reply.status, reply.headers, reply.secret) == (200, {"X-Hook-Secret": SECRET}, SECRET)
    assert RECEIVER.handshake(request(x_hook_signature=SIGNATURE)) is None


def test_heartbeat_announces_nothing() -> None:
    assert RECEIVER.parse(request()) == []


@pytest.mark.parametrize("action", ["added", "changed", "removed", "undeleted"])
def test_task_event_announces_fields(action: str) -> None:
    at = datetime(2026, 11, 20, 9, 15, 2, 123000, UTC)
    expected = Change("task", "900", frozenset({Aspect.FIELDS}), at, "55", as_of=at)
    assert RECEIVER.parse(delivery(event(TASK, action))) == [expected]


@pytest.mark.parametrize(
    ("changed", "aspect"),
    [
        (event(TASK, "deleted", user=None), Aspect.DELETED),
        (event(of_type("story", "comment_added"), "added", parent=TASK), Aspect.COMMENTS),
        (event(of_type("story", "comment_added"), "removed", parent=TASK), Aspect.COMMENTS),
        (event(of_type("story", "attachment_added"), "added", parent=TASK), Aspect.ATTACHMENTS),
        (event(of_type("attachment"), "removed", parent=TASK), Aspect.ATTACHMENTS),
    ],
)
def test_event_announces_its_aspect(changed: dict[str, Any], aspect: Aspect) -> None:
    (change,) = RECEIVER.parse(delivery(changed))
    assert (change.object, change.id, change.aspects) == ("task", "900", frozenset({aspect}))


@pytest.mark.parametrize(
    "other",
    [
        event(of_type("project")),
        event(of_type("section")),
        event(of_type("something_new")),
        event(of_type("story", "section_changed"), "added", parent=TASK),
        event(of_type("story", "comment_added"), "deleted"),
        event(of_type("attachment"), "added", parent=of_type("project")),
    ],
)
def test_other_events_are_ignored(other: dict[str, Any]) -> None:
    assert RECEIVER.parse(delivery(other, event(TASK))) == RECEIVER.parse(delivery(event(TASK)))


@pytest.mark.parametrize("events", [["x"], [{}], [{"resource": {"resource_type": "task"}}], [{"resource": 3}]])
def test_odd_event_is_malformed(events: list[Any]) -> None:
    with pytest.raises(Malformed):
        RECEIVER.parse(request(json.dumps({"events": events}).encode()))


def test_odd_time_is_left_out() -> None:
    (change,) = RECEIVER.parse(delivery(event(TASK, created_at="yesterday")))
    assert change.at is None


@pytest.mark.parametrize("module", ["hooks", "fields", "settings"])
def test_no_package_of_vendor_loaded(module: str) -> None:
    code = f"import sys, connectors.asana.{module}; sys.exit('asana' in sys.modules or 'httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
