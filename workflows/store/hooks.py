"""Registered webhooks and the secrets that vendors handed over; while we register one, its handshake is accepted."""

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from workflows.store.tables import hooks
from workflows.store.upsert import insert_into


async def expect(tx: AsyncConnection, connection: str, hook: str, until: float) -> None:
    """Accept a handshake for this hook until then; one that we have stays in force meanwhile."""
    statement = insert_into(tx, hooks).values(connection=connection, hook=hook, pending_until=until)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["connection", "hook"], set_={"pending_until": until})
    )


async def hand_over(tx: AsyncConnection, connection: str, hook: str, secret: str, now: float) -> bool:
    """Keep the secret of a handshake; False where none is expected now."""
    here = (hooks.c.connection == connection) & (hooks.c.hook == hook) & (hooks.c.pending_until >= now)
    return bool((await tx.execute(update(hooks).where(here).values(secret=secret))).rowcount)


async def registered(tx: AsyncConnection, connection: str, hook: str, vendor_id: str) -> None:
    """Note that the vendor has it; no handshake is accepted any more."""
    statement = insert_into(tx, hooks).values(connection=connection, hook=hook, vendor_id=vendor_id)
    changed = {"vendor_id": vendor_id, "pending_until": None}
    await tx.execute(statement.on_conflict_do_update(index_elements=["connection", "hook"], set_=changed))


async def secret(tx: AsyncConnection, connection: str, hook: str) -> str | None:
    """The secret of a hook, as it was stored."""
    here = (hooks.c.connection == connection) & (hooks.c.hook == hook)
    found: str | None = await tx.scalar(select(hooks.c.secret).where(here))
    return found


async def forget(tx: AsyncConnection, connection: str, hook: str) -> None:
    """Forget a hook."""
    await tx.execute(delete(hooks).where(hooks.c.connection == connection, hooks.c.hook == hook))
