"""A raw HTTP/1.1 client that costs little processor time, so that the load does not measure itself."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body read as JSON. Raises RuntimeError where the answer is no success."""
        if not 200 <= self.status < 300:
            raise RuntimeError(
                f"expected a success, found HTTP {self.status}: {self.body[:300].decode(errors='replace')}"
            )
        return json.loads(self.body) if self.body else None


class Line:
    """One kept-alive connection to `host:port`; one request at a time."""

    def __init__(self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._address, self._reader, self._writer = address, reader, writer

    @classmethod
    async def opened(cls, address: str) -> "Line":
        """A line to `host:port`, to be closed by who opened it."""
        host, _, port = address.rpartition(":")
        return cls(address, *await asyncio.open_connection(host, int(port), limit=2**26))

    def close(self) -> None:
        """Hang up."""
        self._writer.close()

    async def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request and wait for its answer, whose body must have a Content-Length or be empty."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._address}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        length = next((int(line[15:]) for line in head if line[:15].lower() == b"content-length:"), 0)
        return Answer(int(head[0].split(b" ", 2)[1]), await self._reader.readexactly(length))

    async def send(self, method: str, path: str, content: Any = None, authorization: str = "") -> Any:
        """Ask in JSON. Raises RuntimeError where the answer is no success."""
        headers = {"Content-Type": "application/json", **({"Authorization": authorization} if authorization else {})}
        body = b"" if content is None else json.dumps(content).encode()
        return (await self.ask(method, path, body, headers)).json()


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Line]:
    """A line to `host:port` for as long as the block lasts."""
    line = await Line.opened(address)
    try:
        yield line
    finally:
        line.close()


@asynccontextmanager
async def opened_many(address: str, count: int) -> AsyncIterator[list[Line]]:
    """So many lines at once."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(opened(address)) for _ in range(count)]
