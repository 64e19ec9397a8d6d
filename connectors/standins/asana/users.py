"""Users, workspaces and the typeahead."""

from typing import Any

from connectors.standins.asana import model
from connectors.standins.asana.errors import ApiError, unknown_object
from connectors.standins.asana.paging import paged
from connectors.standins.asana.routing import Answer, Call, Router

ROUTES = Router()
TYPEAHEAD_MOST = 100
TYPEAHEAD_DEFAULT = 20


@ROUTES.route("GET", "/users")
async def everybody(call: Call) -> Answer:
    """All users, in pages where `limit` is given."""
    return paged(call, call.world.users())


@ROUTES.route("GET", "/users/{gid}")
async def user(call: Call) -> Answer:
    """One user by gid, email or `me`; 404 for an email that nobody in the workspace has."""
    try:
        return call.one(call.world.person(call.gid, "user", call.user))
    except ApiError as error:
        raise unknown_object("user", call.gid) from error


@ROUTES.route("GET", "/workspaces")
async def workspaces(call: Call) -> Answer:
    """The workspaces that the token sees: one."""
    return paged(call, [call.world.workspace])


@ROUTES.route("GET", "/workspaces/{gid}")
async def workspace(call: Call) -> Answer:
    """One workspace."""
    return call.one(call.world.find(model.Workspace, call.gid))


@ROUTES.route("GET", "/workspaces/{gid}/users")
async def members(call: Call) -> Answer:
    """Everybody in a workspace; never paged, whatever `limit` says."""
    call.world.find(model.Workspace, call.gid)
    return Answer(200, {"data": call.many(call.world.users())})


@ROUTES.route("GET", "/workspaces/{gid}/typeahead")
async def typeahead(call: Call) -> Answer:
    """What might be meant by some typed letters; without pages."""
    world = call.world
    world.find(model.Workspace, call.gid)
    kind = call.query.get("resource_type")
    pools: dict[str | None, list[Any]] = {
        "user": world.users(),
        "project": list(world.projects),
        "tag": list(world.tags),
        "custom_field": list(world.custom_fields),
    }
    if kind == "task":
        pools["task"] = list(world.tasks())
    if kind not in pools:
        raise ApiError(400, f"resource_type: Not one of {', '.join(['task', *map(str, pools)])}: {kind}")
    typed = call.query.get("query", "").casefold()
    count = call.query.get("count", str(TYPEAHEAD_DEFAULT))
    most = min(int(count), TYPEAHEAD_MOST) if count.isdecimal() else TYPEAHEAD_DEFAULT
    found = [item for item in pools[kind] if typed in item.name.casefold() or typed in _email(item)]
    return Answer(200, {"data": call.many(found[:most])})


def _email(item: Any) -> str:
    return item.email.casefold() if isinstance(item, model.User) else ""
