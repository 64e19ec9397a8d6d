"""Writing what differs: announced first, then sent, side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from connectors.contract import Fields, Value, Written
from connectors.errors import ConnectorError, Rejected
from connectors.guard import NotOurs
from mappings.plan import Plan, SideWrite
from mappings.translate import Peers
from workflows.store import journal, links
from workflows.store.journal import Kind
from workflows.store.links import Link, Look
from workflows.sync.agreeing import agree
from workflows.sync.creating import create, note_refused, unfinished
from workflows.sync.item import Item
from workflows.sync.rereading import Turns
from workflows.sync.run import AGAIN_SECONDS, UNAVAILABLE_SECONDS, UNEXPECTED_SECONDS, Run
from workflows.sync.screening import with_screens

log = structlog.get_logger()


async def announce(run: Run, items: Sequence[Item], peers: Peers) -> None:
    """Commit what was decided and what each side is about to be told, so that a death in between loses neither.

    Items whose lease was lost meanwhile are left alone.
    """
    due = [item for item in items if not item.ended and item.plan and (item.plan.writes or item.plan.creates)]
    if not due:
        return
    async with run.store.begin() as tx:
        held = await run.held(tx, due)
        for item in due:
            if item.lease not in held:
                item.end(AGAIN_SECONDS)
        ours = [item for item in due if not item.ended]
        for item in ours:
            if item.link is not None and item.plan is not None:
                looks = {side: _look(item, item.link, side) for side in item.plan.writes}
                item.link.looked = {**item.link.looked, **looks}
                item.link.announced = _telling(item.link, item.plan)
                agree(run, item, item.plan, item.link, peers)
                item.ahead = True
        making = [(item.link.id, side) for item in ours if item.link and item.plan for side in item.plan.creates]
        await links.attempt(tx, making, run.now())
        await links.announce(tx, [item.link for item in ours if item.link is not None])
        await journal.write(tx, [entry for item in ours for entry in item.entries], run.now())
    for item in ours:
        item.entries.clear()


def _look(item: Item, link: Link, side: str) -> Look:
    record = item.records[side]
    outstanding = bool(link.announced.get(side)) and side in link.looked
    last = record.as_of.timestamp()
    return Look(link.looked[side].first if outstanding else last, last, record.updated.timestamp())


def _telling(link: Link, plan: Plan) -> dict[str, dict[str, list[Value]]]:
    """What was told before with unknown outcome may still take effect, so it stays beside the new."""
    telling = {side: {field: list(values) for field, values in told.items()} for side, told in link.announced.items()}
    for side, side_write in {**plan.writes, **plan.creates}.items():
        fields = telling.setdefault(side, {})
        for field, value in side_write.canonical.items():
            fields[field] = [*[old for old in fields.get(field, []) if old != value], value]
    return telling


async def write(run: Run, item: Item, queues: Mapping[str, Turns]) -> None:
    """Send an item's writes and creates, all sides at once; none is under way any more when this ends."""
    plan = item.plan
    if plan is None:
        return
    outcomes = await asyncio.gather(
        *(_update(run, item, side, side_write, queues[side]) for side, side_write in plan.writes.items()),
        *(create(run, item, side, new) for side, new in plan.creates.items()),
        return_exceptions=True,
    )
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


async def _update(run: Run, item: Item, side: str, side_write: SideWrite, queue: Turns) -> None:
    current = item.records[side]
    if not run.available(side):
        unfinished(item, side, UNAVAILABLE_SECONDS)
        return
    connector = run.live.connector(side)
    fields, screens, untold = with_screens(run.live.bound, side, current, side_write.fields)
    for key, reason in untold.items():
        note_refused(run, item, side, key, reason, side_write)
    if not fields:
        return

    async def send() -> Written | None:
        return await connector.update(current, fields, screens) if await queue.is_current(item) else None

    async with queue.places:
        written = await _sent(run, item, side, side_write, fields, send)
    if written is None:
        return
    run.written += 1
    item.after[side] = written.record
    for key, reason in written.refused.items():
        note_refused(run, item, side, key, reason, side_write)
    for name, value in side_write.canonical.items():
        if _key(run, side, name) in fields.keys() - written.refused.keys():
            run.entry(item, Kind.WROTE, side, name, before=side_write.before.get(name), after=value,
                      rule=run.live.rule(name), version=written.record.version)  # fmt: skip


async def _sent(
    run: Run,
    item: Item,
    side: str,
    side_write: SideWrite,
    fields: Fields,
    send: Callable[[], Awaitable[Written | None]],
) -> Written | None:
    """What a side answered; None, and noted, where it did not, refused all of it, or changed before it was asked."""
    try:
        written = await run.ask(side, send())
        if written is None:
            unfinished(item, side, 0.0)
        return written
    except Rejected as error:
        for key in fields:
            note_refused(run, item, side, key, error.fields.get(key, str(error)), side_write)
    except ConnectorError as error:
        unfinished(item, side, run.back_in(error))
    except NotOurs:
        raise
    except Exception:
        # What the other sides answer is to be known all the same.
        log.exception("write failed unexpectedly", lease=item.lease, side=side)
        unfinished(item, side, UNEXPECTED_SECONDS)
    return None


def _key(run: Run, side: str, name: str) -> str | None:
    field = run.live.bound.fields[name].bindings[side].field
    return field.key if field is not None else None
