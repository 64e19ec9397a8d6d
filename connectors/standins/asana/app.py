"""The stand-in as an application: who calls, what they sent, which handler answers, and the page for people."""

import asyncio
import contextlib
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.standins.asana import (
    attachments,
    batch,
    custom_fields,
    doors,
    errors,
    events,
    model,
    moves,
    projects,
    search,
    signing,
    stories,
    tags,
    tasks,
    users,
    webhooks,
)
from connectors.standins.asana import sample as sample_data
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.limits import Limits
from connectors.standins.asana.routing import Answer, Call, Router
from connectors.standins.asana.shapes import View
from connectors.standins.asana.world import World
from connectors.standins.control import Control
from connectors.standins.server import DOOR, Door, read_body, send_json

API = "/api/1.0"
FILES = "/files/"
PAGE = Path(__file__).with_name("app.html")
AREAS = (tasks, moves, stories, projects, custom_fields, users, tags, attachments, events, search, webhooks)


class Asana:
    """The vendor's application, without the control door around it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.limits = Limits(world.control)
        self.router = Router()
        for area in AREAS:
            self.router.include(area.ROUTES)
        self.router.include(batch.routes(self.router))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        try:
            await self._serve(scope, receive, send)
        except ApiError as error:
            await send_json(send, error.status, error.body(), error.headers)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        query = dict(_pairs(scope["query_string"]))
        if path.startswith(API):
            answer = await self._answer(scope, receive, query)
            await send_json(send, answer.status, answer.body, answer.headers)
        elif path.startswith(DOOR):
            view = View(self.world, self.world.tokens["bot-token"], _base(scope))
            name = path.removeprefix(f"{DOOR}/")
            answer = doors.answer(view, method, name, query, await read_body(receive))
            await send_json(send, answer.status, answer.body)
        elif path.startswith(FILES) and method == "GET":
            await _send(send, "application/octet-stream", self._file(path.removeprefix(FILES), query))
        elif path == "/" and method == "GET":
            await _send(send, "text/html; charset=utf-8", PAGE.read_bytes())
        else:
            raise ApiError(404)

    async def _answer(self, scope: Scope, receive: Receive, query: dict[str, str]) -> Answer:
        headers = dict(scope["headers"])
        scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        user = self.world.tokens.get(token)
        if user is None or scheme.lower() != "bearer":
            raise ApiError(401)
        call = Call(self.world, user, _base(scope), scope["method"], scope["raw_path"].decode().removeprefix(API))
        call.query = query
        await _read(call, headers.get(b"content-type", b""), scope, receive)
        calls = batch.lines_of(call) if call.path == "/batch" else [(call.method, call.path)]
        self.limits.check(scope, calls)
        return await self.router.dispatch(call)

    def _file(self, gid: str, query: dict[str, str]) -> bytes:
        if not signing.accepts(gid, query, self.world.control.now()):
            raise ApiError(403, "The link is not valid or has expired; read the attachment again for a new one")
        return self.world.find(model.Attachment, gid).content

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        beating = asyncio.create_task(webhooks.keep_beating(self.world))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating
        for hook in webhooks.of_world(self.world):
            await hook.courier.close()
        await send({"type": "lifespan.shutdown.complete"})


@lru_cache(maxsize=1024)
def _pairs(query: bytes) -> list[tuple[str, str]]:
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True)


def _base(scope: Scope) -> str:
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "localhost")
    return f"{scope['scheme']}://{host}"


async def _send(send: Send, content_type: str, content: bytes) -> None:
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def _read(call: Call, content_type: bytes, scope: Scope, receive: Receive) -> None:
    """Put the body into the call: the envelope's `data`, and `options` that stand for query parameters."""
    if content_type.startswith(b"multipart/form-data"):
        async with Request(scope, receive).form() as form:
            for name, value in form.items():
                if isinstance(value, str):
                    call.data[name] = value
                else:
                    call.file = (value.filename or "file", await value.read())
        return
    if call.method not in {"POST", "PUT"}:
        return
    body = await read_body(receive)
    try:
        sent: Any = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError as error:
        raise ApiError(400, "Could not parse request data, invalid JSON") from error
    if not isinstance(sent, dict) or not isinstance(sent.get("data", {}), dict):
        raise ApiError(400, "Request data should be an object of the form {data: {..}}")
    call.data = sent.get("data", {})
    call.query.update(batch.query_of(sent.get("options")))


def build(
    control: Control, *, with_sample: bool = False, oauth: bool = False, premium: bool = False, loopback: bool = True
) -> ASGIApp:
    """The stand-in behind its control door.

    It starts with people and one project, without tasks unless `with_sample`. `oauth` makes `external` writable,
    `premium` opens the search, and without `loopback` local webhook targets are refused as the vendor refuses them.
    """
    world = World(control, oauth=oauth, premium=premium, loopback=loopback)
    sample_data.furnish(world)
    if with_sample:
        sample_data.sample(world)
    asana = Asana(world)
    return asana.limits.counting(Door(asana, control, errors.fault_body))
