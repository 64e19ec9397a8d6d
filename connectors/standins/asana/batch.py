"""Up to ten actions in one request: run side by side, answered in their order, each with a status of its own."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.routing import Answer, Call, Router

MOST_ACTIONS = 10
METHODS = frozenset({"get", "post", "put", "delete"})


def actions_of(call: Call) -> list[Any]:
    """The actions of a batch. Raises ApiError 400 when there are none or too many."""
    actions = call.data.get("actions")
    if not isinstance(actions, list) or not 1 <= len(actions) <= MOST_ACTIONS:
        raise ApiError(400, f"actions: A batch must have 1 to {MOST_ACTIONS} actions")
    return actions


def lines_of(call: Call) -> list[tuple[str, str]]:
    """Method and path of each action, which count against the limits in place of the batch itself."""
    return [_line(action) for action in actions_of(call)]


def _line(action: Any) -> tuple[str, str]:
    method, target = (
        str(action.get(name, "")) if isinstance(action, dict) else "" for name in ("method", "relative_path")
    )
    if method.lower() not in METHODS or not target.startswith("/"):
        raise ApiError(400, f"actions: Expected method and relative_path, found {action!r}")
    return method.upper(), target.partition("?")[0]


def routes(router: Router) -> Router:
    """The batch route, which dispatches to the others."""
    own = Router()

    @own.route("POST", "/batch")
    async def batch(call: Call) -> Answer:
        """Always 200, whatever came of the single actions."""
        answers = await asyncio.gather(*(_run(router, call, action) for action in actions_of(call)))
        results = [{"status_code": answer.status, "headers": answer.headers, "body": answer.body} for answer in answers]
        return Answer(200, {"data": results})

    return own


async def _run(router: Router, outer: Call, action: Any) -> Answer:
    try:
        return await router.dispatch(_inner(outer, action))
    except ApiError as error:
        return Answer(error.status, error.body(), error.headers)


def _inner(outer: Call, action: Any) -> Call:
    method, path = _line(action)
    if path == "/batch" or (method == "POST" and path == "/attachments"):
        raise ApiError(400, f"actions: {path} cannot be used in a batch")
    query_parts = {**dict(parse_qsl(action["relative_path"].partition("?")[2])), **query_of(action.get("options"))}
    data = action.get("data") or {}
    if not isinstance(data, dict):
        raise ApiError(400, f"actions: data must be an object, found {data!r}")
    if method == "GET":
        query_parts.update((name, str(value)) for name, value in data.items())
    return Call(
        world=outer.world,
        user=outer.user,
        base=outer.base,
        method=method,
        path=path,
        query=query_parts,
        data=data,
    )


def query_of(options: Any) -> dict[str, str]:
    """Options that stand in a body (`fields`, `limit`, `offset`) as the query that means the same."""
    options = options if isinstance(options, dict) else {}
    query = {name: str(options[name]) for name in ("limit", "offset") if name in options}
    if "fields" in options:
        fields = options["fields"]
        query["opt_fields"] = ",".join(map(str, fields)) if isinstance(fields, list) else str(fields)
    return query
