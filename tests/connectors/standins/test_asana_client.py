"""The vendor's own Python client talks to the Asana stand-in as it talks to Asana."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asana
import httpx
import pytest
from asana.rest import ApiException
from urllib3.util.retry import Retry

from tests.connectors.standins.asana_desk import NOWHERE, PROJECT, WORKSPACE, Desk, at_desk
from tests.connectors.standins.asana_target import listening


class Calls:
    """The calls of one area of the client, each without its envelope."""

    def __init__(self, area: Any) -> None:
        self.area = area

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self.area, name)
        return lambda *given: call(*given)["data"]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with at_desk() as desk:
        yield desk


@pytest.fixture(scope="module")
def client(desk: Desk) -> Iterator[Any]:
    settings = asana.Configuration()
    settings.host = f"{desk.url}/api/1.0"
    settings.access_token = "bot-token"
    settings.retry_strategy = Retry(total=0)
    settings.return_page_iterator = False
    client = asana.ApiClient(settings)
    yield client
    client.rest_client.pool_manager.clear()


@pytest.fixture
def task(client: Any) -> str:
    body = {"data": {"name": "Post", "projects": [PROJECT]}}
    return str(Calls(asana.TasksApi(client)).create_task(body, {})["gid"])


def test_tasks_live_and_die(client: Any, task: str) -> None:
    tasks = Calls(asana.TasksApi(client))
    assert tasks.update_task({"data": {"completed": True}}, task, {"opt_fields": "completed"})["completed"] is True
    assert tasks.get_task(task, {"opt_fields": "created_by.name"})["created_by"]["name"] == "Syncline Bot"
    tasks.delete_task(task)
    with pytest.raises(ApiException) as refused:
        tasks.get_task(task, {})
    assert refused.value.status == 404


def test_task_pages_follow_offset(client: Any, task: str) -> None:
    tasks = asana.TasksApi(client)
    tasks.create_task({"data": {"name": "Second", "projects": [PROJECT]}}, {})
    first = tasks.get_tasks({"project": PROJECT, "limit": 1, "opt_fields": "name"})
    rest = tasks.get_tasks({"project": PROJECT, "limit": 100, "offset": first["next_page"]["offset"]})
    assert len(first["data"]) == 1
    assert first["data"][0]["gid"] not in {item["gid"] for item in rest["data"]}


def test_task_relations_change(client: Any, task: str) -> None:
    tasks = Calls(asana.TasksApi(client))
    child = tasks.create_subtask_for_task({"data": {"name": "Child"}}, task, {})["gid"]
    assert tasks.get_subtasks_for_task(task, {})[0]["gid"] == child
    tasks.set_parent_for_task({"data": {"parent": None}}, child, {})
    tasks.add_project_for_task({"data": {"project": PROJECT}}, child)
    tasks.add_dependencies_for_task({"data": {"dependencies": [task]}}, child)
    assert tasks.get_dependencies_for_task(child, {})[0]["gid"] == task
    tasks.remove_project_for_task({"data": {"project": PROJECT}}, child)
    assert tasks.get_task(child, {})["memberships"] == []


def test_stories_can_be_written(client: Any, task: str) -> None:
    stories = Calls(asana.StoriesApi(client))
    made = stories.create_story_for_task({"data": {"text": "hello"}}, task, {})
    assert stories.update_story({"data": {"text": "bye"}}, made["gid"], {})["text"] == "bye"
    assert stories.get_stories_for_task(task, {"opt_fields": "text"})[-1]["text"] == "bye"
    assert stories.get_story(made["gid"], {})["type"] == "comment"
    assert stories.delete_story(made["gid"]) == {}


def test_sections_take_tasks(client: Any, task: str) -> None:
    sections = Calls(asana.SectionsApi(client))
    made = sections.create_section_for_project(PROJECT, {"body": {"data": {"name": "Review"}}})
    sections.add_task_for_section(made["gid"], {"body": {"data": {"task": task}}})
    listed = Calls(asana.TasksApi(client)).get_tasks_for_section(made["gid"], {"limit": 5})
    assert [item["gid"] for item in listed] == [task]
    assert made["gid"] in [item["gid"] for item in sections.get_sections_for_project(PROJECT, {})]


def test_projects_and_fields_are_described(client: Any) -> None:
    project = Calls(asana.ProjectsApi(client)).get_project(PROJECT, {"opt_fields": "workspace.gid,name"})
    assert project == {"gid": PROJECT, "name": "Product launch", "workspace": {"gid": WORKSPACE}}
    wanted = {"opt_fields": "custom_field.name,custom_field.enum_options.name,custom_field.enum_options.enabled"}
    settings = Calls(asana.CustomFieldSettingsApi(client)).get_custom_field_settings_for_project(PROJECT, wanted)
    severity = next(item["custom_field"] for item in settings if item["custom_field"]["name"] == "Severity")
    assert [option["enabled"] for option in severity["enum_options"]] == [True, True, True, False]


def test_users_are_found(client: Any) -> None:
    users = Calls(asana.UsersApi(client))
    assert users.get_user("me", {})["email"] == "bot@acme.example"
    assert users.get_user("wei@acme.example", {})["name"] == "Chen Wei (陈伟)"
    listed = users.get_users_for_workspace(WORKSPACE, {"opt_fields": "email"})
    assert len(listed) == 4


def test_tags_are_put_on_tasks(client: Any, task: str) -> None:
    tags, tasks = Calls(asana.TagsApi(client)), Calls(asana.TasksApi(client))
    tag = tags.create_tag_for_workspace({"data": {"name": "urgent"}}, WORKSPACE, {})["gid"]
    tasks.add_tag_for_task({"data": {"tag": tag}}, task)
    assert [item["gid"] for item in tags.get_tags_for_task(task, {})] == [tag]
    tasks.remove_tag_for_task({"data": {"tag": tag}}, task)
    tags.delete_tag(tag)
    assert tag not in [item["gid"] for item in tags.get_tags_for_workspace(WORKSPACE, {})]


def test_attachments_go_up_and_down(client: Any, task: str, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("Größe", "utf-8")
    attachments = Calls(asana.AttachmentsApi(client))
    made = attachments.create_attachment_for_object({"parent": task, "file": str(path)})
    shown = attachments.get_attachment(made["gid"], {"opt_fields": "name,download_url"})
    assert shown["name"] == "report.txt"
    assert httpx.get(shown["download_url"]).text == "Größe"
    assert len(attachments.get_attachments_for_object(task, {})) == 1
    attachments.delete_attachment(made["gid"])


def test_events_start_with_412(client: Any, task: str) -> None:
    events = asana.EventsApi(client)
    with pytest.raises(ApiException) as refused:
        events.get_events(task, {})
    assert refused.value.status == 412
    sync = json.loads(refused.value.body)["sync"]
    Calls(asana.TasksApi(client)).update_task({"data": {"name": "New"}}, task, {})
    answer = events.get_events(task, {"sync": sync})
    assert answer["data"][0]["change"]["field"] == "name"
    assert answer["sync"] != sync


def test_webhooks_are_registered(client: Any) -> None:
    webhooks = Calls(asana.WebhooksApi(client))
    with listening() as target:
        body = {"data": {"resource": PROJECT, "target": target.url}}
        made = webhooks.area.create_webhook(body, {})
        assert made["X-Hook-Secret"] == target.secrets[0]
        gid = made["data"]["gid"]
        assert webhooks.get_webhook(gid, {})["active"] is True
        webhooks.update_webhook({"data": {"filters": [{"resource_type": "task"}]}}, gid, {})
        assert [hook["gid"] for hook in webhooks.get_webhooks(WORKSPACE, {})] == [gid]
        webhooks.delete_webhook(gid)


def test_batch_mixes_outcomes(client: Any, task: str) -> None:
    paths = [f"/tasks/{task}", f"/tasks/{NOWHERE}"]
    actions = [{"relative_path": path, "method": "get", "options": {"fields": ["name"]}} for path in paths]
    results = Calls(asana.BatchAPIApi(client)).create_batch_request({"data": {"actions": actions}}, {})
    assert [result["status_code"] for result in results] == [200, 404]
    assert results[0]["body"]["data"] == {"gid": task, "name": "Post"}
