"""Playing a history on an empty store, and finding the shortest part of one that still fails."""

import sqlite3
from asyncio import Future
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import aiosqlite
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tests.postgresql import Server
from tests.workflows.stateful.processes import SteppedStore
from tests.workflows.stateful.steps import Step, take_step
from tests.workflows.stateful.verdict import Fault, judge
from tests.workflows.stateful.world import Terms, World
from workflows.store import database
from workflows.store.database import default_url, open_store
from workflows.store.tables import identity, metadata

Order = tuple[Future[Any] | None, Callable[[], Any]]
History = tuple[Terms, Sequence[Step]]


async def emptied(store: SteppedStore, terms: Terms) -> World:
    """A world in which nothing has happened."""
    async with store.engine.begin() as tx:
        for table in reversed(metadata.sorted_tables):
            if table is not identity:
                await tx.execute(table.delete())
    world = World(store, terms)
    await world.begin()
    return world


async def play(store: SteppedStore, terms: Terms, steps: Sequence[Step]) -> tuple[World, list[Fault]]:
    """Play a history from nothing; the world it leaves, and what is wrong with it."""
    world = await emptied(store, terms)
    for step in steps:
        await take_step(world, step)
    return world, await judge(world)


async def shortened(store: SteppedStore, history: History, kind: str) -> History:
    """The history without the steps that its failure does not need."""
    terms, steps = history[0], list(history[1])
    size = len(steps) // 2
    while size:
        start = 0
        while start < len(steps):
            without = [*steps[:start], *steps[start + size :]]
            _, found = await play(store, terms, without)
            if any(fault.kind == kind for fault in found):
                steps = without
            else:
                start += size
        size //= 2
    return terms, steps


@asynccontextmanager
async def opened(kind: str, folder: Path) -> AsyncIterator[SteppedStore]:
    """An empty store that stands still at each transaction; `kind`: sqlite or postgresql."""
    server = Server() if kind == "postgresql" else None
    if server is not None:
        server.start()
    try:
        store = await open_store(server.url(server.create()) if server else default_url(folder))
        async with store.begin() as tx:
            await tx.execute(identity.update().values(prefix="test"))
        engine = store.engine
        if server is None:
            await engine.dispose()
            engine = _in_this_thread(folder)
        stepped = SteppedStore(engine, "test")
        try:
            yield stepped
        finally:
            await stepped.close()
    finally:
        if server is not None:
            server.close()


def _in_this_thread(folder: Path) -> AsyncEngine:
    """SQLite without a thread of its own and without fsync: five times as fast, and always in the same order."""

    async def connect(*_: object, **__: object) -> aiosqlite.Connection:
        connection = aiosqlite.Connection(lambda: sqlite3.connect(folder / "syncline.db"), 64)
        connection._tx = _Now()
        return await connection._connect()

    engine = create_async_engine(default_url(folder), async_creator=connect)
    event.listen(engine.sync_engine, "connect", database._prepare_sqlite)
    event.listen(engine.sync_engine, "connect", _unsynced)
    event.listen(engine.sync_engine, "begin", database._begin_sqlite)
    return engine


class _Now(SimpleQueue[Order]):
    """In the place of the queue to a connection's thread: what is put in is done at once."""

    def put_nowait(self, item: Order) -> None:
        future, function = item
        try:
            answer = function()
        except Exception as error:
            if future is None:
                raise
            future.set_exception(error)
        else:
            if future is not None:
                future.set_result(answer)


def _unsynced(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()
