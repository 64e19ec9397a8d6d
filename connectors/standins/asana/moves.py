"""What is done to a task beside editing it: sections, projects, parents, tags, followers, dependencies."""

from connectors.standins.asana import model, placing
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.routing import Answer, Call, Router, empty

ROUTES = Router()


def _task(call: Call) -> model.Task:
    return call.world.find(model.Task, call.gid)


def _rank(call: Call, section: model.Section, *, default: float | None = None) -> float:
    before, after = call.data.get("insert_before"), call.data.get("insert_after")
    if before and after:
        raise ApiError(400, "insert_after: Only one of insert_before and insert_after can be set")
    if before or after:
        name = "insert_after" if after else "insert_before"
        neighbour = call.world.refer(model.Task, after or before, name)
        return placing.beside(section, neighbour, after=bool(after))
    return placing.at_top(section) if default is None else default


@ROUTES.route("POST", "/sections/{gid}/addTask")
async def add_to_section(call: Call) -> Answer:
    """At the top unless told otherwise, and out of the other sections of that project."""
    section = call.world.find(model.Section, call.gid)
    task = call.world.refer(model.Task, call.required("task"), "task")
    placing.place(call.world, call.user, task, section, _rank(call, section))
    return empty()


@ROUTES.route("POST", "/tasks/{gid}/addProject")
async def add_project(call: Call) -> Answer:
    """Into a section of a project, or where it already is there; by default its first section."""
    task = _task(call)
    project = call.world.refer(model.Project, call.required("project"), "project")
    present = task.memberships.get(project.gid)
    section = present.section if present else project.sections[0]
    if call.data.get("section"):
        section = call.world.refer(model.Section, call.data["section"], "section")
    if section.project is not project:
        raise ApiError(400, f"section: Section {section.gid} is not in project {project.gid}")
    placing.place(call.world, call.user, task, section, _rank(call, section, default=placing.at_bottom(section)))
    return empty()


@ROUTES.route("POST", "/tasks/{gid}/removeProject")
async def remove_project(call: Call) -> Answer:
    """Out of one project; the task goes on to exist."""
    project = call.world.refer(model.Project, call.required("project"), "project")
    placing.withdraw(call.world, call.user, _task(call), project)
    return empty()


@ROUTES.route("POST", "/tasks/{gid}/setParent")
async def set_parent(call: Call) -> Answer:
    """Under another task, or under none with null."""
    task = _task(call)
    if "parent" not in call.data:
        raise ApiError(400, "parent: Missing input")
    gid = call.data["parent"]
    parent = None if gid is None else call.world.refer(model.Task, gid, "parent")
    placing.adopt(call.world, call.user, task, parent)
    return call.one(task)


@ROUTES.route("POST", "/tasks/{gid}/addTag")
async def add_tag(call: Call) -> Answer:
    """Once, however often it is asked for."""
    task, tag = _task(call), call.world.refer(model.Tag, call.required("tag"), "tag")
    if tag not in task.tags:
        task.tags.append(tag)
        call.world.associate(task)
        call.world.emit("added", task, call.user, parent=tag)
        call.world.tell(task, call.user, "added_to_tag", f"added this task to {tag.name}", tag=tag)
    return empty()


@ROUTES.route("POST", "/tasks/{gid}/removeTag")
async def remove_tag(call: Call) -> Answer:
    """Nothing happens when the task does not have the tag."""
    task, tag = _task(call), call.world.refer(model.Tag, call.required("tag"), "tag")
    if tag in task.tags:
        task.tags.remove(tag)
        call.world.associate(task)
        call.world.emit("removed", task, call.user, parent=tag, also=(tag,))
        call.world.tell(task, call.user, "removed_from_tag", f"removed this task from {tag.name}", tag=tag)
    return empty()


async def _follow(call: Call, action: str) -> Answer:
    task = _task(call)
    people = [call.world.person(who, "followers", call.user) for who in call.listed("followers")]
    for person in people:
        if (person in task.followers) == (action == "added"):
            continue
        (task.followers.append if action == "added" else task.followers.remove)(person)
        value = {"gid": person.gid, "resource_type": "user"}
        change = {"field": "followers", "action": action, f"{action}_value": value}
        call.world.emit("changed", task, call.user, change=change)
    return call.one(task)


@ROUTES.route("POST", "/tasks/{gid}/addFollowers")
async def add_followers(call: Call) -> Answer:
    """People by gid, email or `me`."""
    return await _follow(call, "added")


@ROUTES.route("POST", "/tasks/{gid}/removeFollowers")
async def remove_followers(call: Call) -> Answer:
    """People by gid, email or `me`."""
    return await _follow(call, "removed")


async def _depend(call: Call, name: str, *, add: bool) -> Answer:
    task = _task(call)
    others = [call.world.refer(model.Task, gid, name) for gid in call.listed(name)]
    for other in others:
        waiting, awaited = (task, other) if name == "dependencies" else (other, task)
        if waiting is awaited:
            raise ApiError(400, f"{name}: A task cannot depend on itself")
        if (awaited in waiting.dependencies) == add:
            continue
        (waiting.dependencies.append if add else waiting.dependencies.remove)(awaited)
        (awaited.dependents.append if add else awaited.dependents.remove)(waiting)
        call.world.associate(waiting)
        action = "added" if add else "removed"
        change = {"field": "dependencies", "action": action, f"{action}_value": {"gid": awaited.gid}}
        call.world.emit("changed", waiting, call.user, change=change)
        text = f"marked this task as waiting for {awaited.name}" if add else f"stopped waiting for {awaited.name}"
        call.world.tell(waiting, call.user, f"dependency_{action}", text, dependency=awaited)
    return empty()


@ROUTES.route("POST", "/tasks/{gid}/addDependencies")
async def add_dependencies(call: Call) -> Answer:
    """What this task waits for."""
    return await _depend(call, "dependencies", add=True)


@ROUTES.route("POST", "/tasks/{gid}/removeDependencies")
async def remove_dependencies(call: Call) -> Answer:
    """What this task no longer waits for."""
    return await _depend(call, "dependencies", add=False)


@ROUTES.route("POST", "/tasks/{gid}/addDependents")
async def add_dependents(call: Call) -> Answer:
    """What waits for this task."""
    return await _depend(call, "dependents", add=True)


@ROUTES.route("POST", "/tasks/{gid}/removeDependents")
async def remove_dependents(call: Call) -> Answer:
    """What no longer waits for this task."""
    return await _depend(call, "dependents", add=False)
