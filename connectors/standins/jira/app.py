"""The stand-in as an application: who is calling, which route answers, and the limits in front of it."""

import base64
import binascii
from collections.abc import Collection
from typing import Any, Final, Literal

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.standins.control import Control
from connectors.standins.jira import (
    attachments,
    comments,
    history,
    issues,
    links,
    meta,
    properties,
    search,
    state,
    users,
    webhooks,
)
from connectors.standins.jira.catalogue import BY_TOKEN, Person
from connectors.standins.jira.events import Publisher
from connectors.standins.jira.limits import Limiter
from connectors.standins.jira.page import PAGE
from connectors.standins.jira.sample import sample as fill_sample
from connectors.standins.jira.view import View
from connectors.standins.jira.web import Call, Refused, Reply, Route, Routes, parsed_query
from connectors.standins.jira.world import World
from connectors.standins.server import DOOR, Door, read_body

API: Final = Routes(
    *(one.routes for one in (attachments, comments, history, issues, links, meta, properties, search, users, webhooks))
)
MEDIA: Final = "/media/"
"""Where Cloud keeps the bytes of files: whoever has the signed address gets them."""
SECURE: Final = "/secure/attachment/"
"""Where Data Center keeps them."""
ADMIN_PREFIX: Final = "/rest/webhooks/1.0/"
LATEST: Final = "latest"
WRITES: Final = frozenset({"POST", "PUT", "DELETE"})
DENIED: Final = "Client must be authenticated to access this resource."


def build(
    control: Control,
    *,
    deployment: Literal["Cloud", "DataCenter"] = "Cloud",
    done_screen_in: Collection[str] = ("ENG",),
    sample: bool = False,
) -> ASGIApp:
    """A Jira behind its control door: projects ENG and OPS, and with `sample` a launch in ENG.

    `done_screen_in` names the projects whose transition to Done demands a resolution; in others it gives one itself.
    """
    world = World(control, done_screen_in)
    if sample:
        fill_sample(world)
    cloud = deployment == "Cloud"
    return Door(Jira(world, cloud=cloud), control, error_body)


def error_body(status: int, retry_after: float | None) -> tuple[dict[str, str], Any]:
    """Headers and body of an error that the control door has asked for."""
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    if status == 429:
        headers["RateLimit-Reason"] = "jira-burst-based"
    return headers, Refused(status, f"The request could not be served (HTTP {status}).").body()


class Jira:
    """The ASGI application behind the door."""

    def __init__(self, world: World, *, cloud: bool) -> None:
        self.world = world
        self.cloud = cloud
        self.publisher = Publisher(world, cloud=cloud)
        self.limiter = Limiter(world.control, cloud=cloud)
        self.versions = ("2", "3", LATEST) if cloud else ("2", LATEST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        raw = await read_body(receive)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            reply = self._serve(scope, headers, raw)
        except Refused as problem:
            reply = Reply(problem.status, problem.body())
        await _send(send, reply)

    def _serve(self, scope: Scope, headers: dict[str, str], raw: bytes) -> Reply:
        path: str = scope["path"]
        if path == "/":
            return Reply(200, PAGE.encode(), {"Content-Type": "text/html; charset=utf-8"})
        routes, version, rest = self._place(scope, path)
        person = self._person(headers.get("authorization", ""), path)
        zone = person.zone if person else "UTC"
        base = f"{scope.get('scheme', 'http')}://{headers.get('host', 'localhost')}"
        view = View(base, version, self.cloud, zone)
        query = parsed_query(scope["query_string"])
        call = Call(scope["method"], self.world, self.publisher, person, view, query, headers, raw)
        if path.startswith(MEDIA):
            return self._media(path.removeprefix(MEDIA))
        if path.startswith(SECURE) and not self.cloud:
            call.must_sign_in()
            return self._media(path.removeprefix(SECURE).partition("/")[0])
        route, arguments, known = routes.find(scope["method"], rest)
        if route is not None and route.cloud_only and not self.cloud:
            raise Refused(404, "The requested resource does not exist here.")
        if route is None:
            raise Refused(405 if known else 404, "The requested resource does not exist here for this method.")
        return self._limited(call, route, arguments)

    def _place(self, scope: Scope, path: str) -> tuple[Routes, str, str]:
        """The routes that a path belongs to, the version of the API, and the rest of the path, still encoded."""
        newest = "3" if self.cloud else "2"
        if path.startswith(DOOR):
            return state.routes, newest, path.removeprefix(DOOR + "/")
        encoded: str = scope.get("raw_path", path.encode()).decode("latin-1").partition("?")[0]
        if path.startswith(ADMIN_PREFIX):
            return webhooks.admin_routes, "2", encoded.removeprefix(ADMIN_PREFIX)
        if path.startswith("/rest/api/"):
            version, _, rest = encoded.removeprefix("/rest/api/").partition("/")
            if version in self.versions:
                return API, newest if version == LATEST else version, rest
        return Routes(), newest, path

    def _person(self, header: str, path: str) -> Person | None:
        """Who calls. On Cloud a wrong Basic token is as good as none; on Data Center wrong credentials are refused."""
        scheme, _, secret = header.partition(" ")
        if not header or path.startswith((DOOR, MEDIA)):
            return None
        if scheme.lower() == "basic":
            person = _basic(secret, cloud=self.cloud)
            if person is None and not self.cloud:
                raise Refused(401, DENIED)
            return person
        person = BY_TOKEN.get(secret) if scheme.lower() == "bearer" and not self.cloud else None
        if person is None:
            raise Refused(401, DENIED)
        return person

    def _limited(self, call: Call, route: Route, arguments: list[str]) -> Reply:
        if not self.world.control.limits:
            return route.handler(call, *arguments)
        writes = call.method in WRITES and route.template.startswith("issue/{}")
        issue = self.world.issue(arguments[0]) if writes else None
        refused, shown = self.limiter.check(f"{call.method} {route.template}", str(issue.id) if issue else "")
        if refused:
            body = Refused(429, "Rate limit exceeded.").body()
            return Reply(429, body, shown)
        try:
            reply = route.handler(call, *arguments)
        except Refused as problem:
            reply = Reply(problem.status, problem.body())
        return Reply(reply.status, reply.body, {**reply.headers, **shown})

    def _media(self, number: str) -> Reply:
        attachment = self.world.attachments.get(int(number)) if number.isdecimal() else None
        if attachment is None:
            raise Refused(404, "This file does not exist.")
        return attachments.media(attachment)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.publisher.courier.close()
        await send({"type": "lifespan.shutdown.complete"})


def _basic(secret: str, *, cloud: bool) -> Person | None:
    try:
        name, _, token = base64.b64decode(secret).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    person = BY_TOKEN.get(token)
    return person if person and name == (person.email if cloud else person.name) else None


async def _send(send: Send, reply: Reply) -> None:
    data = b"" if reply.body is None else reply.body if isinstance(reply.body, bytes) else orjson.dumps(reply.body)
    given = {name.lower(): value for name, value in reply.headers.items()}
    if data:
        given.setdefault("content-type", "application/json;charset=UTF-8")
    if reply.status != 204:
        given["content-length"] = str(len(data))
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": pairs})
    await send({"type": "http.response.body", "body": data})
