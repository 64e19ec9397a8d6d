"""Calls, answers, and the table that finds the handler of a path."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import unquote

from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.fields import COMPACT, WHOLE, parse, show
from connectors.standins.asana.shapes import View


@dataclass(slots=True)
class Call(View):
    """One request: `gid` is the second segment of the path, `data` the body inside its envelope."""

    method: str
    path: str
    gid: str = ""
    query: dict[str, str] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    file: tuple[str, bytes] | None = None

    def required(self, name: str) -> Any:
        """A property of the body. Raises ApiError 400 when it is missing or empty."""
        value = self.data.get(name)
        if value is None or value == "":
            raise ApiError(400, f"{name}: Missing input")
        return value

    def listed(self, name: str, type_: type = str) -> list[Any]:
        """An array of the body, empty when it is not sent. Raises ApiError 400 for anything but texts, or `type_`."""
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, type_) for item in value):
            raise ApiError(400, f"{name}: Not an array of {type_.__name__}: {value}")
        return value

    def one(self, resource: Any, status: int = 200) -> "Answer":
        """A single resource: whole, or what `opt_fields` names."""
        wanted = self.query.get("opt_fields")
        return Answer(status, {"data": show(resource, self, parse(wanted) if wanted else WHOLE)})

    def many(self, resources: list[Any]) -> list[Any]:
        """Resources of a list: compact, or what `opt_fields` names."""
        wanted = self.query.get("opt_fields")
        return [show(resource, self, parse(wanted) if wanted else COMPACT) for resource in resources]


@dataclass(slots=True)
class Answer:
    """What goes back."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


def empty() -> Answer:
    """Asana's answer to what has nothing to show."""
    return Answer(200, {"data": {}})


Handler = Callable[[Call], Coroutine[Any, Any, Answer]]
Route = TypeVar("Route", bound=Handler)


class Router:
    """Handlers by method and path; in every path of this API the second segment is an id, the others are words."""

    def __init__(self) -> None:
        self._routes: dict[tuple[str, ...], Handler] = {}

    def route(self, method: str, path: str) -> Callable[[Route], Route]:
        """Register a handler for a path such as `/tasks/{gid}/stories`."""

        def register(handler: Route) -> Route:
            self._routes[_key(method, path)] = handler
            return handler

        return register

    def include(self, other: "Router") -> None:
        """Take over the routes of another table."""
        self._routes.update(other._routes)

    async def dispatch(self, call: Call) -> Answer:
        """Let the handler do its work; refusals become answers in Asana's words."""
        handler = self._routes.get(_key(call.method, call.path), _no_route)
        segments = call.path.split("/")
        call.gid = unquote(segments[2]) if len(segments) > 2 else ""
        try:
            return await handler(call)
        except ApiError as error:
            return Answer(error.status, error.body(), error.headers)


async def _no_route(_call: Call) -> Answer:
    raise ApiError(404, "No matching route for request")


def _key(method: str, path: str) -> tuple[str, ...]:
    segments = path.split("/")
    if len(segments) > 2:
        segments[2] = "*"
    return (method, *segments[1:])
