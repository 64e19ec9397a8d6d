"""One batch, from refs to everything in step: the order of the steps."""

from collections.abc import Sequence
from functools import partial

from connectors.contract import Edit
from connectors.errors import ConnectorError
from mappings.plan import Known, Plan, plan
from mappings.translate import Peers
from workflows.messages import BatchResult, GivenBack, Note
from workflows.store import leases
from workflows.sync.creating import find_created
from workflows.sync.deleting import handle_deleted
from workflows.sync.discussing import discuss
from workflows.sync.guarding import guarded
from workflows.sync.item import Item
from workflows.sync.leftovers import whose_doing
from workflows.sync.overtaken import find_overtaken
from workflows.sync.overwritten import tell_overwritten
from workflows.sync.reading import note_unseen, read_members, read_peers
from workflows.sync.rereading import turns
from workflows.sync.resolving import adopt, resolve
from workflows.sync.run import Run, each
from workflows.sync.settling import commit
from workflows.sync.writing import announce, write


async def sync_batch(run: Run, notes: Sequence[Note]) -> BatchResult:
    """Bring the links of these refs in step. Never raises for what one record or one system does."""
    items = await resolve(run, notes)
    try:
        async with guarded(run):
            await _work(run, items)
    finally:
        async with run.store.begin() as tx:
            await leases.release(tx, run.owner, run.attempt)
    return BatchResult(
        given_back=[GivenBack(ref, item.back) for item in items if item.back is not None for ref in item.refs()],
        paused=run.paused,
        answered=sorted(run.answered - set(run.paused)),
        written=run.written,
    )


async def _work(run: Run, items: list[Item]) -> None:
    read_at = run.now()
    await read_members(run, items)
    await adopt(run, items)
    linked = [item for item in items if item.link is not None and not item.ended]
    aside = [item for item in items if item.parking and (item.link is None or item.ended)]
    await each(linked, lambda item: find_created(run, item))
    await each(linked, lambda item: handle_deleted(run, item))
    for item in linked:
        if _to_merge(item):
            note_unseen(run, item)
    await each(linked, lambda item: tell_overwritten(run, item))
    peers = await read_peers(run, linked)
    await each([item for item in linked if _to_merge(item)], lambda item: _decide(run, item, peers))
    await announce(run, linked, peers)
    queues = turns(run, linked, read_at)
    await each(linked, lambda item: write(run, item, queues))
    await each(linked, lambda item: find_overtaken(run, item, peers))
    await commit(run, [*linked, *aside], peers)
    await each(linked, lambda item: discuss(run, item))


def _to_merge(item: Item) -> bool:
    return not item.ended and item.link is not None and item.link.state == "active"


async def _decide(run: Run, item: Item, peers: Peers) -> None:
    link = item.link
    if link is None:
        return
    bound = run.live.bound
    records = {side: record for side, record in item.records.items() if side in link.members}
    if not records:
        item.end()
        return
    item.unanswered = {
        side: {name: list(told) for name, told in fields.items()} for side, fields in link.announced.items()
    }
    doings = await whose_doing(run, item, peers)
    item.known = Known(link.base or {}, link.shown, doings.own, link.sources, doings.restored)
    # What a side did not take is not offered again for its own echo, or the two would go on for ever.
    choose = partial(plan, bound, item.known, records, peers, missing=list(link.intents), retry=item.via != "webhook")
    chosen = choose()
    if chosen.wants_edits:
        chosen = choose(edits=await _exact_edits(run, item, chosen))
    item.plan = chosen


async def _exact_edits(run: Run, item: Item, chosen: Plan) -> dict[tuple[str, str], Edit]:
    """When exactly the conflicting fields were edited. A system that cannot tell is taken by the record's own time."""
    edits: dict[tuple[str, str], Edit] = {}
    for side, keys in chosen.wants_edits.items():
        connector = run.live.connector(side)
        if "history" not in connector.capabilities:
            continue
        try:
            told = await run.ask(side, connector.edits(item.records[side], keys))
        except ConnectorError as error:
            item.end(run.back_in(error))
            return {}
        edits.update({(side, key): edit for key, edit in told.items()})
    return edits
