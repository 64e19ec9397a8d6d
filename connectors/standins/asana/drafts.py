"""What a written task body means: every property checked before anything is changed."""

from collections.abc import Callable
from typing import Any, NamedTuple

from connectors.standins.asana import custom_values, dates, model, richtext
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.fields import SHAPES
from connectors.standins.asana.shapes import View

CREATE_ONLY = frozenset({"workspace", "projects", "memberships", "parent", "tags", "followers"})
IGNORED = frozenset({"liked", "assignee_status", "resource_type", "assignee_section"})
SUBTYPES = frozenset({"default_task", "milestone", "approval"})
APPROVALS = frozenset({"pending", "approved", "rejected", "changes_requested"})
LONGEST_EXTERNAL = {"gid": 1024, "data": 32_768}


class Draft(NamedTuple):
    """A body on its way to a task; `fields` are the custom fields that the task has, by gid."""

    view: View
    task: model.Task
    fields: dict[str, model.CustomField]
    data: dict[str, Any]


def _name(_draft: Draft, value: Any) -> dict[str, Any]:
    if not isinstance(value, str):
        raise ApiError(400, f"name: Not a string: {value}")
    return {"name": value}


def _notes(draft: Draft, value: Any) -> dict[str, Any]:
    if not isinstance(value, str):
        raise ApiError(400, f"notes: Not a string: {value}")
    if "html_notes" in draft.data:
        raise ApiError(400, "notes: Only one of notes and html_notes can be set")
    rich = richtext.plain(value)
    return {"notes": rich.text, "html_notes": rich.xml}


def _html_notes(draft: Draft, value: Any) -> dict[str, Any]:
    if not isinstance(value, str):
        raise ApiError(400, f"html_notes: Not a string: {value}")
    rich = richtext.parse(value, richtext.TASK_TAGS, draft.view.world.resolve)
    return {"notes": rich.text, "html_notes": rich.xml}


def _assignee(draft: Draft, value: Any) -> dict[str, Any]:
    return {"assignee": None if value is None else draft.view.world.person(value, "assignee", draft.view.user)}


def _subtype(draft: Draft, value: Any) -> dict[str, Any]:
    if value not in SUBTYPES:
        raise ApiError(400, f"resource_subtype: Not one of {', '.join(sorted(SUBTYPES))}: {value}")
    if value != "approval":
        return {"resource_subtype": value, "approval_status": None}
    return {"resource_subtype": value, "approval_status": "approved" if draft.task.completed else "pending"}


def _completed(draft: Draft, value: Any) -> dict[str, Any]:
    if not isinstance(value, bool):
        raise ApiError(400, f"completed: Not a boolean: {value}")
    if draft.data.get("resource_subtype", draft.task.resource_subtype) != "approval":
        return {"completed": value}
    if value == draft.task.completed and draft.task.approval_status is not None:
        return {}
    return {"completed": value, "approval_status": "approved" if value else "pending"}


def _approval_status(draft: Draft, value: Any) -> dict[str, Any]:
    if draft.data.get("resource_subtype", draft.task.resource_subtype) != "approval":
        raise ApiError(400, "approval_status: Can only be set on a task whose resource_subtype is approval")
    if value not in APPROVALS:
        raise ApiError(400, f"approval_status: Not one of {', '.join(sorted(APPROVALS))}: {value}")
    return {"approval_status": value, "completed": value != "pending"}


def _custom_fields(draft: Draft, value: Any) -> dict[str, Any]:
    return {"values": custom_values.read(draft.view.world, draft.fields, value)}


def _external(draft: Draft, value: Any) -> dict[str, Any]:
    """Ignored with a personal access token; unique within an app."""
    world = draft.view.world
    if not world.oauth:
        return {}
    if not isinstance(value, dict):
        raise ApiError(400, f"external: Not an object: {value}")
    external = {**(draft.task.external or {}), **{name: value[name] for name in LONGEST_EXTERNAL if name in value}}
    for name, text in external.items():
        if not isinstance(text, str) or len(text) > LONGEST_EXTERNAL[name]:
            raise ApiError(400, f"external.{name}: Must be a string of at most {LONGEST_EXTERNAL[name]} characters")
    if world.externals.get(external.get("gid", ""), draft.task) is not draft.task:
        raise ApiError(400, f"external.gid: Already in use: {external['gid']}")
    return {"external": external}


WRITERS: dict[str, Callable[[Draft, Any], dict[str, Any]]] = {
    "resource_subtype": _subtype,
    "name": _name,
    "notes": _notes,
    "html_notes": _html_notes,
    "assignee": _assignee,
    "completed": _completed,
    "approval_status": _approval_status,
    "custom_fields": _custom_fields,
    "external": _external,
}


def read(draft: Draft, allowed: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The attributes of the task after the write. Raises ApiError 400; `allowed` are handled by the caller."""
    for name in draft.data:
        known = name in SHAPES[model.Task].getters
        if known and name not in WRITERS and name not in dates.NAMES and name not in allowed | IGNORED:
            raise ApiError(400, f"{name}: Cannot write this property")
    wanted: dict[str, Any] = dict(dates.changed(draft.task, draft.data))
    for name, writer in WRITERS.items():
        if name in draft.data:
            wanted.update(writer(draft, draft.data[name]))
    return wanted
