"""Webhooks: who hears of what, in which words, signed how, and tried how often."""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.standins.jira_rig import Arrival, Inbox, Rig, jira, paragraph, receiving

SHARED = Path(os.environ.get("SYNCLINE_SHARED", Path(__file__).parents[4] / "shared"))
RECORDED = SHARED / "recorded/jira/mattermost-plugin-jira/webhooks"
RECORDINGS = [
    "webhook-issue-created.json",
    "webhook-issue-updated-labels.json",
    "webhook-issue-deleted.json",
    "webhook-cloud-comment-created.json",
]
OLD_IDENTITY = {"name", "key"}
SECRET = "It's a Secret to Everybody"


@pytest.fixture
def setting() -> Iterator[tuple[Rig, Inbox, str]]:
    with receiving() as (inbox, url), jira() as rig:
        rig.control.webhooks.retry_scale = 0.0
        yield rig, inbox, url


Setting = tuple[Rig, Inbox, str]


def _items(body: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = body.get("changelog", {}).get("items", [])
    return items


def _by_event(arrivals: list[Arrival]) -> dict[str, dict[str, Any]]:
    return {arrival.event: arrival.body for arrival in arrivals}


def test_created_carries_changelog(setting: Setting) -> None:
    rig, inbox, url = setting
    rig.hook(url)
    issue = rig.create("ana", description=paragraph("some *text*"))
    [arrival] = inbox.take(1)
    body = arrival.body
    assert (body["webhookEvent"], body["issue_event_type_name"]) == ("jira:issue_created", "issue_created")
    assert (body["issue"]["id"], body["user"]["displayName"]) == (issue, "Ana Chen")
    assert {"summary", "status", "reporter"} <= {item["fieldId"] for item in body["changelog"]["items"]}


def test_bodies_hold_wiki_text(setting: Setting) -> None:
    rig, inbox, url = setting
    issue = rig.create()
    rig.hook(url)
    content = [{"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "Title"}]}]
    rig.edit(issue, "bo", description={"type": "doc", "version": 1, "content": content})
    [arrival] = inbox.take(1)
    assert arrival.body["issue"]["fields"]["description"] == "h2. Title"
    assert "/rest/api/2/" in arrival.body["issue"]["self"]
    [item] = arrival.body["changelog"]["items"]
    assert (item["fieldId"], item["toString"]) == ("description", "h2. Title")


def test_comment_makes_two_events(setting: Setting) -> None:
    rig, inbox, url = setting
    issue = rig.create()
    rig.hook(url)
    rig.send("POST", f"issue/{issue}/comment", {"body": paragraph("hi")}, "wei")
    events = _by_event(inbox.take(2))
    said = events["comment_created"]
    assert (said["comment"]["body"], said["comment"]["author"]["displayName"]) == ("hi", "Chen Wei (陈伟)")
    assert "user" not in said
    trimmed = {"summary", "issuetype", "project", "assignee", "priority", "status"}
    assert said["issue"]["fields"].keys() == trimmed
    updated = events["jira:issue_updated"]
    assert (updated["issue_event_type_name"], "changelog" in updated) == ("issue_commented", False)


def test_delete_sends_last_state(setting: Setting) -> None:
    rig, inbox, url = setting
    issue = rig.create(summary="Last words")
    rig.hook(url)
    rig.call("DELETE", f"issue/{issue}")
    [arrival] = inbox.take(1)
    assert arrival.event == "jira:issue_deleted"
    assert arrival.body["issue"]["fields"]["summary"] == "Last words"


@pytest.mark.parametrize(
    ("change", "kind"),
    [({"assignee": None}, "issue_assigned"), ({"summary": "B", "assignee": None}, "issue_updated")],
)
def test_kind_names_the_action(setting: Setting, change: dict[str, Any], kind: str) -> None:
    rig, inbox, url = setting
    issue = rig.create(assignee={"accountId": "712020:00000000-0000-4000-8000-000000000002"})
    rig.hook(url)
    rig.edit(issue, **change)
    [arrival] = inbox.take(1)
    assert arrival.body["issue_event_type_name"] == kind


def test_secret_signs_raw_body(setting: Setting) -> None:
    rig, inbox, url = setting
    assert rig.hook(url, secret=SECRET).json()["isSigned"] is True
    rig.create(summary="签名")
    [arrival] = inbox.take(1)
    expected = hmac.new(SECRET.encode(), arrival.raw, hashlib.sha256).hexdigest()
    assert arrival.headers["x-hub-signature"] == f"sha256={expected}"


def test_retries_keep_identifier(setting: Setting) -> None:
    rig, inbox, url = setting
    inbox.statuses = [503, 429, 408, 500, 502]
    rig.hook(url)
    rig.create()
    arrivals = inbox.take(5)
    assert len({arrival.headers["x-atlassian-webhook-identifier"] for arrival in arrivals}) == 1
    counts = [arrival.headers.get("x-atlassian-webhook-retry") for arrival in arrivals]
    assert counts == [None, "1", "2", "3", "4"]
    assert {arrival.headers["x-atlassian-webhook-flow"] for arrival in arrivals} == {"Primary"}


def test_refusal_is_final(setting: Setting) -> None:
    rig, inbox, url = setting
    inbox.statuses = [404]
    rig.hook(url)
    issue = rig.create()
    inbox.take(1)
    rig.call("DELETE", f"issue/{issue}")
    [following] = inbox.take(1)
    assert following.event == "jira:issue_deleted"


def test_filter_lets_matching_through(setting: Setting) -> None:
    rig, inbox, url = setting
    rig.hook(url, filters={"issue-related-events-section": "project = OPS AND labels = launch"})
    rig.create()
    rig.create(project="OPS")
    wanted = rig.create(project="OPS", labels=["launch"])
    [arrival] = inbox.take(1)
    assert arrival.body["issue"]["id"] == wanted


def test_bulk_create_flows_second(setting: Setting) -> None:
    rig, inbox, url = setting
    rig.hook(url)
    fields = {"project": {"key": "ENG"}, "issuetype": {"name": "Task"}, "summary": "A"}
    rig.send("POST", "issue/bulk", {"issueUpdates": [{"fields": fields}] * 2})
    assert [arrival.headers["x-atlassian-webhook-flow"] for arrival in inbox.take(2)] == ["Secondary"] * 2


def test_attachment_is_announced(setting: Setting) -> None:
    rig, inbox, url = setting
    issue = rig.create()
    rig.hook(url)
    files = {"file": ("a.txt", b"x", "text/plain")}
    rig.call("POST", f"issue/{issue}/attachments", files=files, headers={"X-Atlassian-Token": "no-check"})
    events = _by_event(inbox.take(2))
    assert events["attachment_created"]["attachment"]["filename"] == "a.txt"
    [item] = events["jira:issue_updated"]["changelog"]["items"]
    assert (item["field"], item["toString"]) == ("Attachment", "a.txt")


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded deliveries are not in ../shared")
@pytest.mark.parametrize("name", RECORDINGS)
def test_bodies_match_recordings(setting: Setting, name: str) -> None:
    rig, inbox, url = setting
    recorded = json.loads((RECORDED / name).read_text())
    rig.hook(url)
    issue = rig.create(labels=["bad"])
    rig.edit(issue, labels=["good"])
    rig.send("POST", f"issue/{issue}/comment", {"body": paragraph("hi")})
    rig.call("DELETE", f"issue/{issue}")
    bodies = [arrival.body for arrival in inbox.take(5)]
    ours = next(
        body
        for body in bodies
        if body["webhookEvent"] == recorded["webhookEvent"]
        and body.get("issue_event_type_name") == recorded.get("issue_event_type_name")
    )
    assert recorded.keys() == ours.keys() - {"eventType"}
    assert recorded["issue"].keys() == ours["issue"].keys() - {"expand"}
    for part in ("user", "comment"):
        assert recorded.get(part, {}).keys() - OLD_IDENTITY <= ours.get(part, {}).keys()
    for theirs, mine in zip(_items(recorded), _items(ours), strict=False):
        assert theirs.keys() == mine.keys()


def test_hooks_can_be_managed(setting: Setting) -> None:
    rig, _, url = setting
    place = rig.hook(url, secret="s").json()["self"]
    changed = rig.send("PUT", place, {"enabled": False, "filters": {}}).json()
    assert (changed["enabled"], changed["isSigned"], changed["url"]) == (False, True, url)
    assert [hook["self"] for hook in rig.get(f"{rig.url}/rest/webhooks/1.0/webhook")] == [place]
    assert rig.call("DELETE", place).status_code == 204
    assert rig.call("GET", place).status_code == 404


@pytest.mark.parametrize(
    "change", [{"events": ["issue_moved"]}, {"url": "ftp://x"}, {"filters": {"issue-related-events-section": "x ="}}]
)
def test_bad_hook_is_refused(setting: Setting, change: dict[str, Any]) -> None:
    rig, _, url = setting
    assert rig.hook(**{"url": url, **change}).status_code == 400


def test_dynamic_hooks_are_for_apps(setting: Setting) -> None:
    rig, _, _ = setting
    assert rig.send("POST", "webhook", {"url": "https://x", "webhooks": []}).status_code == 403
