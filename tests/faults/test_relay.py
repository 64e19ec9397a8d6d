"""The lines between parts: open, cut, refusing, and silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress

import pytest

from tests.faults.relay import Mode, Network, network

PATIENCE_SECONDS = 60.0
SILENCE_SECONDS = 0.3


@asynccontextmanager
async def line() -> AsyncIterator[tuple[Network, str, int]]:
    """A line to a server that says everything twice."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(ConnectionError):
            while data := await reader.read(100):
                writer.write(data * 2)

    with network() as lines:
        async with await asyncio.start_server(echo, "127.0.0.1", 0) as server, asyncio.timeout(PATIENCE_SECONDS):
            port = server.sockets[0].getsockname()[1]
            host, _, near = lines.lay("a->b", f"127.0.0.1:{port}").rpartition(":")
            yield lines, host, int(near)


async def asked(host: str, port: int) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"x")
    try:
        return await reader.read(2)
    finally:
        writer.close()


async def test_open_line_passes_everything() -> None:
    async with line() as (_, host, port):
        assert await asked(host, port) == b"xx"


@pytest.mark.parametrize("mode", ["reset", "refuse"])
async def test_cut_line_breaks_connections(mode: Mode) -> None:
    async with line() as (lines, host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"x")
        assert await reader.read(2) == b"xx"
        await asyncio.to_thread(lines.set, "a->b", mode)
        with pytest.raises(ConnectionError):
            await reader.read(1)
        with pytest.raises(ConnectionError):
            await asked(host, port)
        writer.close()
        await asyncio.to_thread(lines.set, "a->b", "open")
        assert await asked(host, port) == b"xx"


async def test_silent_line_delivers_late() -> None:
    async with line() as (lines, host, port):
        await asyncio.to_thread(lines.set, "a->b", "silent")
        asking = asyncio.create_task(asked(host, port))
        await asyncio.sleep(SILENCE_SECONDS)
        assert not asking.done()
        await asyncio.to_thread(lines.set, "a->b", "open")
        assert await asking == b"xx"
