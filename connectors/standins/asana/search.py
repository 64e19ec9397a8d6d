"""The search of tasks: for paid plans, without pages, and behind an index that lags as the control door says."""

from datetime import timedelta

from connectors.standins.asana import dates, model
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.paging import limit_of
from connectors.standins.asana.routing import Answer, Call, Router

ROUTES = Router()
PAYWALL = "Search is only available to premium users."
DEFAULT_LIMIT = 20


@ROUTES.route("GET", "/workspaces/{gid}/tasks/search")
async def search(call: Call) -> Answer:
    """Tasks by text, project, completion, assignee, custom fields and time of change. 402 on a free plan."""
    call.world.find(model.Workspace, call.gid)
    if not call.world.premium:
        raise ApiError(402, PAYWALL)
    sort = call.query.get("sort_by", "modified_at")
    if sort not in {"modified_at", "created_at", "due_date", "completed_at", "likes"}:
        raise ApiError(400, f"sort_by: Not a sortable property: {sort}")
    found = [task for task in _indexed(call) if _matches(call, task)]
    key = "due_on" if sort == "due_date" else "modified_at" if sort == "likes" else sort
    found.sort(key=lambda task: getattr(task, key) or "", reverse=call.query.get("sort_ascending") != "true")
    return Answer(200, {"data": call.many(found[: limit_of(call) or DEFAULT_LIMIT])})


def _indexed(call: Call) -> list[model.Task]:
    """What the index knows by now: a task appears, and reappears after each change, once the lag is over."""
    world = call.world
    known = world.control.now() - timedelta(seconds=world.control.index_lag)
    until = known.isoformat(timespec="milliseconds")[:-6] + "Z"
    return [task for task in world.tasks() if task.modified_at <= until]


def _matches(call: Call, task: model.Task) -> bool:
    return all(_meets(call, task, name, value) for name, value in call.query.items())


def _meets(call: Call, task: model.Task, name: str, value: str) -> bool:
    match name.split("."):
        case ["text"]:
            return value.casefold() in f"{task.name}\n{task.notes}".casefold()
        case ["projects", "any"]:
            return any(gid in task.memberships for gid in value.split(","))
        case ["sections", "any"]:
            return any(place.section.gid in value.split(",") for place in task.memberships.values())
        case ["completed"]:
            return task.completed == (value == "true")
        case ["resource_subtype"]:
            return task.resource_subtype == value
        case ["assignee", "any"]:
            people = [call.world.person(who, name, call.user) for who in value.split(",")]
            return task.assignee in people
        case ["modified_at" | "created_at" as time, "after" | "before" as side]:
            limit = dates.moment(name, value) or ""
            moment: str = getattr(task, time)
            return moment > limit if side == "after" else moment < limit
        case ["custom_fields", gid, test]:
            return _field_meets(task.values.get(gid), test, value)
        case _:
            return True


def _field_meets(held: object, test: str, value: str) -> bool:
    if test == "is_set":
        return (held is not None) == (value == "true")
    text = held.gid if isinstance(held, model.EnumOption) else "" if held is None else str(held)
    return value == text if test == "value" else value.casefold() in text.casefold()
