"""Opening the store: SQLite file or PostgreSQL, migrated to the newest tables before anybody reads."""

import asyncio
import json
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

import orjson
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from workflows.store.tables import identity

BUSY_SECONDS = 30
POSTGRESQL: Final = {"server_settings": {"idle_in_transaction_session_timeout": "10s"}}
"""A worker that is frozen in a transaction would hold its locks for as long; ours wait for nothing but the database."""


def _written(value: Any) -> str:
    """JSON, as fast as it goes: every batch writes and reads some."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value)  # half a character, as a vendor's error message may hold, is refused by orjson


JSON: Final[dict[str, Any]] = {"json_serializer": _written, "json_deserializer": orjson.loads}
MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATING = 7_965_110
"""The number of PostgreSQL's advisory lock under which we migrate; any that no other program there uses."""


class Store:
    """The database. `begin()` gives a transaction for writing, `read()` one for reading."""

    def __init__(self, engine: AsyncEngine, identity: str) -> None:
        self.engine = engine
        self.identity = identity
        """What the ids of this store's links begin with."""
        # SQLite has one writer: those who wait here take turns at once, those who wait in SQLite poll for the lock.
        self._turn = asyncio.Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed at the end of the block, rolled back when it raises."""
        async with self._turn, self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A consistent view; does not wait for writers."""
        async with self.engine.connect() as connection:
            await connection.execution_options(reading=True)
            yield connection

    async def close(self) -> None:
        """Give back all connections."""
        await self.engine.dispose()


async def open_store(url: str) -> Store:
    """Open and migrate the database at `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://...`."""
    if url.startswith("sqlite"):
        engine = create_async_engine(url, connect_args={"timeout": BUSY_SECONDS}, **JSON)
        _try_file(engine.url.database or "")
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    else:
        engine = create_async_engine(url, pool_pre_ping=True, connect_args=POSTGRESQL, **JSON)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_migrate)
            prefix = await connection.scalar(select(identity.c.prefix))
            if prefix is None:
                prefix = uuid.uuid4().hex[:4]
                await connection.execute(identity.insert().values(prefix=prefix))
    except BaseException:
        await engine.dispose()
        raise
    return Store(engine, prefix)


def _try_file(file: str) -> None:
    """Raise what SQLite says of a file that cannot be opened.

    aiosqlite would say it too, from a thread that may outlive the event loop and then print a traceback of its own.
    """
    try:
        sqlite3.connect(file).close()
    except sqlite3.Error as error:
        raise OperationalError("connect", None, error) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A write lock taken at once: two transactions that both upgrade from reading would fail, not wait.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Gateways and workers start together: who comes second must find the tables made, as with SQLite's write lock.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATING})")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def default_url(workspace: Path) -> str:
    """The SQLite file of a workspace."""
    return f"sqlite+aiosqlite:///{workspace / 'syncline.db'}"


async def wait_for_store(url: str, seconds: float = 60.0) -> Store:
    """Open the database, waiting for a server that is still starting. Raises what the last attempt raised."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            return await open_store(url)
        except OSError:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.5)
