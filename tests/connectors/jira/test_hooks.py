"""Webhooks: every recorded delivery, and those that are not as they should be."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Aspect, HookRequest
from connectors.errors import BadSignature, Malformed
from connectors.jira.hooks import HANDLED, IGNORED, RECEIVER
from tests.connectors.jira.helpers import RECORDED, needs_recordings

# https://developer.atlassian.com/cloud/jira/platform/webhooks/ gives this vector.
SECRET, BODY = "It's a Secret to Everybody", b"Hello World!"
SIGNATURE = "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"

BODIES = [
    *sorted(RECORDED.glob("zulip/*.json")),
    *sorted(RECORDED.glob("mattermost-plugin-jira/webhooks/*.json")),
    *sorted(RECORDED.glob("sentry/edit_issue_*.json")),
]


def request(body: bytes, **headers: str) -> HookRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HookRequest("POST", "/hooks/eng-jira", {}, named, body)


def delivery(event: str, **parts: Any) -> HookRequest:
    return request(json.dumps({"webhookEvent": event, **parts}).encode())


@needs_recordings
@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.stem)
def test_recorded_delivery_is_understood(path: Path) -> None:
    raw = path.read_bytes()
    body = json.loads(raw)
    event = body.get("webhookEvent")
    if event not in HANDLED and event not in IGNORED:
        with pytest.raises(Malformed, match=event or "webhookEvent"):
            RECEIVER.parse(request(raw))
        return
    changes = RECEIVER.parse(request(raw))
    found = body.get("issue", {}).get("id") or body.get("comment", {}).get("self", "").partition("/issue/")[2]
    assert [change.id for change in changes] == ([found.partition("/")[0]] if event in HANDLED else [])
    for change in changes:
        assert change.at == datetime.fromtimestamp(body["timestamp"] / 1000, UTC)
        assert (Aspect.DELETED in change.aspects) == (event == "jira:issue_deleted")


@needs_recordings
@pytest.mark.parametrize(
    ("name", "part", "person"),
    [
        ("zulip/change_status_v2.json", None, "user"),
        ("zulip/comment_created_no_issue_details.json", "comment", "updateAuthor"),
        ("mattermost-plugin-jira/webhooks/webhook-server-comment-created.json", "comment", "author"),
        ("zulip/attachment_created.json", "attachment", "author"),
    ],
)
def test_author_is_named(name: str, part: str | None, person: str) -> None:
    raw = (RECORDED / name).read_bytes()
    (change,) = RECEIVER.parse(request(raw))
    body = json.loads(raw)
    assert change.by == (body[part] if part else body)[person]["displayName"]


@needs_recordings
@pytest.mark.parametrize(
    ("name", "aspects"),
    [
        ("issue-updated-edited", {Aspect.FIELDS}),
        ("issue-updated-attachments", {Aspect.FIELDS, Aspect.ATTACHMENTS}),
        ("server-issue-updated-commented-1", {Aspect.FIELDS, Aspect.COMMENTS}),
        ("server-issue-updated-comment-deleted", {Aspect.FIELDS, Aspect.COMMENTS}),
        ("cloud-comment-created", {Aspect.COMMENTS}),
        ("issue-deleted", {Aspect.DELETED}),
    ],
)
def test_delivery_tells_its_aspect(name: str, aspects: set[Aspect]) -> None:
    raw = (RECORDED / f"mattermost-plugin-jira/webhooks/webhook-{name}.json").read_bytes()
    (change,) = RECEIVER.parse(request(raw))
    assert change.aspects == aspects


def test_vendor_vector_is_accepted() -> None:
    RECEIVER.verify(request(BODY, x_hub_signature=f"sha256={SIGNATURE}"), ["old secret", SECRET])


@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        ("", [SECRET]),
        (f"sha1={SIGNATURE}", [SECRET]),
        (SIGNATURE, [SECRET]),
        (f"sha256={SIGNATURE[:-1]}0", [SECRET]),
        ("sha256=ü", [SECRET]),
        ("sha256=", [SECRET]),
        (f"sha256={SIGNATURE}", []),
        (f"sha256={SIGNATURE}", ["another"]),
    ],
)
def test_bad_signature_is_refused(header: str, secrets: list[str]) -> None:
    with pytest.raises(BadSignature) as caught:
        RECEIVER.verify(request(BODY, x_hub_signature=header), secrets)
    assert SECRET not in str(caught.value)


def test_delivery_keeps_vendor_identifier() -> None:
    assert RECEIVER.delivery_id(request(b"a", x_atlassian_webhook_identifier="72-1")) == "72-1"
    assert RECEIVER.delivery_id(request(b"a")) == RECEIVER.delivery_id(request(b"a"))
    assert RECEIVER.delivery_id(request(b"a")) != RECEIVER.delivery_id(request(b"b"))


def test_tables_do_not_overlap() -> None:
    assert not HANDLED.keys() & IGNORED


@pytest.mark.parametrize("event", ["comment_created", "jira:issue_updated", "issuelink_created"])
def test_event_without_issue_is_malformed(event: str) -> None:
    with pytest.raises(Malformed):
        RECEIVER.parse(delivery(event, issue={"id": "../../etc"}, issueLink={"sourceIssueId": "x"}))


def test_link_changes_both_ends() -> None:
    link = {"sourceIssueId": 10001, "destinationIssueId": 10002}
    assert [change.id for change in RECEIVER.parse(delivery("issuelink_created", issueLink=link))] == ["10001", "10002"]


def test_file_without_issue_is_ignored() -> None:
    assert RECEIVER.parse(delivery("attachment_deleted", attachment={"id": "1", "self": "/attachment/1"})) == []


@pytest.mark.parametrize("stamp", [None, "today", True, 1e300])
def test_odd_time_is_no_time(stamp: object) -> None:
    (change,) = RECEIVER.parse(delivery("jira:issue_updated", issue={"id": "1"}, timestamp=stamp))
    assert change.at is None


def test_receiver_loads_no_client() -> None:
    code = "import sys, connectors.jira.hooks; sys.exit(bool({'jira', 'requests', 'httpx'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
