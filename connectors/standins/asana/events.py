"""The event stream of a task or project: a first 412 hands out a token, each answer the next one."""

from connectors.standins.asana import model
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.routing import Answer, Call, Router

ROUTES = Router()
EXPIRED = (
    "Sync token invalid or too old. If you are attempting to keep resources in sync, you must fetch the full dataset "
    "for this query now and use the new sync token for the next sync."
)


@ROUTES.route("GET", "/events")
async def events(call: Call) -> Answer:
    """What happened since the token; 412 with a new token when there is none or it is too old."""
    resource = call.world.objects.get(call.query.get("resource", ""))
    if not isinstance(resource, model.Task | model.Project):
        raise ApiError(400, f"resource: Not a recognized ID: {call.query.get('resource')}")
    streams, gid = call.world.streams, resource.gid
    stream = streams.open(gid)
    position = streams.position(gid, call.query.get("sync", ""))
    if position is None:
        raise ApiError(412, EXPIRED, extra={"sync": streams.token(gid, stream.end)})
    found = stream.after(position)
    end = position + len(found)
    body = {"data": call.many(found), "sync": streams.token(gid, end), "has_more": end < stream.end}
    return Answer(200, body)
