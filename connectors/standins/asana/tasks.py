"""Tasks and subtasks: create, read, update, delete, and the lists by scope."""

from typing import Any

from connectors.standins.asana import custom_values, dates, drafts, edits, model, placing
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.paging import paged
from connectors.standins.asana.routing import Answer, Call, Router, empty

ROUTES = Router()


@ROUTES.route("POST", "/tasks")
async def create(call: Call) -> Answer:
    """A task somewhere: `workspace`, `projects`, `memberships` or `parent` says where."""
    parent = call.data.get("parent")
    return call.one(make(call, None if parent is None else call.world.refer(model.Task, parent, "parent")), 201)


@ROUTES.route("POST", "/tasks/{gid}/subtasks")
async def create_subtask(call: Call) -> Answer:
    """A task under another."""
    return call.one(make(call, call.world.find(model.Task, call.gid)), 201)


def make(call: Call, parent: model.Task | None) -> model.Task:
    """Check the whole body, then create. Raises ApiError 400."""
    world, data = call.world, call.data
    places = _places(call)
    if not places and parent is None:
        if "workspace" not in data:
            raise ApiError(400, "You should specify one of workspace, parent, projects")
        world.refer(model.Workspace, data["workspace"], "workspace")
    tags = [world.refer(model.Tag, gid, "tags") for gid in call.listed("tags")]
    followers = [world.person(who, "followers", call.user) for who in call.listed("followers")]
    now = world.stamp()
    task = model.Task(world.gid(), "", world.workspace, call.user, now, now, tags=tags)
    task.followers = list(dict.fromkeys([call.user, *followers]))
    fields = custom_values.attached(section.project for section in places)
    wanted = drafts.read(drafts.Draft(call, task, fields, data), drafts.CREATE_ONLY)
    edits.assign(world, call.user, task, wanted)
    if task.assignee is not None and task.assignee not in task.followers:
        task.followers.append(task.assignee)
    world.add(task)
    placing.adopt(world, call.user, task, parent)
    for section in places:
        placing.place(world, call.user, task, section, placing.at_bottom(section))
    return task


def _places(call: Call) -> list[model.Section]:
    """The sections that a create names, by `memberships` or, for the first section, by `projects`."""
    world, places = call.world, {}
    for membership in call.listed("memberships", dict):
        project = world.refer(model.Project, membership.get("project"), "project")
        gid = membership.get("section")
        section = world.refer(model.Section, gid, "section") if gid else project.sections[0]
        if section.project is not project:
            raise ApiError(400, f"section: Section {section.gid} is not in project {project.gid}")
        places[project.gid] = section
    for gid in call.listed("projects"):
        project = world.refer(model.Project, gid, "project")
        places.setdefault(project.gid, project.sections[0])
    return list(places.values())


@ROUTES.route("GET", "/tasks/{gid}")
async def read(call: Call) -> Answer:
    """One task, whole without `opt_fields`."""
    return call.one(call.world.find(model.Task, call.gid))


@ROUTES.route("PUT", "/tasks/{gid}")
async def update(call: Call) -> Answer:
    """Only what is sent changes."""
    task = call.world.find(model.Task, call.gid)
    fields = custom_values.attached(membership.project for membership in task.memberships.values())
    edits.edit(call.world, call.user, task, drafts.read(drafts.Draft(call, task, fields, call.data)))
    return call.one(task)


@ROUTES.route("DELETE", "/tasks/{gid}")
async def delete(call: Call) -> Answer:
    """Into the trash."""
    placing.trash(call.world, call.user, call.world.find(model.Task, call.gid))
    return empty()


@ROUTES.route("GET", "/tasks")
async def by_scope(call: Call) -> Answer:
    """The tasks of one project, section, tag, or of an assignee in a workspace, also those changed since a time."""
    if call.query.get("offset"):
        return paged(call, [])
    return paged(call, _scope(call))


def _scope(call: Call) -> list[model.Task]:
    world, query, keep = call.world, call.query, _since(call)
    if "project" in query:
        return placing.in_project(world.refer(model.Project, query["project"], "project"), keep)
    if "section" in query:
        return placing.in_section(world.refer(model.Section, query["section"], "section"), keep)
    if "tag" in query:
        tag = world.refer(model.Tag, query["tag"], "tag")
        return [task for task in world.tasks() if tag in task.tags and keep(task)]
    if "assignee" not in query or "workspace" not in query:
        raise ApiError(400, "You must specify exactly one of project, tag, section, or assignee and workspace")
    world.refer(model.Workspace, query["workspace"], "workspace")
    assignee = world.person(query["assignee"], "assignee", call.user)
    return [task for task in world.tasks() if task.assignee is assignee and keep(task)]


def _since(call: Call) -> placing.Keep:
    """`modified_since` also sees new projects, tags and dependencies, as the description of the parameter says."""
    modified, completed = _time(call, "modified_since") or "", _time(call, "completed_since") or ""

    def keep(task: model.Task) -> bool:
        if task.completed_at is not None and task.completed_at < completed:
            return False
        return task.modified_at >= modified or task.associated_at >= modified

    return keep


def _time(call: Call, name: str) -> str | None:
    text = call.query.get(name)
    return call.world.stamp() if text == "now" else dates.moment(name, text)


@ROUTES.route("GET", "/projects/{gid}/tasks")
async def of_project(call: Call) -> Answer:
    """The tasks of a project; there is no `modified_since` here."""
    call.query.pop("modified_since", None)
    return paged(call, placing.in_project(call.world.find(model.Project, call.gid), _since(call)))


@ROUTES.route("GET", "/sections/{gid}/tasks")
async def of_section(call: Call) -> Answer:
    """The tasks of a section."""
    return paged(call, placing.in_section(call.world.find(model.Section, call.gid), _since(call)))


@ROUTES.route("GET", "/tags/{gid}/tasks")
async def of_tag(call: Call) -> Answer:
    """The tasks with a tag."""
    tag = call.world.find(model.Tag, call.gid)
    return paged(call, [task for task in call.world.tasks() if tag in task.tags])


@ROUTES.route("GET", "/tasks/{gid}/subtasks")
async def subtasks(call: Call) -> Answer:
    """The subtasks of a task, which no project lists."""
    return paged(call, _alive(call, "subtasks"))


@ROUTES.route("GET", "/tasks/{gid}/dependencies")
async def dependencies(call: Call) -> Answer:
    """What a task waits for."""
    return paged(call, _alive(call, "dependencies"))


@ROUTES.route("GET", "/tasks/{gid}/dependents")
async def dependents(call: Call) -> Answer:
    """What waits for a task."""
    return paged(call, _alive(call, "dependents"))


def _alive(call: Call, name: str) -> list[Any]:
    return call.world.alive(getattr(call.world.find(model.Task, call.gid), name))
