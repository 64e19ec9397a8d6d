"""What hangs on an issue: comments, files, properties, remote links."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.connectors.standins.jira_rig import Rig, jira, paragraph

NO_CHECK = {"X-Atlassian-Token": "no-check"}


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with jira() as made:
        yield made


def _say(rig: Rig, issue: str, text: str, person: str = "bot", **more: Any) -> str:
    answer = rig.send("POST", f"issue/{issue}/comment", {"body": paragraph(text), **more}, person)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _attach(rig: Rig, issue: str, name: str = "a.txt", **more: Any) -> httpx.Response:
    files = {"file": (name, b"\x00bytes", "text/plain")}
    return rig.call("POST", f"issue/{issue}/attachments", files=files, **{"headers": NO_CHECK, **more})


def test_comment_belongs_to_author(rig: Rig) -> None:
    issue = rig.create()
    comment = _say(rig, issue, "hello", "wei")
    rig.send("PUT", f"issue/{issue}/comment/{comment}", {"body": paragraph("hello!")}, "ana")
    shown = rig.get(f"issue/{issue}/comment/{comment}")
    assert (shown["author"]["displayName"], shown["updateAuthor"]["displayName"]) == ("Chen Wei (陈伟)", "Ana Chen")
    assert shown["body"] == paragraph("hello!")


def test_comments_come_in_pages(rig: Rig) -> None:
    issue = rig.create()
    said = [_say(rig, issue, str(number)) for number in range(5)]
    page = rig.get(f"issue/{issue}/comment", startAt=1, maxResults=2, orderBy="-created", expand="renderedBody")
    assert [one["id"] for one in page["comments"]] == [said[3], said[2]]
    assert (page["total"], page["comments"][0]["renderedBody"]) == (5, "<p>3</p>")


def test_internal_comment_is_marked(rig: Rig) -> None:
    issue = rig.create()
    comment = _say(rig, issue, "note", properties=[{"key": "sd.public.comment", "value": {"internal": True}}])
    assert rig.get(f"issue/{issue}/comment/{comment}")["jsdPublic"] is False


@pytest.mark.parametrize("body", ["", paragraph(""), {"type": "doc", "version": 1, "content": []}])
def test_empty_comment_is_refused(rig: Rig, body: Any) -> None:
    answer = rig.send("POST", f"issue/{rig.create()}/comment", {"body": body})
    assert answer.status_code == 400


def test_comment_properties_mark_ours(rig: Rig) -> None:
    issue = rig.create()
    comment = _say(rig, issue, "ours", properties=[{"key": "mw.link", "value": {"id": 7}}])
    assert rig.get(f"comment/{comment}/properties/mw.link")["value"] == {"id": 7}
    [shown] = rig.get(f"issue/{issue}/comment", expand="properties")["comments"]
    assert shown["properties"] == [{"key": "mw.link", "value": {"id": 7}}]


def test_comment_bumps_updated(rig: Rig) -> None:
    issue = rig.create()
    before = rig.fields(issue)["updated"]
    rig.control.skew = 60
    comment = _say(rig, issue, "x")
    rig.control.skew = 0
    after = rig.fields(issue)["updated"]
    assert after > before
    assert rig.call("DELETE", f"issue/{issue}/comment/{comment}").status_code == 204
    assert rig.get(f"issue/{issue}/comment")["total"] == 0


def test_upload_needs_header(rig: Rig) -> None:
    issue = rig.create()
    answer = _attach(rig, issue, headers={})
    assert (answer.status_code, rig.fields(issue)["attachment"]) == (403, [])


def test_download_is_redirected(rig: Rig) -> None:
    [attachment] = _attach(rig, rig.create(), "发布 计划.txt").json()
    assert attachment["filename"] == "发布 计划.txt"
    answer = rig.call("GET", attachment["content"])
    assert answer.status_code == 303
    assert httpx.get(answer.headers["Location"]).content == b"\x00bytes"
    straight = rig.call("GET", attachment["content"], params={"redirect": "false"})
    assert (straight.status_code, straight.content) == (200, b"\x00bytes")


def test_deleted_file_is_gone(rig: Rig) -> None:
    issue = rig.create()
    [attachment] = _attach(rig, issue).json()
    assert rig.call("DELETE", f"attachment/{attachment['id']}").status_code == 204
    assert rig.call("GET", f"attachment/{attachment['id']}").status_code == 404
    told = [(item["field"], item["fromString"], item["toString"]) for item in _items(rig, issue)]
    assert told == [("Attachment", None, "a.txt"), ("Attachment", "a.txt", None)]


def _items(rig: Rig, issue: str) -> list[dict[str, Any]]:
    return [item for entry in rig.get(f"issue/{issue}/changelog")["values"] for item in entry["items"]]


def test_too_large_file_is_refused(rig: Rig) -> None:
    limit = rig.get("attachment/meta")["uploadLimit"]
    files = {"file": ("big", b"x" * (limit + 1), "text/plain")}
    answer = rig.call("POST", f"issue/{rig.create()}/attachments", files=files, headers=NO_CHECK)
    assert answer.status_code == 413


def test_property_arrives_with_create(rig: Rig) -> None:
    fields = {"project": {"key": "ENG"}, "issuetype": {"name": "Task"}, "summary": "A"}
    body = {"fields": fields, "properties": [{"key": "mw.link", "value": {"rev": 1}}]}
    issue = rig.send("POST", "issue", body).json()["id"]
    assert rig.get(f"issue/{issue}/properties/mw.link") == {"key": "mw.link", "value": {"rev": 1}}
    assert rig.get(f"issue/{issue}", properties="mw.link,other")["properties"] == {"mw.link": {"rev": 1}}
    [found] = rig.get("search/jql", jql=f"id = {issue}", fields="summary", properties="mw.link")["issues"]
    assert found["properties"] == {"mw.link": {"rev": 1}}


def test_property_leaves_updated_alone(rig: Rig) -> None:
    issue = rig.create()
    before = rig.fields(issue)["updated"]
    place = f"issue/{issue}/properties/k%2Fey"
    assert [rig.send("PUT", place, value).status_code for value in (1, 2)] == [201, 200]
    assert rig.get(f"issue/{issue}/properties")["keys"][0]["key"] == "k/ey"
    assert rig.call("DELETE", place).status_code == 204
    assert rig.call("GET", place).status_code == 404
    assert rig.fields(issue)["updated"] == before


def test_too_large_property_is_refused(rig: Rig) -> None:
    answer = rig.send("PUT", f"issue/{rig.create()}/properties/k", "x" * 32_768)
    assert answer.status_code == 400


def test_remote_link_is_idempotent(rig: Rig) -> None:
    place = f"issue/{rig.create()}/remotelink"
    first, second = (
        rig.send("POST", place, {"globalId": "mw=1", "object": {"url": "https://x.example", "title": title}})
        for title in ("A", "B")
    )
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    [link] = rig.get(place)
    assert link["object"]["title"] == "B"
    assert rig.get(place, globalId="mw=1")["id"] == link["id"]
