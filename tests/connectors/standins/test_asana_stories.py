"""Stories of the Asana stand-in: what the system writes about edits, and comments with their authors."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connectors.standins.asana_desk import ANA, BO, PROJECT, Desk, at_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with at_desk() as desk:
        yield desk


@pytest.mark.parametrize(
    ("data", "subtype"),
    [
        ({"name": "New"}, "name_changed"),
        ({"notes": "new"}, "notes_changed"),
        ({"html_notes": "<body><em>new</em></body>"}, "notes_changed"),
        ({"due_on": "2026-12-01"}, "due_date_changed"),
        ({"assignee": BO}, "assigned"),
        ({"completed": True}, "marked_complete"),
    ],
    ids=str,
)
def test_edit_is_told_once(desk: Desk, data: dict[str, Any], subtype: str) -> None:
    gid = desk.task()
    seen = len(desk.stories(gid))
    desk.control.skew = 60
    desk.do("PUT", f"/tasks/{gid}", data, token="bo-token")
    (told,) = desk.stories(gid)[seen:]
    assert (told["resource_subtype"], told["type"], told["created_by"]["gid"]) == (subtype, "system", BO)
    assert told["created_at"] >= desk.show(gid)["modified_at"]


@pytest.mark.parametrize(
    ("name", "kind"), [("Effort", "number"), ("Origin", "text"), ("Severity", "enum"), ("Reviewers", "people")]
)
def test_custom_edit_names_field(desk: Desk, name: str, kind: str) -> None:
    gid, field = desk.task(), desk.fields()[name]["gid"]
    values = {"number": 3, "text": "x", "people": [ANA]}
    value = values.get(kind) or desk.option("Severity", "Low")
    desk.do("PUT", f"/tasks/{gid}", {"custom_fields": {field: value}})
    fields = f"resource_subtype,custom_field.gid,new_{kind}_value"
    told = desk.get(f"/tasks/{gid}/stories", opt_fields=fields)["data"][-1]
    assert told["resource_subtype"] == f"{kind}_custom_field_changed"
    assert told["custom_field"] == {"gid": field}
    assert told[f"new_{kind}_value"]


def test_section_move_is_told(desk: Desk) -> None:
    gid, sections = desk.task(), desk.sections()
    desk.do("POST", f"/sections/{sections['Done']}/addTask", {"task": gid})
    told = desk.get(f"/tasks/{gid}/stories", opt_fields="resource_subtype,old_section.name,new_section.gid")["data"][-1]
    assert told["resource_subtype"] == "section_changed"
    assert (told["old_section"]["name"], told["new_section"]["gid"]) == ("Backlog", sections["Done"])


@pytest.mark.parametrize(
    ("path", "key", "subtype"),
    [
        ("addTag", "tag", "added_to_tag"),
        ("removeTag", "tag", "removed_from_tag"),
        ("removeProject", "project", "removed_from_project"),
    ],
)
def test_belonging_is_told(desk: Desk, path: str, key: str, subtype: str) -> None:
    tag = desk.get("/tags")["data"][0]["gid"]
    gid = desk.task(tags=[tag] if path == "removeTag" else [])
    desk.do("POST", f"/tasks/{gid}/{path}", {key: {"tag": tag, "project": PROJECT}[key]})
    assert desk.stories(gid)[-1]["resource_subtype"] == subtype


def test_comment_belongs_to_author(desk: Desk) -> None:
    gid = desk.task()
    story = desk.do("POST", f"/tasks/{gid}/stories", {"text": "1 < 2 你好"}, status=201, token="bo-token")
    assert (story["type"], story["resource_subtype"]) == ("comment", "comment_added")
    assert story["created_by"]["name"] == "Bo Larsen"
    shown = desk.get(f"/stories/{story['gid']}", opt_fields="html_text,target.gid")["data"]
    assert shown["html_text"] == "<body>1 &lt; 2 你好</body>"
    assert shown["target"]["gid"] == gid


def test_own_comment_can_be_edited(desk: Desk) -> None:
    gid = desk.task()
    story = desk.do("POST", f"/tasks/{gid}/stories", {"text": "a"})["gid"]
    edited = desk.do("PUT", f"/stories/{story}", {"html_text": "<body><em>b</em></body>"}, status=200)
    assert (edited["text"], edited["is_edited"]) == ("b", True)
    assert desk.do("DELETE", f"/stories/{story}", status=200) == {}
    desk.get(f"/stories/{story}", status=404)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_foreign_comment_is_protected(desk: Desk, method: str) -> None:
    story = desk.do("POST", f"/tasks/{desk.task()}/stories", {"text": "a"})["gid"]
    desk.refuse(method, f"/stories/{story}", {"text": "b"}, status=403, token="bo-token")


@pytest.mark.parametrize(
    "data", [{}, {"text": "a", "html_text": "<body>a</body>"}, {"html_text": "<body><h1>a</h1></body>"}], ids=str
)
def test_bad_comment_is_refused(desk: Desk, data: dict[str, str]) -> None:
    desk.refuse("POST", f"/tasks/{desk.task()}/stories", data)


def test_comment_moves_modified_at(desk: Desk) -> None:
    gid = desk.task()
    before = desk.show(gid)["modified_at"]
    desk.control.skew = 60
    desk.do("POST", f"/tasks/{gid}/stories", {"text": "a"})
    assert desk.show(gid)["modified_at"] > before
