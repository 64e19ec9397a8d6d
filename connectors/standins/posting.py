"""Posting over kept-alive HTTP/1.1 connections: the little of a client that webhooks need.

A general client costs several times what a stand-in needs for the rest of an edit, and then benchmarks measure it
instead of the service. The answers are parsed by httptools.
"""

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from httptools import HttpParserError, HttpResponseParser

TIMEOUT_SECONDS: Final = 10.0
IDLE_SECONDS: Final = 2.0
"""Well below what servers keep an idle connection (many: five seconds), so that none is closed under a post."""
LEFT_IN_ADDRESS: Final = "%/:=&?~+!$,;'@()*[]"


class Answer(NamedTuple):
    """What a target answered; header names in lower case."""

    status_code: int
    headers: Mapping[str, str]


class Place(NamedTuple):
    """Where a URL leads, and the first lines of a request to it."""

    host: str
    port: int
    tls: bool
    head: str


@lru_cache(maxsize=1024)
def place_of(url: str) -> Place:
    """Take a URL apart. Raises ValueError for one that is not http or https, or malformed."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"expected an http or https URL, found {url!r}")
    tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    head = f"POST {quote(path, safe=LEFT_IN_ADDRESS)} HTTP/1.1\r\nHost: {host}\r\n"
    return Place(parts.hostname, parts.port or (443 if tls else 80), tls, head)


class Poster:
    """Posts, each on a connection of its own for as long as it takes; a connection is kept for the next post."""

    def __init__(self) -> None:
        self._idle: dict[Place, list[_Line]] = {}

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer | None:
        """One post; None when there was no whole answer in time."""
        try:
            place = place_of(url)
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            request = f"{place.head}{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._exchanged(place, request)
        except (OSError, ValueError):
            return None

    def close(self) -> None:
        """Close the connections that nobody uses."""
        for lines in self._idle.values():
            for line in lines:
                line.transport.abort()
        self._idle.clear()

    async def _exchanged(self, place: Place, request: bytes) -> Answer:
        loop = asyncio.get_running_loop()
        idle = self._idle.setdefault(place, [])
        line = None
        while idle and line is None:
            kept = idle.pop()
            if kept.transport.is_closing() or loop.time() - kept.idle_since > IDLE_SECONDS:
                kept.transport.abort()
            else:
                line = kept
        if line is None:
            _, line = await loop.create_connection(_Line, place.host, place.port, ssl=place.tls or None)
        try:
            return await line.exchange(request)
        finally:
            if line.reusable:
                line.idle_since = loop.time()
                idle.append(line)
            else:
                line.transport.abort()


class _Line(asyncio.Protocol):
    """One connection, one exchange at a time; `reusable` once an answer has ended and both sides keep the line."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.reusable = False
        self.idle_since = 0.0
        self._answered: asyncio.Future[Answer] | None = None

    async def exchange(self, request: bytes) -> Answer:
        """Send a request and wait for its answer. Raises OSError."""
        if self.transport.is_closing():
            raise ConnectionError("the connection is closed")
        self.reusable = False
        self._headers: dict[str, str] = {}
        self._head: Answer | None = None
        self._parser = HttpResponseParser(self)
        self._answered = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answered

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self._answered is None or self._answered.done():
            self._give_up()  # nobody has asked for this
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            self._give_up()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered is None or self._answered.done():
            return
        head = self._head
        if exc is None and head is not None and not head.headers.keys() & {"content-length", "transfer-encoding"}:
            self._answered.set_result(head)  # a body without a length goes on until the end of the connection
        else:
            self._answered.set_exception(exc or ConnectionError("closed before the answer was whole"))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._head = Answer(self._parser.get_status_code(), self._headers)

    def on_message_complete(self) -> None:
        if self._head is not None and self._answered is not None and not self._answered.done():
            self.reusable = self._parser.should_keep_alive()
            self._answered.set_result(self._head)

    def _give_up(self) -> None:
        self.reusable = False
        self.transport.abort()
