"""Carrying out checked changes of a task: the attributes, the events and the stories that tell of them."""

from typing import Any

from connectors.standins.asana import dates, model
from connectors.standins.asana.field_shapes import display
from connectors.standins.asana.shapes import pointer
from connectors.standins.asana.world import World

VALUE_NAMES = {"multi_enum": "multi_enum_values"}


def assign(world: World, user: model.User, task: model.Task, wanted: dict[str, Any]) -> dict[str, Any]:
    """Set the attributes and what follows from them, silently; returns the old values of those that changed."""
    values = wanted.pop("values", {})
    before = {name: getattr(task, name) for name, value in wanted.items() if getattr(task, name) != value}
    for name in before:
        setattr(task, name, wanted[name])
    if "completed" in before:
        task.completed_at = world.stamp() if task.completed else None
        task.completed_by = user if task.completed else None
    if "external" in before:
        world.externals.pop((before["external"] or {}).get("gid", ""), None)
        world.externals[(task.external or {}).get("gid", "")] = task
        world.externals.pop("", None)
    old_values = {gid: task.values.get(gid) for gid, value in values.items() if task.values.get(gid) != value}
    task.values.update((gid, values[gid]) for gid in old_values)
    return {**before, "values": old_values} if old_values else before


def edit(world: World, user: model.User, task: model.Task, wanted: dict[str, Any]) -> None:
    """Carry out a write by a person; what is equal to what was there leaves no trace, not even in `modified_at`."""
    before = assign(world, user, task, wanted)
    if not before:
        return
    world.touch(task)
    for name in ("name", "notes", "completed", "approval_status", "resource_subtype", *dates.NAMES):
        if name in before or (name == "notes" and "html_notes" in before):
            world.emit("changed", task, user, change={"field": name, "action": "changed"})
    if "assignee" in before:
        new = pointer(task.assignee) if task.assignee else None
        world.emit("changed", task, user, change={"field": "assignee", "action": "changed", "new_value": new})
    _tell(world, user, task, before)
    for gid, old in before.get("values", {}).items():
        _tell_value(world, user, task, world.objects[gid], old)


def _tell(world: World, user: model.User, task: model.Task, before: dict[str, Any]) -> None:
    if "name" in before:
        text = f'changed the name to "{task.name}"'
        world.tell(task, user, "name_changed", text, old_name=before["name"], new_name=task.name)
    if "notes" in before or "html_notes" in before:
        world.tell(task, user, "notes_changed", "changed the description")
    if any(name in before for name in dates.NAMES):
        new = _dates(task)
        text = f"changed the due date to {new['due_at'] or new['due_on']}"
        old = {name: before.get(name, value) for name, value in new.items()}
        world.tell(task, user, "due_date_changed", text, old_dates=old, new_dates=new)
    if "assignee" in before:
        _tell_assignee(world, user, task, before["assignee"])
    if "completed" in before:
        subtype = "marked_complete" if task.completed else "marked_incomplete"
        world.tell(task, user, subtype, "marked this task complete" if task.completed else "marked incomplete")
    if "approval_status" in before:
        names = {"old_approval_status": before["approval_status"], "new_approval_status": task.approval_status}
        world.tell(task, user, "approval_status_changed", f"changed the approval to {task.approval_status}", **names)


def _tell_assignee(world: World, user: model.User, task: model.Task, old: model.User | None) -> None:
    if task.assignee is None:
        world.tell(task, user, "unassigned", "unassigned this task", assignee=old)
        return
    if task.assignee not in task.followers:
        task.followers.append(task.assignee)
    world.tell(task, user, "assigned", f"assigned to {task.assignee.name}", assignee=task.assignee)


def _tell_value(world: World, user: model.User, task: model.Task, field: model.CustomField, old: Any) -> None:
    new = task.values[field.gid]
    name = VALUE_NAMES.get(field.type, f"{field.type}_value")
    shown = _pointers(new)
    value = {**pointer(field), "resource_subtype": field.type, name: shown}
    world.emit("changed", task, user, change={"field": "custom_fields", "action": "changed", "new_value": value})
    world.tell(
        task,
        user,
        f"{field.type}_custom_field_changed",
        f"changed {field.name} to {display(field, new) or 'nothing'}",
        custom_field=field,
        **{f"{age}_{name}": item for age, item in (("old", old), ("new", new)) if item is not None},
    )


def _pointers(value: Any) -> Any:
    if isinstance(value, list):
        return [pointer(item) for item in value]
    return pointer(value) if isinstance(value, model.EnumOption) else value


def _dates(task: model.Task) -> dict[str, str | None]:
    return {"start_on": task.start_on, "due_at": task.due_at, "due_on": task.due_on}
