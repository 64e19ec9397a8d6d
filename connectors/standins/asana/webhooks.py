"""The webhook routes: creation with its handshake, reading, filters and deletion."""

import asyncio
import ipaddress
import secrets
from urllib.parse import urlsplit

from connectors.standins.asana import model
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.hooks import Webhook
from connectors.standins.asana.paging import paged
from connectors.standins.asana.routing import Answer, Call, Router, empty
from connectors.standins.asana.world import World

ROUTES = Router()
HEARTBEAT_SECONDS = 8 * 3600
NO_HANDSHAKE = "The remote server did not respond with the handshake secret"
FILTER_ACTIONS = frozenset({"changed", "added", "removed", "deleted", "undeleted"})

_closing: set[asyncio.Task[None]] = set()


def of_world(world: World) -> list[Webhook]:
    """All webhooks that there are."""
    return [item for item in world.objects.values() if isinstance(item, Webhook)]


def beat(world: World) -> int:
    """Send every webhook a heartbeat; returns how many."""
    hooks = of_world(world)
    for hook in hooks:
        hook.send([])
    return len(hooks)


async def keep_beating(world: World) -> None:
    """A heartbeat every eight hours, for ever."""
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        beat(world)


@ROUTES.route("POST", "/webhooks")
async def create(call: Call) -> Answer:
    """Answers only after the target has echoed the secret, which it must do while this call waits."""
    world = call.world
    resource = world.objects.get(str(call.required("resource")))
    if not isinstance(resource, model.Task | model.Project | model.Tag | model.Section | model.Workspace):
        raise ApiError(400, f"resource: Not a recognized ID: {call.data['resource']}")
    hook = Webhook(
        gid=world.gid(),
        resource=resource,
        target=_target(call),
        secret=secrets.token_hex(32),
        filters=_filters(call, resource),
        owner=call.user,
        created_at=world.stamp(),
        control=world.control,
        given_up=lambda failed: _end(world, failed),
    )
    if not await hook.shake_hands():
        await hook.courier.close()
        raise ApiError(400, NO_HANDSHAKE)
    answer = call.one(world.add(hook), 201)
    hook.active = True
    world.listeners.setdefault(resource.gid, []).append(hook.hear)
    hook.send([])
    return Answer(201, {**answer.body, "X-Hook-Secret": hook.secret})


def _target(call: Call) -> str:
    target = str(call.required("target"))
    parts = urlsplit(target)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ApiError(400, f"target: Not a valid URL: {target}")
    if not call.world.loopback and _is_local(parts.hostname):
        raise ApiError(403, f"target: Invalid hostname: {parts.hostname}")
    return target


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _filters(call: Call, resource: model.Resource) -> list[dict[str, object]]:
    filters = call.listed("filters", dict)
    if isinstance(resource, model.Workspace) and not filters:
        raise ApiError(400, "filters: Webhooks on a workspace, team or portfolio must have filters")
    for rule in filters:
        if not rule.get("resource_type"):
            raise ApiError(400, "filters: Each filter must have a resource_type")
        if rule.get("action") not in {None, *FILTER_ACTIONS}:
            raise ApiError(400, f"filters: Not one of {', '.join(sorted(FILTER_ACTIONS))}: {rule['action']}")
        if rule.get("fields") and rule.get("action") != "changed":
            raise ApiError(400, "filters: fields can only be given with the action changed")
    return filters


def _end(world: World, hook: Webhook) -> None:
    if world.objects.pop(hook.gid, None) is None:
        return
    world.listeners[hook.resource.gid].remove(hook.hear)
    task = asyncio.ensure_future(hook.courier.close())
    _closing.add(task)
    task.add_done_callback(_closing.discard)


def _own(call: Call) -> Webhook:
    return call.world.find(Webhook, call.gid)


@ROUTES.route("GET", "/webhooks")
async def webhooks(call: Call) -> Answer:
    """One's own webhooks in a workspace, also only those of one resource."""
    call.world.refer(model.Workspace, call.query.get("workspace"), "workspace")
    gid = call.query.get("resource")
    mine = [hook for hook in of_world(call.world) if hook.owner is call.user]
    return paged(call, [hook for hook in mine if gid in {None, hook.resource.gid}])


@ROUTES.route("GET", "/webhooks/{gid}")
async def read(call: Call) -> Answer:
    """One webhook with what became of its deliveries."""
    return call.one(_own(call))


@ROUTES.route("PUT", "/webhooks/{gid}")
async def update(call: Call) -> Answer:
    """The filters, all at once."""
    hook = _own(call)
    hook.filters = _filters(call, hook.resource)
    return call.one(hook)


@ROUTES.route("DELETE", "/webhooks/{gid}")
async def delete(call: Call) -> Answer:
    """No delivery is started afterwards."""
    _end(call.world, _own(call))
    return empty()
