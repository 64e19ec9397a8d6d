"""What reads of the Asana stand-in show: compact lists, `opt_fields`, pages, scopes and refusals."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.connectors.standins.asana_desk import ANA, BO, NOWHERE, PROJECT, WORKSPACE, Desk, at_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with at_desk() as desk:
        yield desk


def test_lists_are_compact(desk: Desk) -> None:
    desk.task("Post", notes="text", assignee=BO)
    listed = desk.get("/tasks", project=PROJECT)["data"][0]
    assert listed.keys() == {"gid", "name", "resource_type", "resource_subtype"}


def test_single_read_is_whole(desk: Desk) -> None:
    shown = desk.show(desk.task("Post", notes="text", assignee=BO))
    assert shown["notes"] == "text"
    assert shown["assignee"] == {"gid": BO, "name": "Bo Larsen", "resource_type": "user"}
    assert "html_notes" not in shown


def test_opt_fields_are_exact(desk: Desk) -> None:
    gid = desk.task("Post", assignee=BO)
    wanted = "name,assignee.email,memberships.section.name,nonsense,workspace"
    shown = desk.show(gid, wanted)
    assert shown == {
        "gid": gid,
        "name": "Post",
        "assignee": {"gid": BO, "email": "bo@acme.example"},
        "memberships": [{"section": {"gid": desk.sections()["Backlog"], "name": "Backlog"}}],
        "workspace": {"gid": WORKSPACE, "name": "Acme", "resource_type": "workspace"},
    }


def test_pages_cover_everything_once(desk: Desk) -> None:
    made = [desk.task(f"Task {number}") for number in range(7)]
    seen: list[str] = []
    offset: dict[str, Any] = {}
    while True:
        page = desk.get("/tasks", project=PROJECT, limit=3, **offset)
        seen += [item["gid"] for item in page["data"]]
        if page["next_page"] is None:
            break
        offset = {"offset": page["next_page"]["offset"]}
    assert seen == made


def test_deleted_task_leaves_later_page(desk: Desk) -> None:
    made = [desk.task(f"Task {number}") for number in range(4)]
    page = desk.get("/tasks", project=PROJECT, limit=2)
    desk.do("DELETE", f"/tasks/{made[2]}")
    page = desk.get("/tasks", project=PROJECT, limit=2, offset=page["next_page"]["offset"])
    assert [item["gid"] for item in page["data"]] == [made[3]]


def test_offset_tokens_expire(desk: Desk) -> None:
    for number in range(3):
        desk.task(f"Task {number}")
    offset = desk.get("/tasks", project=PROJECT, limit=1)["next_page"]["offset"]
    desk.door("POST", "expire")
    refused = desk.get("/tasks", project=PROJECT, limit=1, offset=offset, status=400)
    assert "pagination token" in refused["errors"][0]["message"]


@pytest.mark.parametrize("limit", ["0", "101", "many"])
def test_limit_outside_bounds_is_refused(desk: Desk, limit: str) -> None:
    desk.get("/tasks", project=PROJECT, limit=limit, status=400)


def test_workspace_users_are_unpaged(desk: Desk) -> None:
    answer = desk.get(f"/workspaces/{WORKSPACE}/users", limit=1)
    assert len(answer["data"]) == 4
    assert "next_page" not in answer


@pytest.mark.parametrize("who", ["me", ANA, "ana@acme.example", "ANA%40acme.example"])
def test_user_is_found_by(desk: Desk, who: str) -> None:
    assert desk.get(f"/users/{who}")["data"]["email"] == "ana@acme.example"


@pytest.mark.parametrize("path", [f"/users/{NOWHERE}", "/users/no@acme.example", f"/tasks/{NOWHERE}", "/nothing"])
def test_missing_answers_404(desk: Desk, path: str) -> None:
    error = desk.get(path, status=404)["errors"][0]
    assert error["help"].startswith("For more information")
    assert "phrase" not in error


def test_wrong_token_answers_401(desk: Desk) -> None:
    assert desk.get("/users/me", token="wrong", status=401)["errors"][0]["message"] == "Not Authorized"


def test_unknown_project_answers_400(desk: Desk) -> None:
    assert desk.get("/tasks", project="12", status=400)["errors"][0]["message"] == "project: Not a recognized ID: 12"


def test_modified_since_sees_additions(desk: Desk) -> None:
    old, moved = desk.task("Old", workspace=WORKSPACE), desk.task("Moved", workspace=WORKSPACE)
    desk.do("POST", f"/tasks/{old}/addProject", {"project": PROJECT})
    modified = desk.show(moved)["modified_at"]
    desk.control.skew = 60
    since = desk.show(desk.task("New"))["modified_at"]
    desk.do("POST", f"/tasks/{moved}/addProject", {"project": PROJECT})
    names = [item["name"] for item in desk.get("/tasks", project=PROJECT, modified_since=since)["data"]]
    assert names == ["New", "Moved"]
    assert desk.show(moved)["modified_at"] == modified


def test_modified_since_sees_tags_only(desk: Desk) -> None:
    tagged, moved = desk.task("Tagged"), desk.task("Moved")
    before = desk.show(tagged)["modified_at"]
    desk.control.skew = 60
    since = desk.show(desk.task("New"))["modified_at"]
    desk.do("POST", f"/tasks/{tagged}/addTag", {"tag": desk.get("/tags")["data"][0]["gid"]})
    desk.do("POST", f"/sections/{desk.sections()['Doing']}/addTask", {"task": moved})
    names = {item["name"] for item in desk.get("/tasks", project=PROJECT, modified_since=since)["data"]}
    assert names == {"New", "Tagged"}
    assert desk.show(tagged)["modified_at"] == before


def test_completed_since_now_lists_open(desk: Desk) -> None:
    desk.task("Shut", completed=True)
    desk.task("Open")
    listed = desk.get("/tasks", project=PROJECT, completed_since="now")["data"]
    assert [item["name"] for item in listed] == ["Open"]


@pytest.mark.parametrize("scope", [{"assignee": "me", "workspace": WORKSPACE}, {"tag": "launch"}, {"section": "Doing"}])
def test_tasks_are_listed_by_scope(desk: Desk, scope: dict[str, str]) -> None:
    tags = {item["name"]: item["gid"] for item in desk.get("/tags")["data"]}
    place = [{"project": PROJECT, "section": desk.sections()["Doing"]}]
    desk.task("Mine", assignee="me", tags=[tags["launch"]], memberships=place)
    desk.task("Other")
    known = {**tags, **desk.sections()}
    listed = desk.get("/tasks", **{name: known.get(value, value) for name, value in scope.items()})["data"]
    assert [item["name"] for item in listed] == ["Mine"]


def test_subtasks_stay_off_project_list(desk: Desk) -> None:
    parent = desk.task("Parent")
    child = desk.do("POST", f"/tasks/{parent}/subtasks", {"name": "Child"}, status=201)["gid"]
    assert [item["gid"] for item in desk.get("/tasks", project=PROJECT)["data"]] == [parent]
    assert [item["gid"] for item in desk.get(f"/tasks/{parent}/subtasks")["data"]] == [child]
    assert desk.show(parent, "num_subtasks")["num_subtasks"] == 1


def test_search_needs_paid_plan(desk: Desk) -> None:
    desk.get(f"/workspaces/{WORKSPACE}/tasks/search", text="x", status=402)


def test_search_lags_behind() -> None:
    with at_desk(premium=True) as desk:
        gid = desk.task("Needle")
        path = f"/workspaces/{WORKSPACE}/tasks/search"
        assert [item["gid"] for item in desk.get(path, text="needle")["data"]] == [gid]
        desk.control.index_lag = 30
        assert desk.get(path, text="needle")["data"] == []
        desk.control.skew = 60
        assert len(desk.get(path, text="needle")["data"]) == 1


def test_typeahead_is_fuzzy(desk: Desk) -> None:
    found = desk.get(f"/workspaces/{WORKSPACE}/typeahead", resource_type="user", query="陈")["data"]
    assert [item["name"] for item in found] == ["Chen Wei (陈伟)"]


def test_sample_and_page_are_there() -> None:
    with at_desk(with_sample=True) as desk:
        names = {task["name"] for task in desk.door("GET", "state")["tasks"]}
        page = desk.http.get(desk.url + "/")
    assert {"Launch page", "Pricing table"} < names
    assert len(names) == 8
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(("name", "data", "status"), [("seed", {"count": "many"}, 400), ("nothing", {}, 404)])
def test_door_names_bad_wishes(desk: Desk, name: str, data: dict[str, str], status: int) -> None:
    answer = httpx.post(f"{desk.url}/__control/{name}", json=data)
    assert answer.status_code == status
    assert name in answer.json()["errors"][0]["message"]


def test_seed_makes_many(desk: Desk) -> None:
    assert desk.door("POST", "seed", {"count": 250, "name": "Seed {n}"}) == {"made": 250}
    listed = desk.get("/tasks", project=PROJECT)["data"]
    assert (listed[0]["name"], listed[-1]["name"], len(listed)) == ("Seed 1", "Seed 250", 250)
