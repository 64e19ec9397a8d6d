"""Every route of the Asana stand-in answers what the vendor's OpenAPI document describes."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connectors.standins.asana_description import complaints, needs_description
from tests.connectors.standins.asana_desk import ANA, BO, PROJECT, WORKSPACE, Desk, at_desk
from tests.connectors.standins.asana_target import listening

pytestmark = needs_description

READS = [
    "/users",
    "/users/{user_gid}",
    "/workspaces",
    "/workspaces/{workspace_gid}",
    "/workspaces/{workspace_gid}/users",
    "/workspaces/{workspace_gid}/projects",
    "/workspaces/{workspace_gid}/custom_fields",
    "/workspaces/{workspace_gid}/tags",
    "/workspaces/{workspace_gid}/typeahead?resource_type=user&query=a",
    "/workspaces/{workspace_gid}/tasks/search?text=a",
    "/tags",
    "/tags/{tag_gid}",
    "/tags/{tag_gid}/tasks",
    "/projects",
    "/projects/{project_gid}",
    "/projects/{project_gid}/sections",
    "/projects/{project_gid}/tasks",
    "/projects/{project_gid}/custom_field_settings",
    "/sections/{section_gid}",
    "/sections/{section_gid}/tasks",
    "/custom_fields/{custom_field_gid}",
    "/tasks?project={project_gid}&limit=1",
    "/tasks/{task_gid}",
    "/tasks/{task_gid}/subtasks",
    "/tasks/{task_gid}/stories",
    "/tasks/{task_gid}/tags",
    "/tasks/{task_gid}/projects",
    "/tasks/{task_gid}/dependencies",
    "/tasks/{task_gid}/dependents",
    "/stories/{story_gid}",
    "/attachments?parent={task_gid}",
    "/attachments/{attachment_gid}",
    "/webhooks?workspace={workspace_gid}",
    "/webhooks/{webhook_gid}",
    "/events?resource={project_gid}&sync={sync}",
]
WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/tasks", {"name": "New", "projects": [PROJECT]}),
    ("PUT", "/tasks/{task_gid}", {"due_at": "2026-12-01T10:00:00Z", "completed": True, "assignee": None}),
    ("POST", "/tasks/{task_gid}/subtasks", {"name": "New"}),
    ("POST", "/tasks/{task_gid}/setParent", {"parent": None}),
    ("POST", "/tasks/{task_gid}/addProject", {"project": PROJECT}),
    ("POST", "/tasks/{task_gid}/removeProject", {"project": PROJECT}),
    ("POST", "/tasks/{task_gid}/addTag", {"tag": "{tag_gid}"}),
    ("POST", "/tasks/{task_gid}/removeTag", {"tag": "{tag_gid}"}),
    ("POST", "/tasks/{task_gid}/addFollowers", {"followers": [BO]}),
    ("POST", "/tasks/{task_gid}/removeFollowers", {"followers": [BO]}),
    ("POST", "/tasks/{task_gid}/addDependencies", {"dependencies": ["{other_gid}"]}),
    ("POST", "/tasks/{task_gid}/removeDependencies", {"dependencies": ["{other_gid}"]}),
    ("POST", "/tasks/{task_gid}/addDependents", {"dependents": ["{other_gid}"]}),
    ("POST", "/tasks/{task_gid}/removeDependents", {"dependents": ["{other_gid}"]}),
    ("POST", "/tasks/{task_gid}/stories", {"text": "a"}),
    ("POST", "/sections/{section_gid}/addTask", {"task": "{task_gid}"}),
    ("POST", "/projects/{project_gid}/sections", {"name": "New"}),
    ("PUT", "/sections/{section_gid}", {"name": "Later"}),
    ("POST", "/projects", {"name": "New", "workspace": WORKSPACE}),
    ("PUT", "/projects/{project_gid}", {"notes": "new"}),
    ("POST", "/projects/{project_gid}/addCustomFieldSetting", {"custom_field": "{loose_gid}"}),
    ("POST", "/projects/{project_gid}/removeCustomFieldSetting", {"custom_field": "{loose_gid}"}),
    ("POST", "/workspaces/{workspace_gid}/projects", {"name": "New"}),
    ("POST", "/custom_fields", {"name": "New", "workspace": WORKSPACE, "resource_subtype": "text"}),
    ("POST", "/custom_fields/{custom_field_gid}/enum_options", {"name": "New"}),
    ("PUT", "/enum_options/{enum_option_gid}", {"enabled": False}),
    ("POST", "/tags", {"name": "new", "workspace": WORKSPACE}),
    ("POST", "/workspaces/{workspace_gid}/tags", {"name": "new", "color": "dark-red"}),
    ("PUT", "/tags/{tag_gid}", {"name": "newer"}),
    ("PUT", "/stories/{story_gid}", {"text": "b"}),
    ("POST", "/attachments", {"resource_subtype": "external", "parent": "{task_gid}", "name": "a", "url": "https://x"}),
    ("PUT", "/webhooks/{webhook_gid}", {"filters": [{"resource_type": "task"}]}),
    ("POST", "/batch", {"actions": [{"method": "get", "relative_path": "/users/me"}]}),
    ("DELETE", "/stories/{story_gid}", {}),
    ("DELETE", "/attachments/{attachment_gid}", {}),
    ("DELETE", "/webhooks/{webhook_gid}", {}),
    ("DELETE", "/tags/{tag_gid}", {}),
    ("DELETE", "/tasks/{task_gid}", {}),
]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with at_desk(premium=True) as desk:
        yield desk


@pytest.fixture(scope="module")
def hook(desk: Desk) -> Iterator[str]:
    with listening() as target:
        data = {"resource": PROJECT, "target": target.url}
        yield desk.do("POST", "/webhooks", data)["gid"]


@pytest.fixture
def names(desk: Desk, hook: str) -> dict[str, str]:
    """A task with something in every property, and the gids of all that belongs to it."""
    fields, tag = desk.fields(), desk.do("POST", "/tags", {"name": "a", "workspace": WORKSPACE})["gid"]
    values = {"Effort": 2, "Origin": "x", "Reviewers": [ANA], "Launch Date": {"date": "2026-12-01"}}
    values |= {"Severity": desk.option("Severity", "High"), "Teams": [desk.option("Teams", "Web")]}
    custom = {fields[name]["gid"]: value for name, value in values.items()}
    sync = desk.get("/events", resource=PROJECT, status=412)["sync"]
    task = desk.task("Post", assignee=BO, tags=[tag], notes="a", completed=True)
    desk.do("PUT", f"/tasks/{task}", {"custom_fields": custom, "due_on": "2026-12-01", "start_on": "2026-11-30"})
    desk.task("Child", parent=task)
    file = {"resource_subtype": "external", "parent": task, "name": "a", "url": "https://x.example"}
    webhooks = desk.get("/webhooks", workspace=WORKSPACE)["data"]
    loose = {"name": "Loose", "workspace": WORKSPACE, "resource_subtype": "number"}
    return {
        **dict.fromkeys(("user_gid", "me"), ANA),
        "workspace_gid": WORKSPACE,
        "project_gid": PROJECT,
        "section_gid": desk.do("POST", f"/projects/{PROJECT}/sections", {"name": "Next"})["gid"],
        "tag_gid": tag,
        "task_gid": task,
        "other_gid": desk.task("Other"),
        "story_gid": desk.do("POST", f"/tasks/{task}/stories", {"text": "a"})["gid"],
        "attachment_gid": desk.do("POST", "/attachments", file)["gid"],
        "custom_field_gid": fields["Severity"]["gid"],
        "enum_option_gid": fields["Severity"]["enum_options"][0]["gid"],
        "loose_gid": desk.do("POST", "/custom_fields", loose)["gid"],
        "webhook_gid": webhooks[0]["gid"] if webhooks else hook,
        "sync": sync,
    }


def filled(data: Any, names: dict[str, str]) -> Any:
    if isinstance(data, dict):
        return {key: filled(value, names) for key, value in data.items()}
    if isinstance(data, list):
        return [filled(value, names) for value in data]
    return data.format_map(names) if isinstance(data, str) else data


@pytest.mark.parametrize("template", READS)
def test_read_answers_as_described(desk: Desk, names: dict[str, str], template: str) -> None:
    body = desk.get(template.format_map(names))
    assert complaints("GET", template.partition("?")[0], 200, body) == []


@pytest.mark.parametrize(("method", "template", "data"), WRITES, ids=lambda value: str(value)[:40])
def test_write_answers_as_described(
    desk: Desk, names: dict[str, str], method: str, template: str, data: dict[str, Any]
) -> None:
    answer = desk.send(method, template.format_map(names), json={"data": filled(data, names)})
    assert complaints(method, template, answer.status_code, answer.json()) == []


@pytest.mark.parametrize("path", ["/users/me", "/tasks/12"])
def test_refusal_answers_as_described(desk: Desk, path: str) -> None:
    answer = desk.send("GET", path, token="wrong" if path == "/users/me" else "ana-token")
    template = {"/users/me": "/users/{user_gid}", "/tasks/12": "/tasks/{task_gid}"}[path]
    assert answer.json()["errors"]
    assert complaints("GET", template, answer.status_code, answer.json()) == []
