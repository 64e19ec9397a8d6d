"""Sweeps: one page of what changed on a side, as notes for the lane; a full one also finds what vanished."""

import structlog

from connectors.contract import Aspect, Page, Record
from connectors.errors import AuthFailed, RateLimited, Unavailable
from workflows.messages import DISCUSSION, EVERYTHING, Note, ScanPage, ScanRequest
from workflows.store import cursors, links
from workflows.sync.run import UNREADABLE_SECONDS, Run, said

log = structlog.get_logger()

VANISHED_SHARE = 0.5
VANISHED_COUNT = 10
"""A side that lacks more than this share, and number, of its members looks broken: no deletion is believed then."""


async def scan_page(run: Run, request: ScanRequest) -> ScanPage:
    """Read a page. The cursor is only stored once the lane has durably taken in the page that it follows."""
    async with run.store.read() as tx:
        if await cursors.fingerprint(tx, run.live.bound.name) != run.live.fingerprint:
            return ScanPage(last=True, alert=f"not applied yet: run `syncline apply {run.live.bound.name}`")
    # Not before: a file that changed since the scan began may name fewer sides.
    side = list(run.live.bound.sides)[request.side]
    last = request.side + 1 >= len(run.live.bound.sides)
    there = run.live.bound.sides[side]
    connector = run.live.connector(side)
    try:
        page = await run.ask(side, connector.scan(there.object, there.scope, request.cursor, frozenset()))
    except (RateLimited, Unavailable, AuthFailed) as error:
        return ScanPage(more=True, last=last, cursor=request.cursor, wait=run.wait(error) or UNREADABLE_SECONDS)
    except Exception as error:
        log.exception("side cannot be swept", side=side)
        told = f"side {side} cannot be swept: {said(error)}"
        return ScanPage(more=True, last=last, cursor=request.cursor, wait=UNREADABLE_SECONDS, alert=told)
    notes = await _notes(run, side, page, request)
    alert = run.live.misfit
    if request.full and not page.more:
        vanished, broken = await _vanished(run, side, request)
        alert = broken or alert
        notes += vanished
    return ScanPage(notes, page.cursor, len(page.records), page.more, last, alert=alert)


async def _notes(run: Run, side: str, page: Page, request: ScanRequest) -> list[Note]:
    ids = [record.ref.id for record in page.records]
    async with run.store.begin() as tx:
        known = await links.versions(tx, run.live.bound.name, side, ids)
        if request.full:
            await links.mark_seen(tx, run.live.bound.name, side, ids, request.scan)
        if request.cursor is not None:
            await cursors.accept(tx, run.live.bound.name, side, request.cursor, run.now())
    notes = [
        _note(run, side, record.ref.id, aspects, "apply" if request.again else "sweep")
        for record in page.records
        if (aspects := _news(record, known.get(record.ref.id), request))
    ]
    return notes + [_note(run, side, ref.id, (Aspect.DELETED, Aspect.FIELDS)) for ref in page.deleted]


def _news(record: Record, known: links.Seen | None, request: ScanRequest) -> tuple[str, ...]:
    """What of a record is to be looked at: all where it reads otherwise than last time, or an apply has not yet.

    A comment that no webhook told may hide behind a change of fields that one did: full sweeps look for those.
    """
    if known is None or known.version != record.version or (request.again and known.synced_at < request.started):
        return EVERYTHING
    return DISCUSSION if request.full and known.discussed != record.version else ()


async def _vanished(run: Run, side: str, request: ScanRequest) -> tuple[list[Note], str | None]:
    async with run.store.read() as tx:
        unseen, there = await links.unseen(tx, run.live.bound.name, side, request.scan, request.started)
    if len(unseen) > VANISHED_COUNT and len(unseen) > there * VANISHED_SHARE:
        return [], (
            f"side {side} lists {there - len(unseen)} of its {there} linked records; nothing is taken for deleted. "
            "Check its scope and the rights of its account."
        )
    return [_note(run, side, external_id, (Aspect.VANISHED, Aspect.FIELDS)) for external_id in unseen], None


def _note(run: Run, side: str, external_id: str, aspects: tuple[str, ...], via: str = "sweep") -> Note:
    return Note(run.live.ref(side, external_id), [str(aspect) for aspect in aspects], via)
