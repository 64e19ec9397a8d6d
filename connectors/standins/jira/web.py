"""Requests, answers and routes: the little HTTP that the route files share."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qs, unquote

import orjson

from connectors.standins.jira.catalogue import Person
from connectors.standins.jira.events import Publisher
from connectors.standins.jira.fields import Unset
from connectors.standins.jira.model import Issue
from connectors.standins.jira.view import View
from connectors.standins.jira.world import World

MISSING_ISSUE: Final = "Issue does not exist or you do not have permission to see it."
NOT_SIGNED_IN: Final = "Client must be authenticated to access this resource."
WILDCARD: Final = "*"
EDIT_PARTS: Final = ("fields", "update", "transition")


class Refused(Exception):
    """An error answer in Jira's form."""

    def __init__(self, status: int, *messages: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(status, messages)
        self.status = status
        self.messages = messages
        self.errors = errors or {}

    @classmethod
    def by_field(cls, problem: Unset) -> "Refused":
        """A 400 that says for each field what is wrong."""
        return cls(400, errors=problem.errors)

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        return {"errorMessages": list(self.messages), "errors": self.errors}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: JSON unless `body` is bytes; None is no body at all."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """One request, with who makes it (None: anonymous) and how that person sees this Jira."""

    method: str
    world: World
    publisher: Publisher
    person: Person | None
    view: View
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    raw: bytes

    @property
    def user(self) -> Person:
        """The person who is signed in. Raises Refused with 401."""
        if self.person is None:
            raise Refused(401, NOT_SIGNED_IN)
        return self.person

    def must_sign_in(self) -> None:
        """Raises Refused with 401 for anonymous callers."""
        if self.person is None:
            raise Refused(401, NOT_SIGNED_IN)

    def json(self) -> dict[str, Any]:
        """The body, which must be an object. Raises Refused."""
        try:
            body = orjson.loads(self.raw)
        except orjson.JSONDecodeError:
            raise Refused(400, "There was an error parsing JSON. Check that your request body is valid.") from None
        if not isinstance(body, dict):
            raise Refused(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        return body

    def edits(self) -> dict[str, Any]:
        """The body of a request that changes an issue. Raises Refused."""
        return checked_edits(self.json())

    def text(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.query.get(name, [default])[0]

    def number(self, name: str, default: int) -> int:
        """A query parameter that is a whole number. Raises Refused."""
        try:
            return max(0, int(self.text(name) or default))
        except ValueError:
            raise Refused(400, f"The value of '{name}' must be a number.") from None

    def words(self, name: str) -> tuple[str, ...]:
        """A query parameter that is a list, repeated or with commas."""
        return split_words(tuple(self.query.get(name, ())))

    def issue(self, key_or_id: str) -> Issue:
        """An issue that this person may see. Raises Refused with 404, for anonymous callers always."""
        found = self.world.issue(key_or_id) if self.person else None
        if found is None:
            raise Refused(404, MISSING_ISSUE)
        return found


def checked_edits(body: Any) -> dict[str, Any]:
    """A request to change an issue whose parts are objects, as far down as they are looked into. Raises Refused."""
    if not isinstance(body, dict) or not all(isinstance(body.get(part) or {}, dict) for part in EDIT_PARTS):
        raise Refused(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    if not isinstance((body.get("fields") or {}).get("project") or {}, dict):
        raise Refused(400, errors={"project": "data was not an object"})
    return body


@lru_cache(maxsize=1024)
def split_words(values: tuple[str, ...]) -> tuple[str, ...]:
    """Comma-separated lists as one list."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


Handler = Callable[..., Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler and its template; the template names the endpoint for rate limits."""

    template: str
    handler: Handler
    cloud_only: bool


class Routes:
    """Handlers by method and path below `/rest/api/N/`, where `{}` stands for one segment and is handed over."""

    def __init__(self, *others: "Routes") -> None:
        self.all: dict[tuple[str, str], Route] = {}
        self.tree: dict[str, Any] = {}
        for other in others:
            for (method, template), route in other.all.items():
                self._add(method, template, route)

    def on(self, method: str, template: str, *, cloud_only: bool = False) -> Callable[[Handler], Handler]:
        """Register a handler."""

        def register(handler: Handler) -> Handler:
            self._add(method, template, Route(template, handler, cloud_only))
            return handler

        return register

    def find(self, method: str, path: str) -> tuple[Route | None, list[str], bool]:
        """The route of a request, its arguments, and whether the path exists with another method."""
        node: dict[str, Any] = self.tree
        arguments: list[str] = []
        for segment in path.split("/"):
            following = node.get(segment)
            if following is None:
                following = node.get(WILDCARD)
                arguments.append(unquote(segment))
            if following is None:
                return None, [], False
            node = following
        methods: dict[str, Route] = node.get("", {})
        return methods.get(method), arguments, bool(methods)

    def _add(self, method: str, template: str, route: Route) -> None:
        self.all[method, template] = route
        node = self.tree
        for segment in template.split("/"):
            node = node.setdefault(WILDCARD if segment == "{}" else segment, {})
        node.setdefault("", {})[method] = route


def parsed_query(raw: bytes) -> dict[str, list[str]]:
    """The parameters of a query string."""
    return parse_qs(raw.decode("latin-1"), keep_blank_values=True) if raw else {}


def paged(values: Iterable[Any], start: int, limit: int, total: int) -> dict[str, Any]:
    """A page with `values` and `isLast`, as most newer listings have it."""
    shown = list(values)
    return {
        "startAt": start,
        "maxResults": limit,
        "total": total,
        "isLast": start + len(shown) >= total,
        "values": shown,
    }
