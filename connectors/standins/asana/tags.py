"""Tags of the workspace; putting them on tasks is done at the task."""

from connectors.standins.asana import model
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.paging import paged
from connectors.standins.asana.routing import Answer, Call, Router, empty
from connectors.standins.asana.world import World

ROUTES = Router()
_HUES = ("pink", "green", "blue", "red", "teal", "brown", "orange", "purple", "warm-gray")
COLORS = frozenset(f"{shade}-{hue}" for shade in ("dark", "light") for hue in _HUES)


def make_tag(world: World, name: str, color: str | None = None) -> model.Tag:
    """A new tag; names need not be unique."""
    tag = world.add(model.Tag(world.gid(), name, world.workspace, world.stamp(), color))
    world.tags.append(tag)
    return tag


def _color(call: Call) -> str | None:
    color = call.data.get("color")
    if color is not None and color not in COLORS:
        raise ApiError(400, f"color: Not one of {', '.join(sorted(COLORS))}: {color}")
    return color


@ROUTES.route("GET", "/tags")
async def tags(call: Call) -> Answer:
    """All tags."""
    return paged(call, call.world.tags)


@ROUTES.route("GET", "/workspaces/{gid}/tags")
async def of_workspace(call: Call) -> Answer:
    """The tags of a workspace."""
    call.world.find(model.Workspace, call.gid)
    return paged(call, call.world.tags)


@ROUTES.route("GET", "/tasks/{gid}/tags")
async def of_task(call: Call) -> Answer:
    """The tags of a task."""
    return paged(call, call.world.find(model.Task, call.gid).tags)


@ROUTES.route("POST", "/tags")
async def create(call: Call) -> Answer:
    """A tag in the workspace that the body names."""
    call.world.refer(model.Workspace, call.required("workspace"), "workspace")
    return call.one(make_tag(call.world, str(call.required("name")), _color(call)), 201)


@ROUTES.route("POST", "/workspaces/{gid}/tags")
async def create_in_workspace(call: Call) -> Answer:
    """A tag in the workspace that the path names."""
    call.world.find(model.Workspace, call.gid)
    return call.one(make_tag(call.world, str(call.required("name")), _color(call)), 201)


@ROUTES.route("GET", "/tags/{gid}")
async def read(call: Call) -> Answer:
    """One tag."""
    return call.one(call.world.find(model.Tag, call.gid))


@ROUTES.route("PUT", "/tags/{gid}")
async def update(call: Call) -> Answer:
    """Name, notes and colour."""
    tag = call.world.find(model.Tag, call.gid)
    if "color" in call.data:
        tag.color = _color(call)
    tag.name = call.data.get("name", tag.name)
    tag.notes = call.data.get("notes", tag.notes)
    return call.one(tag)


@ROUTES.route("DELETE", "/tags/{gid}")
async def delete(call: Call) -> Answer:
    """From the workspace and from every task."""
    tag = call.world.find(model.Tag, call.gid)
    call.world.tags.remove(tag)
    del call.world.objects[tag.gid]
    for task in call.world.tasks():
        if tag in task.tags:
            task.tags.remove(tag)
    return empty()
