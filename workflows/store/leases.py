"""Leases: who may work on a link now. The same batch may take its own lease over with a later attempt."""

from collections.abc import Collection

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from workflows.store.tables import leases
from workflows.store.upsert import insert_into


async def take(
    tx: AsyncConnection, keys: Collection[str], owner: str, attempt: int, now: float, seconds: float
) -> set[str]:
    """The keys gained. One held by another owner is gained once it has run out; our own earlier attempt's at once."""
    if not keys:
        return set()
    rows = [{"key": key, "owner": owner, "attempt": attempt, "until": now + seconds} for key in sorted(keys)]
    statement = insert_into(tx, leases)
    taking = statement.on_conflict_do_update(
        index_elements=[leases.c.key],
        set_={name: statement.excluded[name] for name in ("owner", "attempt", "until")},
        where=or_(leases.c.until < now, (leases.c.owner == owner) & (leases.c.attempt <= attempt)),
    )
    await tx.execute(taking, rows)
    return await held(tx, keys, owner, attempt, now)


async def held(tx: AsyncConnection, keys: Collection[str], owner: str, attempt: int, now: float) -> set[str]:
    """Those of the keys that are still ours, and stay so until the transaction ends: what a writer asks first."""
    ours = (leases.c.owner == owner) & (leases.c.attempt == attempt) & (leases.c.until >= now)
    kept = select(leases.c.key).where(leases.c.key.in_(keys), ours).order_by(leases.c.key).with_for_update()
    return set((await tx.execute(kept)).scalars())


async def keep(tx: AsyncConnection, owner: str, attempt: int, now: float, seconds: float) -> bool:
    """Hold on to everything of this attempt for so long; False where a later attempt took over, or nothing is left."""
    mine = (leases.c.owner == owner) & (leases.c.attempt == attempt)
    kept = await tx.execute(update(leases).where(mine).values(until=now + seconds).returning(leases.c.key))
    overtaken = select(leases.c.key).where(leases.c.owner == owner, leases.c.attempt > attempt).limit(1)
    return bool(kept.all()) and (await tx.execute(overtaken)).first() is None


async def release(tx: AsyncConnection, owner: str, attempt: int) -> None:
    """Give back everything of this attempt."""
    await tx.execute(delete(leases).where(leases.c.owner == owner, leases.c.attempt <= attempt))
