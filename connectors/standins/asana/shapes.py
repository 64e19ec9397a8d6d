"""How each type of resource reads as JSON: its properties, the compact ones, and those shown only when asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from connectors.standins.asana import model, richtext
from connectors.standins.asana.fields import ABSENT, Getter, define
from connectors.standins.asana.signing import sign
from connectors.standins.asana.world import SITE, World


@dataclass(slots=True)
class View:
    """Who looks, and from where: `base` is the URL of the server, without a path."""

    world: World
    user: model.User
    base: str


def plain(names: str) -> dict[str, Getter]:
    """Getters for attributes that are shown as they are."""
    return {name: _attribute(name) for name in names.split()}


def constant(value: Any) -> Getter:
    """A getter for a property that the stand-in never varies."""
    return lambda _item, _view: value


def _attribute(name: str) -> Getter:
    read: Callable[[Any], Any] = attrgetter(name)
    return lambda item, _view: read(item)


def _task_url(task: model.Task, _view: View) -> str:
    place = next((f"/project/{gid}" for gid in task.memberships), "")
    return f"{SITE}/1/{task.workspace.gid}{place}/task/{task.gid}"


def _values(task: model.Task, _view: View) -> list[model.FieldValue]:
    fields = {
        setting.custom_field.gid: setting.custom_field
        for membership in task.memberships.values()
        for setting in membership.project.settings
    }
    return [model.FieldValue(field, task.values.get(gid)) for gid, field in fields.items()]


def _external(task: model.Task, view: View) -> Any:
    return task.external if view.world.oauth and task.external else ABSENT


def _pointers(items: list[model.Task], view: View) -> list[dict[str, str]]:
    return [{"gid": item.gid, "resource_type": "task"} for item in view.world.alive(items)]


def _download_url(attachment: model.Attachment, view: View) -> str | None:
    return None if attachment.url else view.base + sign(attachment.gid, view.world.control.now())


BASE = {"gid": _attribute("gid"), "resource_type": _attribute("kind")}
NAMED = {**BASE, "name": _attribute("name")}
LIKES = {
    name: constant(value) for name, value in {"hearted": False, "liked": False, "num_hearts": 0, "num_likes": 0}.items()
}
LISTS_OF_LIKES: dict[str, Getter] = {"hearts": constant([]), "likes": constant([])}

define(
    model.User,
    {
        **NAMED,
        "email": _attribute("email"),
        "photo": constant(None),
        "workspaces": lambda _user, view: [view.world.workspace],
    },
    "gid name resource_type",
)
define(
    model.Workspace,
    {**NAMED, "is_organization": constant(True), "email_domains": constant(["acme.example"])},
    "gid name resource_type",
)
define(
    model.Project,
    {
        **NAMED,
        **plain("workspace owner created_at modified_at notes archived"),
        "permalink_url": lambda project, _view: f"{SITE}/1/{project.workspace.gid}/project/{project.gid}",
        "color": constant(None),
        "completed": constant(False),
        "completed_at": constant(None),
        "current_status_update": constant(None),
        "default_view": constant("board"),
        "due_on": constant(None),
        "start_on": constant(None),
        "privacy_setting": constant("public_to_workspace"),
        "members": lambda _project, view: view.world.users(),
        "followers": constant([]),
        "custom_field_settings": lambda project, _view: project.settings,
    },
    "gid name resource_type",
    opt_in="custom_field_settings",
)
define(model.Section, {**NAMED, **plain("created_at project")}, "gid name resource_type")
define(
    model.Tag,
    {
        **NAMED,
        **plain("color notes created_at workspace"),
        "followers": constant([]),
        "permalink_url": lambda tag, _view: f"{SITE}/0/{tag.gid}/{tag.gid}",
    },
    "gid name resource_type",
)
define(model.Membership, plain("project section"), "project section")
define(
    model.Task,
    {
        **NAMED,
        **plain(
            "resource_subtype assignee completed completed_at created_at modified_at due_at due_on start_at start_on"
        ),
        **plain("notes parent workspace tags followers"),
        **LIKES,
        **LISTS_OF_LIKES,
        "approval_status": lambda task, _view: task.approval_status or ABSENT,
        "assignee_status": constant("upcoming"),
        "actual_time_minutes": constant(None),
        "projects": lambda task, _view: [membership.project for membership in task.memberships.values()],
        "memberships": lambda task, _view: list(task.memberships.values()),
        "custom_fields": _values,
        "permalink_url": _task_url,
        "external": _external,
        "completed_by": _attribute("completed_by"),
        "created_by": _attribute("created_by"),
        "html_notes": lambda task, view: richtext.expand(task.html_notes, view.world.resolve),
        "num_subtasks": lambda task, view: len(view.world.alive(task.subtasks)),
        "dependencies": lambda task, view: _pointers(task.dependencies, view),
        "dependents": lambda task, view: _pointers(task.dependents, view),
        "is_rendered_as_separator": lambda task, _view: task.name.endswith(":"),
    },
    "gid name resource_type resource_subtype",
    opt_in="external completed_by created_by html_notes num_subtasks dependencies dependents is_rendered_as_separator",
)


def _detail(name: str) -> Getter:
    return lambda story, _view: story.detail.get(name, ABSENT)


STORY_DETAILS = (
    "old_name new_name old_dates new_dates old_section new_section assignee project tag custom_field "
    "old_text_value new_text_value old_number_value new_number_value old_enum_value new_enum_value old_date_value "
    "new_date_value old_people_value new_people_value old_multi_enum_values new_multi_enum_values "
    "old_approval_status new_approval_status dependency"
)

define(
    model.Story,
    {
        **BASE,
        **plain("created_at created_by resource_subtype text type is_pinned is_edited"),
        **LIKES,
        **LISTS_OF_LIKES,
        **{name: _detail(name) for name in STORY_DETAILS.split()},
        "is_editable": lambda story, view: story.type == "comment" and story.created_by is view.user,
        "previews": constant([]),
        "source": constant("api"),
        "target": _attribute("task"),
        "task": _attribute("task"),
        "html_text": lambda story, view: (
            richtext.expand(story.html_text, view.world.resolve) if story.type == "comment" else story.html_text
        ),
    },
    "gid created_at created_by resource_type text type resource_subtype",
    opt_in="html_text task",
)
define(
    model.Attachment,
    {
        **NAMED,
        **plain("created_at parent resource_subtype"),
        "host": lambda attachment, _view: attachment.resource_subtype,
        "size": lambda attachment, _view: ABSENT if attachment.url else len(attachment.content),
        "download_url": _download_url,
        "view_url": lambda attachment, view: attachment.url or _download_url(attachment, view),
        "permanent_url": lambda attachment, _view: f"{SITE}/app/asana/-/get_asset?asset_id={attachment.gid}",
        "connected_to_app": constant(False),
    },
    "gid name resource_type resource_subtype",
)


def _event_resource(name: str) -> Getter:
    def read(event: model.Event, _view: View) -> Any:
        resource: Any = getattr(event, name)
        return None if resource is None else named(resource)

    return read


def pointer(resource: Any) -> dict[str, Any]:
    """A resource as an event mentions it: gid and type, never a value."""
    shown = {"gid": resource.gid, "resource_type": resource.kind}
    subtype = getattr(resource, "resource_subtype", None)
    return {**shown, "resource_subtype": subtype} if subtype else shown


def named(resource: Any) -> dict[str, Any]:
    """A pointer together with the name, where there is one."""
    name = getattr(resource, "name", None)
    return pointer(resource) if name is None else {**pointer(resource), "name": name}


define(
    model.Event,
    {
        "user": lambda event, _view: pointer(event.user) if event.user else None,
        "resource": _event_resource("resource"),
        "parent": _event_resource("parent"),
        "type": lambda event, _view: event.resource.kind,
        "action": _attribute("action"),
        "created_at": _attribute("created_at"),
        "change": lambda event, _view: event.change or ABSENT,
    },
    "user resource parent type action created_at change",
)
