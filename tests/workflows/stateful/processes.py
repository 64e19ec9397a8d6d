"""Processes that stand still at each request and each transaction, until it is said who goes on.

Everything happens in one thread and in the order that is asked for, so that a history is played again to the letter.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from tests.workflows.paper import Killed
from workflows.store.database import Store

CURRENT: ContextVar["Process | None"] = ContextVar("process", default=None)
_BUSY: set[object] = set()
"""The transactions that are under way."""


@dataclass
class Parked:
    """A task that stands still. `going_out`: its request is on the way, and nothing can call it back."""

    at: str
    gate: "asyncio.Future[None]"
    going_out: bool


@dataclass
class Process:
    """A batch at work. `owner` and `attempt`: what its leases are held under."""

    owner: str
    attempt: int
    free: bool = False
    """It goes on without being told to."""
    dead: bool = False
    overtaken: bool = False
    parked: list[Parked] = field(default_factory=list)
    task: "asyncio.Task[Any] | None" = None

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Begin; it stands still at its first point."""
        token = CURRENT.set(self)
        self.task = asyncio.get_running_loop().create_task(work)
        self.task.add_done_callback(lambda task: task.cancelled() or task.exception())
        CURRENT.reset(token)

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.task is not None and self.task.done()

    async def go(self, which: int = 0) -> None:
        """Let one of its tasks go on to its next point."""
        await quiet()
        if self.parked:
            self.parked.pop(which % len(self.parked)).gate.set_result(None)
            await quiet()

    async def finish(self) -> None:
        """Let it go on to its end."""
        self.free = True
        while self.parked or not self.ended:
            await self.go()

    async def kill(self) -> None:
        """End it here, as `kill -9` does: nothing that it would still have done is done."""
        self.dead = True
        await self.finish()

    async def send_out(self) -> None:
        """Carry out the requests that are on their way; their answers wait."""
        for parked in [parked for parked in self.parked if parked.going_out]:
            self.parked.remove(parked)
            parked.gate.set_result(None)
        await quiet()


async def point(at: str, *, going_out: bool = False) -> None:
    """Stand still here, where a process is told when to go on. Raises Killed in a dead one."""
    process = CURRENT.get()
    if process is None:
        return
    if not process.free:
        parked = Parked(at, asyncio.get_running_loop().create_future(), going_out)
        process.parked.append(parked)
        await parked.gate
    if process.dead:
        raise Killed


async def quiet() -> None:
    """Return once every task stands still."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    while True:
        await asyncio.sleep(0)
        if _BUSY:
            await asyncio.sleep(0.0002)
        elif not ready:
            return


class SteppedStore(Store):
    """The store, with a point before each transaction that writes and one after it."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction. A process that dies in the midst of one is as one that died before it."""
        await point("begin")
        with _busy():
            async with super().begin() as tx:
                yield tx
        await point("committed")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A consistent view."""
        with _busy():
            async with super().read() as tx:
                yield tx


class _busy:  # noqa: N801 - a context manager, as those of contextlib
    def __enter__(self) -> None:
        _BUSY.add(self)

    def __exit__(self, *_: object) -> None:
        _BUSY.discard(self)
