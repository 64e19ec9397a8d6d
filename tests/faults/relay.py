"""Small TCP relays of our own between the parts: a network that can be cut without any right on the machine."""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal

from workers.demo.ports import any_port

Mode = Literal["open", "reset", "refuse", "silent"]
"""`reset`: every connection is cut as it begins. `refuse`: nobody listens. `silent`: nothing arrives, nothing is told.

What was sent into the silence arrives when it ends, as after a lost route: also what its sender has given up on.
"""

ABORT = struct.pack("ii", 1, 0)
CHUNK = 65536
DOING_SECONDS = 60.0


class Relay:
    """Listens on a port of its own and passes everything on to `target`, as long as it is open."""

    def __init__(self, target: str) -> None:
        self._host, _, port = target.rpartition(":")
        self._port = int(port)
        self._mode: Mode = "open"
        self._heard = asyncio.Event()
        self._heard.set()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.address = f"127.0.0.1:{any_port()}"

    async def set(self, mode: Mode) -> None:
        """Change how it behaves, for connections that are open too."""
        self._mode = mode
        (self._heard.clear if mode == "silent" else self._heard.set)()
        if mode in ("reset", "refuse"):
            for writer in list(self._open):
                _abort(writer)
        if mode == "refuse" and self._server is not None:
            self._server.close()
            self._server = None
        elif mode != "refuse" and self._server is None:
            self._server = await asyncio.start_server(self._take, "127.0.0.1", int(self.address.rpartition(":")[2]))

    async def close(self) -> None:
        """Cut everything and stop listening."""
        await self.set("refuse")
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # what was cut is closed by the loop's next round

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        with suppress(OSError, asyncio.CancelledError):
            await self._serve(reader, writer)
        _abort(writer)
        self._open.discard(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        await self._heard.wait()
        if self._mode != "open":
            return
        there, out = await asyncio.open_connection(self._host, self._port)
        self._open.add(out)
        try:
            # Where one direction ends, both do: nothing here uses half-closed connections.
            pumps = [asyncio.ensure_future(self._pump(*pair)) for pair in ((reader, out), (there, writer))]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            out.close()
            writer.close()
        finally:
            _abort(out)
            self._open.discard(out)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(CHUNK):
            await self._heard.wait()
            sink.write(data)
            await sink.drain()


def _abort(writer: asyncio.StreamWriter) -> None:
    found = writer.get_extra_info("socket")
    if found is not None and not writer.is_closing():
        with suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        writer.transport.abort()


class Network:
    """All relays, on a thread of their own, so that what is busy elsewhere slows no connection."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._relays: dict[str, Relay] = {}

    def lay(self, name: str, target: str) -> str:
        """Lay a line to `host:port`; where to connect instead."""
        if name not in self._relays:
            relay = Relay(target)
            self._relays[name] = relay
            self._do(relay.set("open"))
        return self._relays[name].address

    @property
    def lines(self) -> list[str]:
        """The names of the lines."""
        return sorted(self._relays)

    def set(self, name: str, mode: Mode) -> None:
        """Cut or mend a line."""
        self._do(self._relays[name].set(mode))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(DOING_SECONDS)

    def _close(self) -> None:
        for relay in self._relays.values():
            self._do(relay.close())
        self._loop.call_soon_threadsafe(self._loop.stop)


@contextmanager
def network() -> Iterator[Network]:
    """A network for as long as the block lasts."""
    made = Network()
    thread = threading.Thread(target=made._loop.run_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made._close()
        thread.join(10)
        made._loop.close()
