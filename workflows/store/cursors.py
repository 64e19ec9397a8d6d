"""How far each side was swept, and with which scopes a mapping was last applied."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from workflows.store.tables import applied, cursors
from workflows.store.upsert import insert_into


async def accept(tx: AsyncConnection, mapping: str, side: str, cursor: str, now: float) -> None:
    """Note that everything up to the cursor is in the lane."""
    statement = insert_into(tx, cursors).values(mapping=mapping, side=side, cursor=cursor, swept_at=now)
    changed = {"cursor": statement.excluded.cursor, "swept_at": statement.excluded.swept_at}
    await tx.execute(statement.on_conflict_do_update(index_elements=["mapping", "side"], set_=changed))


async def swept(tx: AsyncConnection, mapping: str) -> dict[str, float]:
    """When each side was last swept."""
    rows = await tx.execute(select(cursors.c.side, cursors.c.swept_at).where(cursors.c.mapping == mapping))
    return {row[0]: row[1] for row in rows}


async def fingerprint(tx: AsyncConnection, mapping: str) -> str | None:
    """The scopes that the mapping was last applied with; None before its first apply."""
    found: str | None = await tx.scalar(select(applied.c.fingerprint).where(applied.c.mapping == mapping))
    return found


async def apply(tx: AsyncConnection, mapping: str, fingerprint_: str, now: float) -> None:
    """Note that what exists was paired with these scopes."""
    statement = insert_into(tx, applied).values(mapping=mapping, fingerprint=fingerprint_, applied_at=now)
    changed = {"fingerprint": statement.excluded.fingerprint, "applied_at": statement.excluded.applied_at}
    await tx.execute(statement.on_conflict_do_update(index_elements=["mapping"], set_=changed))
