"""Tasks as Asana shows them -> records, and what must be asked of a task for that."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from connectors.asana.account import Place
from connectors.asana.client import Json
from connectors.asana.fields import TASK, TYPES
from connectors.asana.html import to_markdown
from connectors.asana.marker import without_line
from connectors.contract import FieldType, Record, Ref, Scope, Value
from connectors.values import normal, parse_datetime

SUBTASK_LEVELS: Final = 2
"""Subtasks so deep under a task of the project are in scope with it; Asana lists none of them under the project."""

_MEMBERSHIPS: Final = ("memberships.project.gid", "memberships.section.gid", "memberships.section.name")

# Compact answers show almost nothing (and an absent field would look empty), so all that is cheap is always asked.
_CORE: Final = (
    "name",
    "completed",
    "assignee.gid",
    "assignee.email",
    "due_on",
    "due_at",
    "start_on",
    "start_at",
    "tags.gid",
    "tags.name",
    "followers.gid",
    "followers.email",
    "parent.gid",
    "resource_subtype",
    "approval_status",
    "created_at",
    "created_by.gid",
    "modified_at",
    "permalink_url",
    "num_subtasks",
    "is_rendered_as_separator",
    *(f"{'parent.' * level}{path}" for level in range(SUBTASK_LEVELS + 1) for path in _MEMBERSHIPS),
)
_NOTES: Final = ("html_notes",)
_CUSTOM: Final = tuple(
    f"custom_fields.{name}"
    for name in (
        "gid",
        "resource_subtype",
        "display_value",
        "text_value",
        "number_value",
        "enum_value.name",
        "multi_enum_values.name",
        "date_value",
        "people_value.gid",
        "people_value.email",
    )
)


def opt_fields(keys: Iterable[str], place: Place) -> list[str]:
    """All that must be asked so that none of these fields, nor the marker, falsely looks empty."""
    asked = set(keys)
    names = [*_CORE, *place.marking.opt_fields]
    if "notes" in asked:
        names += _NOTES
    if asked - TYPES.keys():
        names += _CUSTOM
    return list(dict.fromkeys(names))


def is_work(task: Json) -> bool:
    """False for a separator: a heading that old projects keep as a task."""
    return not task.get("is_rendered_as_separator")


def record(task: Json, keys: Collection[str], place: Place, scope: Scope, connection: str) -> Record:
    """A record with the fields `keys`, of a task that was read with their `opt_fields`."""
    fields = {key: _standard(task, key, place, connection) for key in keys if key in TYPES}
    fields |= {field["gid"]: _custom(field) for field in task.get("custom_fields") or () if field["gid"] in keys}
    return Record(
        ref=Ref(connection, TASK, task["gid"]),
        fields={**dict.fromkeys(keys), **fields},
        created=parse_datetime(task["created_at"]),
        updated=parse_datetime(task["modified_at"]),
        version=_version(task),
        url=task.get("permalink_url") or "",
        marker=place.marking.read(task),
        in_scope=_in_scope(task, place),
        native={"task": task, "scope": dict(scope), "keys": tuple(keys)},
    )


def membership(task: Json, project: str) -> Json | None:
    """The task's own place in a project."""
    return next((m for m in task.get("memberships") or () if (m.get("project") or {}).get("gid") == project), None)


def _in_scope(task: Json, place: Place) -> bool:
    at: Json | None = task
    for _ in range(SUBTASK_LEVELS + 1):
        if at is None:
            return False
        found = membership(at, place.project.gid)
        if found is not None:
            return place.section is None or (found.get("section") or {}).get("gid") == place.section
        at = at.get("parent")
    return False


def _version(task: Json) -> str:
    """`modified_at` stands still when a task changes section, project, parent or followers, or a name changes."""
    parts: list[Any] = [
        task["modified_at"],
        sorted(str((m.get("section") or {}).get("name")) for m in task.get("memberships") or ()),
        sorted(tag["name"] for tag in task.get("tags") or ()),
        sorted(user["gid"] for user in task.get("followers") or ()),
        (task.get("parent") or {}).get("gid"),
        task.get("resource_subtype"),
        task.get("approval_status"),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _person(user: Json | None) -> str | None:
    return None if not user else user.get("email") or f"@{user['gid']}"


def _section(task: Json, place: Place) -> str | None:
    found = membership(task, place.project.gid)
    return (found.get("section") or {}).get("name") if found else None


def _standard(task: Json, key: str, place: Place, connection: str) -> Value:
    native: Any
    match key:
        case "notes":
            native = to_markdown(without_line(task["html_notes"]))
        case "section":
            native = _section(task, place)
        case "assignee":
            native = _person(task.get("assignee"))
        case "followers":
            native = [_person(user) for user in task.get("followers") or ()]
        case "tags":
            native = [tag["name"] for tag in task.get("tags") or ()]
        case "parent":
            parent = task.get("parent")
            native = str(Ref(connection, TASK, parent["gid"])) if parent else None
        case _:
            native = task.get(key)
    return normal(TYPES[key], native)


def _enum(field: Json) -> Any:
    return (field.get("enum_value") or {}).get("name")


_CUSTOM_VALUES: Final[dict[str, tuple[FieldType, Callable[[Json], Any]]]] = {
    "number": (FieldType.NUMBER, lambda field: field.get("number_value")),
    "enum": (FieldType.OPTION, _enum),
    "multi_enum": (
        FieldType.OPTIONS,
        lambda field: [option["name"] for option in field.get("multi_enum_values") or ()],
    ),
    "people": (FieldType.USERS, lambda field: [_person(user) for user in field.get("people_value") or ()]),
}


def _custom(field: Json) -> Value:
    kind = field["resource_subtype"]
    if kind == "date":
        value = field.get("date_value") or {}
        moment = value.get("date_time")
        return normal(FieldType.DATETIME, moment) if moment else normal(FieldType.DATE, value.get("date"))
    if kind in _CUSTOM_VALUES:
        type_, read = _CUSTOM_VALUES[kind]
        return normal(type_, read(field))
    return normal(FieldType.TEXT, field.get("text_value") or field.get("display_value"))
