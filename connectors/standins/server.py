"""Serving a stand-in: the control door and its faults around the vendor's application, on real sockets."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from email.utils import format_datetime
from typing import Any

import orjson
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from connectors.standins.control import Control, Fault

TRANSPORT = "syncline.transport"
DOOR = "/__control"

ErrorBody = Callable[[int, float | None], tuple[dict[str, str], Any]]


class _OnePiece:
    """A transport that sends together what is written in one turn of the loop: the head and the body of an answer.

    In two pieces an answer costs another system call here, and wakes the client that is measured twice.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        pieces, self._pieces = self._pieces, []
        if pieces and not self._transport.is_closing():
            self._transport.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _StandInProtocol(HttpToolsProtocol):
    """Answers in one piece, and hands the transport to the application, so that a fault can drop the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(_OnePiece(transport, self.loop))  # type: ignore[arg-type]

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]


class Door:
    """ASGI middleware: latency, faults, the request log and the control routes, in front of a vendor's application."""

    def __init__(self, app: ASGIApp, control: Control, error_body: ErrorBody) -> None:
        """`error_body(status, retry_after)` gives headers and JSON body as this vendor words an error."""
        self.app = app
        self.control = control
        self.error_body = error_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"].startswith(DOOR):
            await self._control(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.monotonic()
        await self.control.wait_latency()
        fault = self.control.next_fault(f"{scope['method']} {scope['path']}")
        status = await self._answer(fault, scope, receive, self._dated(send))
        query = scope["query_string"].decode("latin-1")
        self.control.record(scope["method"], scope["path"], query, status, started)

    def _dated(self, send: Send) -> Send:
        """By the vendor's clock, which may be wrong."""

        async def dating(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = format_datetime(self.control.now(), usegmt=True).encode()
                message = {**message, "headers": [*message.get("headers", ()), (b"date", told)]}
            await send(message)

        return dating

    async def _answer(self, fault: Fault | None, scope: Scope, receive: Receive, send: Send) -> int:
        if fault is not None and fault.do == "cut_before":
            return _cut(scope)
        if fault is not None and fault.do == "status":
            headers, body = self.error_body(fault.status, fault.retry_after)
            await send_json(send, fault.status, body, headers)
            return fault.status
        if fault is not None and fault.do == "slow":
            await asyncio.sleep(fault.seconds)
        seen = [0]
        await self.app(scope, receive, _swallow(seen) if fault and fault.do == "cut_after" else _watch(send, seen))
        return _cut(scope) if fault is not None and fault.do == "cut_after" else seen[0]

    async def _control(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["method"], scope["path"].removeprefix(DOOR):
            case "GET", "":
                await send_json(send, 200, self.control.shown())
            case "PUT", "":
                try:
                    self.control.bend(orjson.loads(await read_body(receive)))
                except (ValueError, TypeError) as error:
                    await send_json(send, 400, {"error": str(error)})
                else:
                    await send_json(send, 200, self.control.shown())
            case "GET", "/log":
                await send_json(send, 200, list(self.control.log))
            case "DELETE", "/log":
                self.control.log.clear()
                await send_json(send, 200, {})
            case _:
                await self.app(scope, receive, send)


def _cut(scope: Scope) -> int:
    scope["extensions"][TRANSPORT].abort()
    return 0


def _watch(send: Send, seen: list[int]) -> Send:
    async def watching(message: Message) -> None:
        if message["type"] == "http.response.start":
            seen[0] = message["status"]
        await send(message)

    return watching


def _swallow(seen: list[int]) -> Callable[[MutableMapping[str, Any]], Awaitable[None]]:
    async def swallowing(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            seen[0] = message["status"]

    return swallowing


async def read_body(receive: Receive) -> bytes:
    """The whole body of an ASGI request."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def send_json(send: Send, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
    """Answer an ASGI request with JSON."""
    pairs = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    data = orjson.dumps(body)
    pairs += [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": data})


def server(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Server:
    """A server for a stand-in, not yet started. Call `serve()` on it from an event loop."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=_StandInProtocol,
            log_level="warning",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=1,
            date_header=False,
        )
    )


@contextlib.contextmanager
def running(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve in a thread of its own for as long as the block lasts; yields the base URL."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    running_server = server(app)
    thread = threading.Thread(target=running_server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not running_server.started:
        if not thread.is_alive():
            raise RuntimeError("the stand-in did not start; its error is in the log above")
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running_server.should_exit = True
        thread.join(10)
        listener.close()
