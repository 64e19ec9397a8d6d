"""What writes to the Asana stand-in do: values, refusals that change nothing, moves, and the trash."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connectors.standins.asana_desk import ANA, BO, NOWHERE, PROJECT, WEI, WORKSPACE, Desk, at_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with at_desk() as desk:
        yield desk


def test_update_changes_only_sent(desk: Desk) -> None:
    gid = desk.task("Post", notes="text", due_on="2026-12-01")
    shown = desk.do("PUT", f"/tasks/{gid}", {"name": "Poster"}, status=200)
    assert (shown["name"], shown["notes"], shown["due_on"]) == ("Poster", "text", "2026-12-01")


def test_equal_write_leaves_no_trace(desk: Desk) -> None:
    gid = desk.task("Post", assignee=BO)
    before, feed = desk.show(gid), desk.stories(gid)
    desk.control.skew = 60
    desk.do("PUT", f"/tasks/{gid}", {"name": "Post", "assignee": BO})
    assert desk.show(gid) == before
    assert desk.stories(gid) == feed


@pytest.mark.parametrize("who", [WEI, "wei@acme.example"])
def test_assignee_is_taken_as(desk: Desk, who: str) -> None:
    gid = desk.task(assignee=who)
    assert desk.show(gid, "assignee.name")["assignee"]["name"] == "Chen Wei (陈伟)"
    assert desk.do("PUT", f"/tasks/{gid}", {"assignee": None})["assignee"] is None


@pytest.mark.parametrize(
    "data",
    [
        {"assignee": "nobody@acme.example"},
        {"assignee": NOWHERE},
        {"due_on": "2026-12-01", "due_at": "2026-12-01T10:00:00Z"},
        {"due_on": "01.12.2026"},
        {"due_on": "2026-02-30"},
        {"due_at": "soon"},
        {"start_on": "2026-12-01"},
        {"start_on": "2026-12-09", "due_on": "2026-12-01"},
        {"completed": "yes"},
        {"approval_status": "approved"},
        {"modified_at": "2026-12-01T10:00:00Z"},
        {"projects": [PROJECT]},
        {"notes": "a", "html_notes": "<body>a</body>"},
        {"custom_fields": {NOWHERE: "x"}},
    ],
    ids=str,
)
def test_refused_write_changes_nothing(desk: Desk, data: dict[str, Any]) -> None:
    gid = desk.task("Post")
    before = desk.show(gid)
    desk.refuse("PUT", f"/tasks/{gid}", {"name": "Changed", **data})
    assert desk.show(gid) == before


@pytest.mark.parametrize(
    ("first", "then", "left"),
    [
        ({"due_on": "2026-12-01"}, {"due_at": "2026-12-02T10:00:00+02:00"}, (None, "2026-12-02T08:00:00.000Z")),
        ({"due_at": "2026-12-02T10:00:00Z"}, {"due_on": "2026-12-01"}, ("2026-12-01", None)),
        ({"due_at": "2026-12-02T10:00:00Z"}, {"due_on": None}, (None, None)),
        ({"due_on": "2026-12-01"}, {"due_at": None}, (None, None)),
    ],
)
def test_due_is_day_or_moment(desk: Desk, first: Any, then: Any, left: tuple[str | None, str | None]) -> None:
    shown = desk.do("PUT", f"/tasks/{desk.task(**first)}", then)
    assert (shown["due_on"], shown["due_at"]) == left


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<body>a\nb &amp; <strong>c</strong></body>", "a\nb & c"),
        ("<body><h1>T</h1>x<ul><li>one</li><li>two</li></ul></body>", "T\nx\none\ntwo"),
        ('<body><a href="https://x.example">y</a><hr/>z</body>', "y\nz"),
    ],
)
def test_rich_text_has_plain_text(desk: Desk, html: str, plain: str) -> None:
    shown = desk.show(desk.task(html_notes=html), "notes,html_notes")
    assert (shown["html_notes"], shown["notes"]) == (html, plain)


@pytest.mark.parametrize(
    "html",
    [
        "plain",
        "<body>a<br></body>",
        "<body><p>a</p></body>",
        "<body>a & b</body>",
        '<body><strong class="x">a</strong></body>',
        "<body><li>a</li></body>",
        "<div>a</div>",
        "<body>a</body><body>b</body>",
        '<!DOCTYPE b [<!ENTITY x "y">]><body>&x;</body>',
        '<body><a onclick="x">a</a></body>',
    ],
)
def test_bad_rich_text_is_refused(desk: Desk, html: str) -> None:
    refused = desk.do("PUT", f"/tasks/{desk.task()}", {"html_notes": html}, status=400)
    assert refused["errors"][0]["error"] == "xml_parsing_error"


def test_mention_is_expanded_when_read(desk: Desk) -> None:
    gid = desk.task(html_notes=f'<body>Hi <a data-asana-gid="{BO}"/>!</body>')
    html = desk.show(gid, "html_notes")["html_notes"]
    assert 'data-asana-type="user"' in html
    assert "@Bo Larsen</a>!" in html
    assert "href=" in html


def test_mention_keeps_fixed_text(desk: Desk) -> None:
    gid = desk.task(html_notes=f'<body><a data-asana-gid="{BO}" data-asana-dynamic="false">him</a></body>')
    assert ">him</a>" in desk.show(gid, "html_notes")["html_notes"]


def test_plain_notes_wipe_formatting(desk: Desk) -> None:
    gid = desk.task(html_notes="<body><strong>a</strong></body>")
    desk.do("PUT", f"/tasks/{gid}", {"notes": "a < b"})
    assert desk.show(gid, "html_notes")["html_notes"] == "<body>a &lt; b</body>"


def written(desk: Desk, name: str, value: Any) -> dict[str, Any]:
    gid = desk.task(custom_fields={desk.fields()[name]["gid"]: value})
    shown: dict[str, Any] = next(item for item in desk.show(gid)["custom_fields"] if item["name"] == name)
    return shown


@pytest.mark.parametrize(
    ("name", "value", "key", "display"),
    [
        ("Effort", 4.5, "number_value", "4.50"),
        ("Origin", "Jira 7", "text_value", "Jira 7"),
        ("Launch Date", {"date": "2026-12-01", "date_time": None}, "date_value", "2026-12-01T00:00:00.000Z"),
        ("Origin", None, "text_value", None),
    ],
)
def test_custom_value_reads_back(desk: Desk, name: str, value: Any, key: str, display: str | None) -> None:
    shown = written(desk, name, value)
    assert (shown[key], shown["display_value"]) == (value, display)


def test_options_and_people_read_back(desk: Desk) -> None:
    assert written(desk, "Severity", desk.option("Severity", "High"))["enum_value"]["name"] == "High"
    teams = [desk.option("Teams", name) for name in ("Web", "Sales")]
    assert written(desk, "Teams", teams)["display_value"] == "Web, Sales"
    assert [person["gid"] for person in written(desk, "Reviewers", [ANA, WEI])["people_value"]] == [ANA, WEI]


def test_disabled_option_is_refused(desk: Desk) -> None:
    field = desk.fields()["Severity"]["gid"]
    message = desk.refuse(
        "PUT", f"/tasks/{desk.task()}", {"custom_fields": {field: desk.option("Severity", "Unknown")}}
    )
    assert "disabled" in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Severity", "High"),
        ("Teams", ["Web"]),
        ("Teams", "Web"),
        ("Effort", "4"),
        ("Origin", "x" * 1025),
        ("Launch Date", "2026-12-01"),
        ("Reviewers", ["ana"]),
    ],
)
def test_bad_custom_value_is_refused(desk: Desk, name: str, value: Any) -> None:
    field = desk.fields()[name]["gid"]
    assert field in desk.refuse("PUT", f"/tasks/{desk.task()}", {"custom_fields": {field: value}})


def test_field_outside_project_is_refused(desk: Desk) -> None:
    field = desk.fields()["Origin"]["gid"]
    message = desk.refuse("POST", "/tasks", {"name": "x", "workspace": WORKSPACE, "custom_fields": {field: "y"}})
    assert message == f"Custom field with ID {field} is not on given object"


def test_new_option_can_be_used(desk: Desk) -> None:
    field = desk.fields()["Severity"]["gid"]
    option = desk.do("POST", f"/custom_fields/{field}/enum_options", {"name": "Urgent"}, status=201)["gid"]
    assert written(desk, "Severity", option)["display_value"] == "Urgent"


@pytest.mark.parametrize(
    ("data", "completed", "status"),
    [
        ({"completed": True}, True, "approved"),
        ({"approval_status": "rejected"}, True, "rejected"),
        ({"approval_status": "pending"}, False, "pending"),
    ],
)
def test_approval_follows_completed(desk: Desk, data: dict[str, Any], completed: bool, status: str) -> None:
    shown = desk.do("PUT", f"/tasks/{desk.task(resource_subtype='approval')}", data)
    assert (shown["completed"], shown["approval_status"]) == (completed, status)


def test_completion_names_who_and_when(desk: Desk) -> None:
    gid = desk.task()
    desk.do("PUT", f"/tasks/{gid}", {"completed": True}, token="bo-token")
    shown = desk.show(gid, "completed_at,completed_by.gid")
    assert shown["completed_by"]["gid"] == BO
    assert shown["completed_at"].endswith("Z")


def test_section_move_keeps_modified_at(desk: Desk) -> None:
    gid, doing = desk.task(), desk.sections()["Doing"]
    before = desk.show(gid)["modified_at"]
    desk.control.skew = 60
    desk.do("POST", f"/sections/{doing}/addTask", {"task": gid})
    shown = desk.show(gid)
    assert shown["memberships"][0]["section"]["name"] == "Doing"
    assert len(shown["memberships"]) == 1
    assert (shown["modified_at"], shown["completed"]) == (before, False)


def test_section_order_follows_inserts(desk: Desk) -> None:
    doing, made = desk.sections()["Doing"], [desk.task(name) for name in "abc"]
    for gid, where in zip(made, ({}, {"insert_after": made[0]}, {"insert_before": made[1]}), strict=True):
        desk.do("POST", f"/sections/{doing}/addTask", {"task": gid, **where})
    listed = desk.get(f"/sections/{doing}/tasks")["data"]
    assert [item["name"] for item in listed] == ["a", "c", "b"]


def test_subtask_edit_spares_parent(desk: Desk) -> None:
    parent = desk.task()
    child = desk.task(parent=parent)
    before = desk.show(parent)["modified_at"]
    desk.control.skew = 60
    desk.do("PUT", f"/tasks/{child}", {"name": "Changed"})
    assert desk.show(parent)["modified_at"] == before


def test_leaving_project_is_no_deletion(desk: Desk) -> None:
    other = desk.do("POST", "/projects", {"name": "Other", "workspace": WORKSPACE}, status=201)["gid"]
    gid = desk.task(projects=[PROJECT, other])
    assert len(desk.show(gid)["memberships"]) == 2
    desk.do("POST", f"/tasks/{gid}/removeProject", {"project": PROJECT})
    assert [item["gid"] for item in desk.show(gid)["projects"]] == [other]
    assert desk.get("/tasks", project=PROJECT)["data"] == []


def test_deleted_task_can_return(desk: Desk) -> None:
    gid = desk.task()
    assert desk.do("DELETE", f"/tasks/{gid}", status=200) == {}
    desk.get(f"/tasks/{gid}", status=404)
    assert desk.get("/tasks", project=PROJECT)["data"] == []
    desk.door("POST", "undelete", {"gid": gid})
    assert [item["gid"] for item in desk.get("/tasks", project=PROJECT)["data"]] == [gid]


def test_circle_of_parents_is_refused(desk: Desk) -> None:
    parent = desk.task()
    child = desk.task(parent=parent)
    desk.refuse("POST", f"/tasks/{parent}/setParent", {"parent": child})
    desk.do("POST", f"/tasks/{child}/setParent", {"parent": None})
    assert desk.show(child)["parent"] is None


def test_dependencies_come_and_go(desk: Desk) -> None:
    first, second = desk.task(), desk.task()
    desk.do("POST", f"/tasks/{second}/addDependencies", {"dependencies": [first]})
    assert desk.show(second, "dependencies")["dependencies"] == [{"gid": first, "resource_type": "task"}]
    assert desk.get(f"/tasks/{first}/dependents")["data"][0]["gid"] == second
    desk.do("POST", f"/tasks/{second}/removeDependencies", {"dependencies": [first]})
    assert desk.show(second, "dependencies")["dependencies"] == []


@pytest.mark.parametrize(
    "data",
    [
        {"tags": "launch"},
        {"tags": [1]},
        {"memberships": [PROJECT]},
        {"custom_fields": []},
        {"name": 7},
        {"projects": {}},
    ],
    ids=str,
)
def test_wrong_shapes_are_refused(desk: Desk, data: dict[str, Any]) -> None:
    desk.refuse("POST", "/tasks", {"workspace": WORKSPACE, **data})


def test_create_needs_a_place(desk: Desk) -> None:
    assert "workspace, parent, projects" in desk.refuse("POST", "/tasks", {"name": "Lost"})


def test_external_is_ignored_with_token(desk: Desk) -> None:
    desk.task(external={"gid": "mw:1"})
    desk.get("/tasks/external:mw%3A1", status=404)


def test_external_finds_task_with_oauth() -> None:
    with at_desk(oauth=True) as desk:
        gid = desk.task(external={"gid": "mw:1/x", "data": "{}"})
        assert desk.get("/tasks/external:mw%3A1%2Fx")["data"]["gid"] == gid
        assert "Already in use" in desk.refuse(
            "POST", "/tasks", {"name": "Twin", "projects": [PROJECT], "external": {"gid": "mw:1/x"}}
        )
