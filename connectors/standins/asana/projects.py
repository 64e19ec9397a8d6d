"""Projects and their sections."""

from connectors.standins.asana import model
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.paging import paged
from connectors.standins.asana.routing import Answer, Call, Router, empty
from connectors.standins.asana.world import World

ROUTES = Router()
FIRST_SECTION = "Untitled section"


def make_project(world: World, owner: model.User, name: str, gid: str | None = None) -> model.Project:
    """A project without sections yet."""
    now = world.stamp()
    project = world.add(model.Project(gid or world.gid(), name, world.workspace, owner, now, now))
    world.projects.append(project)
    return project


def make_section(world: World, project: model.Project, name: str) -> model.Section:
    """A section at the end of a project."""
    section = world.add(model.Section(world.gid(), name, project, world.stamp()))
    project.sections.append(section)
    return section


@ROUTES.route("GET", "/projects")
async def projects(call: Call) -> Answer:
    """All projects, also only the archived or the others."""
    found = call.world.projects
    if "archived" in call.query:
        found = [project for project in found if project.archived == (call.query["archived"] == "true")]
    return paged(call, found)


@ROUTES.route("GET", "/workspaces/{gid}/projects")
async def of_workspace(call: Call) -> Answer:
    """The projects of a workspace."""
    call.world.find(model.Workspace, call.gid)
    return await projects(call)


@ROUTES.route("GET", "/tasks/{gid}/projects")
async def of_task(call: Call) -> Answer:
    """The projects that a task is in."""
    places = call.world.find(model.Task, call.gid).memberships.values()
    return paged(call, [place.project for place in places])


@ROUTES.route("POST", "/projects")
async def create(call: Call) -> Answer:
    """A project with its first section, in the workspace that the body names."""
    call.world.refer(model.Workspace, call.required("workspace"), "workspace")
    return _create(call)


@ROUTES.route("POST", "/workspaces/{gid}/projects")
async def create_in_workspace(call: Call) -> Answer:
    """A project with its first section, in the workspace that the path names."""
    call.world.find(model.Workspace, call.gid)
    return _create(call)


def _create(call: Call) -> Answer:
    project = make_project(call.world, call.user, str(call.required("name")))
    project.notes = str(call.data.get("notes") or "")
    make_section(call.world, project, FIRST_SECTION)
    call.world.emit("added", project, call.user, parent=project.workspace)
    return call.one(project, 201)


@ROUTES.route("GET", "/projects/{gid}")
async def read(call: Call) -> Answer:
    """One project."""
    return call.one(call.world.find(model.Project, call.gid))


@ROUTES.route("PUT", "/projects/{gid}")
async def update(call: Call) -> Answer:
    """Name, notes and whether it is archived."""
    project = call.world.find(model.Project, call.gid)
    for name in ("name", "notes", "archived"):
        if name in call.data and call.data[name] != getattr(project, name):
            setattr(project, name, call.data[name])
            project.modified_at = call.world.stamp()
            call.world.emit("changed", project, call.user, change={"field": name, "action": "changed"})
    return call.one(project)


@ROUTES.route("DELETE", "/projects/{gid}")
async def delete(call: Call) -> Answer:
    """The project and its sections; its tasks go on to exist."""
    project = call.world.find(model.Project, call.gid)
    call.world.emit("deleted", project, call.user)
    for section in project.sections:
        for task in section.tasks.values():
            task.memberships.pop(project.gid, None)
        del call.world.objects[section.gid]
    call.world.projects.remove(project)
    del call.world.objects[project.gid]
    return empty()


@ROUTES.route("GET", "/projects/{gid}/sections")
async def sections(call: Call) -> Answer:
    """The sections in their order."""
    return paged(call, call.world.find(model.Project, call.gid).sections)


@ROUTES.route("POST", "/projects/{gid}/sections")
async def create_section(call: Call) -> Answer:
    """One more section, at the end."""
    project = call.world.find(model.Project, call.gid)
    section = make_section(call.world, project, str(call.required("name")))
    call.world.emit("added", section, call.user, parent=project)
    return call.one(section, 201)


@ROUTES.route("GET", "/sections/{gid}")
async def section(call: Call) -> Answer:
    """One section."""
    return call.one(call.world.find(model.Section, call.gid))


@ROUTES.route("PUT", "/sections/{gid}")
async def rename_section(call: Call) -> Answer:
    """The name of a section."""
    found = call.world.find(model.Section, call.gid)
    found.name = str(call.required("name"))
    call.world.emit("changed", found, call.user, change={"field": "name", "action": "changed"})
    return call.one(found)


@ROUTES.route("DELETE", "/sections/{gid}")
async def delete_section(call: Call) -> Answer:
    """Only an empty one, and never the last."""
    found = call.world.find(model.Section, call.gid)
    if found.tasks or len(found.project.sections) == 1:
        raise ApiError(400, "section: Only an empty section that is not the last of its project can be deleted")
    call.world.emit("deleted", found, call.user)
    found.project.sections.remove(found)
    del call.world.objects[found.gid]
    return empty()
