"""The rate of a connection, kept by all workers together: who may start the next requests, and when.

Workers run on machines whose clocks differ, so every moment here is by the clock of the database; a worker is told
how long to wait, not until when. A SQLite file has no clock but that of its one machine.
"""

import time

from sqlalchemy import ColumnElement, Float, case, cast, func, literal
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.errors import RateLimited
from workflows.store.database import Store
from workflows.store.tables import quotas
from workflows.store.upsert import insert_into

AHEAD_SECONDS = 600.0
"""Nobody has reserved further ahead than this: it is the clock that was set back."""
REST_SECONDS = 3600.0
"""The longest rest; a longer one is asked for again by then."""


class SharedQuota:
    """What a connection's requests are spaced by in all processes on one store; see `connectors.throttle.Quota`."""

    def __init__(self, store: Store, connection: str) -> None:
        self._store, self._connection = store, connection

    async def reserve(self, starts: int, gap: float) -> float:
        """See `Quota`."""
        async with self._store.begin() as tx:
            wait, rest = await _reserve(tx, self._connection, starts * gap)
        if rest:
            raise RateLimited(f"{self._connection} rests, as its system asked one of our workers to", rest)
        return wait

    async def rest(self, seconds: float) -> None:
        """See `Quota`."""
        async with self._store.begin() as tx:
            await _rest(tx, self._connection, seconds)


async def _reserve(tx: AsyncConnection, connection: str, seconds: float) -> tuple[float, float]:
    """Reserve the next so many seconds of a connection.

    Returns the seconds until they begin, and those for which the connection still rests, 0 where it does not.
    """
    now = _clock(tx)
    reserved = quotas.c.next_at.between(now, now + AHEAD_SECONDS)
    begins = case((reserved, quotas.c.next_at), else_=now)
    statement = insert_into(tx, quotas).values(connection=connection, next_at=now + seconds, rests_until=0.0)
    asking = statement.on_conflict_do_update(
        index_elements=[quotas.c.connection], set_={"next_at": begins + seconds}
    ).returning(quotas.c.next_at - seconds - now, quotas.c.rests_until - now)
    wait, rest = (await tx.execute(asking)).one()
    return max(wait, 0.0), rest if 0 < rest <= REST_SECONDS else 0.0


async def _rest(tx: AsyncConnection, connection: str, seconds: float) -> None:
    """Let a connection rest, because its system asked for it."""
    until = _clock(tx) + min(seconds, REST_SECONDS)
    statement = insert_into(tx, quotas).values(connection=connection, next_at=0.0, rests_until=until)
    await tx.execute(statement.on_conflict_do_update(index_elements=[quotas.c.connection], set_={"rests_until": until}))


def _clock(tx: AsyncConnection) -> ColumnElement[float]:
    if tx.dialect.name == "postgresql":
        # Not that of the transaction, which stands still while this one waits for another.
        return cast(func.extract("epoch", func.clock_timestamp()), Float(53))
    return literal(time.time(), Float)
