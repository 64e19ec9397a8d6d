"""Committing what came of a batch: links, members, conflicts, what is parked, the journal."""

from collections.abc import Collection, Sequence
from functools import partial

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.contract import Value
from mappings.plan import Plan
from mappings.translate import Peers
from workflows.store import journal, links, parking
from workflows.store.journal import Kind
from workflows.store.links import Link
from workflows.store.parking import Parked
from workflows.sync.agreeing import close
from workflows.sync.item import Item
from workflows.sync.overwritten import OVERWRITTEN
from workflows.sync.run import AGAIN_SECONDS, UNREADABLE_SECONDS, Run, each

UNSTORABLE = (SQLAlchemyError, UnicodeError, TypeError, ValueError)

log = structlog.get_logger()


async def commit(run: Run, items: Sequence[Item], peers: Peers) -> None:
    """Store the outcome of all items in one transaction; one that the database refuses harms only itself.

    Where a later attempt has taken an item over, what it agreed on stays: ours is older by now. It finds what we made
    by the markers, and looks at what became of our requests then; so does the next batch where a step broke off.
    """
    await each(items, partial(_close, run, peers))
    try:
        await _store(run, items)
    except UNSTORABLE as error:
        if _is_infrastructure(error):
            raise
        for item in items:
            await _store_alone(run, item)


async def _store_alone(run: Run, item: Item) -> None:
    try:
        await _store(run, [item])
    except UNSTORABLE as error:
        if _is_infrastructure(error):
            raise
        log.exception("record cannot be stored", lease=item.lease)
        item.entries.clear()
        item.parking.clear()
        run.park(item, next(iter(item.notes)), "what it says cannot be stored; the log of the worker tells more")
        async with run.store.begin() as tx:
            await parking.park(tx, item.parking, run.now())
        item.end(UNREADABLE_SECONDS)


def _is_infrastructure(error: Exception) -> bool:
    """A database that is away: nothing that a record could be to blame for."""
    return isinstance(error, InterfaceError | OperationalError)


async def _store(run: Run, items: Sequence[Item]) -> None:
    now = run.now()
    async with run.store.begin() as tx:
        held = await run.held(tx, items)
        for item in items:
            if item.link is not None and item.lease not in held:
                item.parking.clear()
                item.end(AGAIN_SECONDS)
            elif item.link is not None and not item.ended:
                await _join_created(item, item.link, tx)
        await links.settle(tx, [item.link for item in items if item.link and _is_settled(item, held)], now)
        await parking.park(tx, [parked for item in items for parked in item.parking], now)
        await parking.drop(tx, [parked for item in items for parked in _cleared(item)])
        decided = [item for item in items if item.link is not None and item.plan is not None and not item.ended]
        open_fields = await parking.open_fields(tx, [item.lease for item in decided])
        for item in decided:
            if item.link is not None and item.plan is not None:
                await _conflicts(run, item, item.plan, item.link, tx, open_fields.get(item.link.id, set()), now)
        await journal.write(tx, [entry for item in items for entry in item.entries], now)
    for item in items:
        item.created.clear()
        item.entries.clear()
        item.parking.clear()


async def _close(run: Run, peers: Peers, item: Item) -> None:
    if item.link is not None and item.plan is not None:
        close(run, item, item.plan, item.link, peers)
        for trouble in item.plan.troubles:
            _park_trouble(run, item, trouble.side, trouble.field, trouble.reason)


def _is_settled(item: Item, held: Collection[str]) -> bool:
    if item.link is None or item.lease not in held:
        return False
    return (item.plan is not None and not item.ended) or item.link.state != "active"


async def _join_created(item: Item, link: Link, tx: AsyncConnection) -> None:
    """Store the new members. One whose record has a link already is looked at again."""
    for side in [side for side in item.created if side in link.members]:
        if not await links.join(tx, link, link.members[side]):
            del link.members[side]
            item.again(0.0)


def _park_trouble(run: Run, item: Item, side: str, field: str | None, reason: str) -> None:
    before = next((p for p in item.parked if (p.side, p.field) == (side, field or "")), None)
    if before is None or before.reason != reason:
        run.park(item, side, reason, field or "")


def _cleared(item: Item) -> list[int]:
    """What was parked and has gone well now: nothing was parked anew for that record or field in this batch."""
    if item.plan is None or item.ended or item.open or item.link is None:
        return []
    again = {(parked.side, parked.field) for parked in item.parking}
    again |= {(trouble.side, trouble.field or "") for trouble in item.plan.troubles}
    return [
        parked.id for parked in item.parked if (parked.side, parked.field) not in again and _went_well(item, parked)
    ]


def _went_well(item: Item, parked: Parked) -> bool:
    """Whether the side now shows what was agreed on, which is no answer to a word that was overwritten."""
    link = item.link
    if link is None or (not parked.field and parked.side in link.intents):
        return False
    if parked.value == OVERWRITTEN and item.via != "retry":
        return False
    return not parked.field or parked.field not in link.shown.get(parked.side, {})


async def _conflicts(
    run: Run, item: Item, plan: Plan, link: Link, tx: AsyncConnection, open_fields: set[str], now: float
) -> None:
    for field in plan.conflicts:
        values: dict[str, Value] = {side: seen.get(field) for side, seen in plan.seen.items()}
        if field not in open_fields:
            run.entry(item, Kind.CONFLICT, None, field, values=values, rule=run.live.rule(field))
        await parking.open_conflict(tx, run.live.bound.name, link.id, field, values, now)
    closed = open_fields - set(plan.conflicts)
    for field in sorted(closed):
        run.entry(item, Kind.SETTLED, None, field, reason="the sides agree again")
    await parking.close_conflicts(tx, link.id, closed)
