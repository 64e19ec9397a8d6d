"""From refs to links: which link a ref belongs to, and whether a record without one begins a new link."""

from collections.abc import Sequence
from functools import partial

import structlog
from sqlalchemy.exc import IntegrityError

from connectors.contract import Aspect, Record, Ref
from mappings.errors import Untranslatable
from mappings.translate import Peers, matches
from workflows.messages import Note
from workflows.policies import LEASE_SECONDS
from workflows.store import cursors, leases, links, parking
from workflows.store.journal import Kind, write
from workflows.store.links import Link, Member
from workflows.sync.creating import edited_since, recognise
from workflows.sync.item import Item
from workflows.sync.overwritten import from_between
from workflows.sync.run import AGAIN_SECONDS, Run, each

UNKNOWN_MARKER = (
    "it is a copy whose link this store has forgotten, as after a backup was restored; it is paired when its original "
    "changes or `syncline apply` runs. If there is no original any more, `syncline parked retry` copies it"
)

DOUBLE = (
    "it is a second copy that we made of what {ref} is the copy of, after the answer to the first was lost; it is not "
    "kept in step, so it can be deleted"
)

NEW_SECONDS = 600.0
"""A record that is older than this when we first hear of it may have had a copy before."""

log = structlog.get_logger()


async def resolve(run: Run, notes: Sequence[Note]) -> list[Item]:
    """One item a link, or a record that has none; those that another batch holds are given back at once."""
    placed = [(side, ref, note) for note in notes for ref in [Ref.parse(note.ref)] for side in _sides(run, ref)]
    async with run.store.begin() as tx:
        found = await links.find(tx, run.live.bound.name, {(side, ref.id) for side, ref, _ in placed})
        items = _grouped(placed, found)
        run.leased = run.now()
        keys = {item.lease if item.link else f"{run.live.bound.name}/{item.lease}": item for item in items}
        gained = await leases.take(tx, keys, run.owner, run.attempt, run.leased, LEASE_SECONDS)
        loaded = await run.links(tx, {item.link.id for item in items if item.link})
        parked = await parking.of_links(tx, loaded)
    run.began = run.now()
    for key, item in keys.items():
        if item.link is not None:
            item.link = loaded.get(item.link.id, item.link)
            item.parked = parked.get(item.link.id, [])
        if key not in gained:
            item.end(AGAIN_SECONDS)
        elif item.link is not None and (_is_over(item, item.link) or _is_known(item, item.link)):
            item.end()
    return items


def _is_over(item: Item, link: Link) -> bool:
    """Whether the link has ended, and nothing hints at the return of a record that was deleted."""
    return link.state != "active" and not any(side in link.members and link.members[side].gone for side in item.notes)


def _is_known(item: Item, link: Link) -> bool:
    """Whether all that brought us here, our own writes' echoes above all, is older than what we have read already."""
    if link.base is None or link.announced or link.intents:
        return False
    return all(
        note.via == "webhook"
        and note.aspects == [Aspect.FIELDS]
        and note.as_of is not None
        and side in link.members
        and note.as_of <= link.members[side].updated_at
        and not from_between(link, side, [note])
        for side, notes in item.notes.items()
        for note in notes
    )


def _sides(run: Run, ref: Ref) -> tuple[str, ...]:
    return run.live.sides_of(ref.connection, ref.object)


def _grouped(placed: list[tuple[str, Ref, Note]], found: dict[tuple[str, str], str]) -> list[Item]:
    """One connection may serve two sides; a ref then belongs to the side where it has a link, if any."""
    linked_refs = {str(ref) for side, ref, _ in placed if (side, ref.id) in found}
    items: dict[str, Item] = {}
    for side, ref, note in placed:
        link = found.get((side, ref.id))
        if link is None and str(ref) in linked_refs:
            continue
        item = items.setdefault(link or f"{side}/{ref.id}", Item(notes={}))
        item.notes.setdefault(side, []).append(note)
        if link is not None:
            item.link = Link(link, "")
        else:
            item.fresh = (side, ref.id)
    return list(items.values())


async def adopt(run: Run, items: Sequence[Item]) -> None:
    """Give each record without a link the one that its marker names, or a new one where it may have copies."""
    fresh = [item for item in items if item.fresh is not None and not item.ended]
    if not fresh:
        return
    async with run.store.read() as tx:
        marked = await run.links(tx, {r.marker for item in fresh for r in item.records.values() if r.marker})
        is_applied = await cursors.fingerprint(tx, run.live.bound.name) == run.live.fingerprint
        refs = {ref for item in fresh for ref in item.refs()}
        parked = await parking.unlinked(tx, run.live.bound.name, refs)
    unclear = {one.ref for one in parked if one.value == parking.AMBIGUOUS}
    for item in fresh:
        if item.via != "retry" and not unclear.isdisjoint(item.refs()):
            item.end()
    await each(fresh, partial(_adopt_one, run, marked, is_applied))
    for item in items:
        if item.link is not None and item.link.id in run.joined:
            item.end(0.0)
    # Where scopes of one connection overlap, a record belongs to the first side that takes it.
    beginning = {item.link.id: item for item in reversed(fresh) if item.link is not None and not item.ended}
    for item in fresh:
        if item.link is not None and beginning.get(item.link.id) is not item:
            item.link = None
            item.end()
    await _begin(run, list(beginning.values()))


async def _adopt_one(run: Run, marked: dict[str, Link], is_applied: bool, item: Item) -> None:
    side, _ = item.fresh or ("", "")
    record = item.records.get(side)
    if record is None:
        item.end()
        return
    link = marked.get(record.marker or "")
    ours = link is not None and link.mapping == run.live.bound.name
    if link is not None and ours and side not in link.members:
        await _join(run, item, link, side, record)
    elif link is not None and ours and link.members[side].external_id == record.ref.id:
        item.end(0.0)  # it became a member a moment ago, while we read it
    elif link is not None and ours and await _is_double(run, item, side, record):
        run.park(item, side, DOUBLE.format(ref=run.live.ref(side, link.members[side].external_id)))
    elif link is None and item.via != "retry" and (record.marker or "").startswith(run.store.identity):
        run.park(item, side, UNKNOWN_MARKER)
    elif is_applied and _belongs(run, item, side, record):
        item.link = _new_link(run, item, side, record)
    if item.link is None:
        item.end()


async def _is_double(run: Run, item: Item, side: str, record: Record) -> bool:
    """Whether we made it, and not a person who cloned the record that is linked."""
    return item.via != "retry" and await run.ask(side, run.live.connector(side).is_own(record))


async def _join(run: Run, item: Item, link: Link, side: str, record: Record) -> None:
    edited = await edited_since(run, link, side, record)
    async with run.store.begin() as tx:
        if not await leases.take(tx, [link.id], run.owner, run.attempt, run.now(), LEASE_SECONDS):
            item.end(AGAIN_SECONDS)
            return
        # What we know of it is from before the lease, and another batch may have settled it since.
        link = (await run.links(tx, [link.id])).get(link.id, link)
        if await links.join(tx, link, Member(side, record.ref.id, url=record.url)):
            recognise(run, link, side, record, edited)
            await links.settle(tx, [link], run.now())
            await parking.drop_unlinked(tx, link.mapping, [str(record.ref)])
            run.entry(item, Kind.LINKED, side, reason="it carries this link's marker", link_joined=link.id)
            await write(tx, item.entries, run.now())
            item.entries.clear()
            run.joined.add(link.id)
    item.end(0.0)


def _belongs(run: Run, item: Item, side: str, record: Record) -> bool:
    if not record.in_scope:
        return False
    try:
        return matches(run.live.bound, side, record, Peers(run.live.people, {}, {}))
    except Untranslatable as error:
        run.park(item, side, f"`where` of side {side} fails: {error}")
        return False


def _new_link(run: Run, item: Item, side: str, record: Record) -> Link | None:
    """The link that a record begins, with the sides where copies are to be made; None where there is none to make."""
    others = [name for name, other in run.live.bound.sides.items() if name != side and other.create is not None]
    if not others:
        return None
    link = Link(links.origin_id(run.store.identity, run.live.bound.name, str(record.ref)), run.live.bound.name)
    link.members[side] = Member(side, record.ref.id, url=record.url)
    made_at = record.created.timestamp()
    # Only what was made just now, and told at once, surely has no copy from a life that this store does not remember.
    # An apply has looked for one already.
    looked = item.via == "apply" or (item.via == "webhook" and run.now() - made_at < NEW_SECONDS)
    link.intents = dict.fromkeys(others, None if looked else min(made_at, run.now() - NEW_SECONDS))
    return link


async def _begin(run: Run, items: Sequence[Item]) -> None:
    """Store the new links of these items; where one's record got a link meanwhile, all are looked at again."""
    if not items:
        return
    try:
        async with run.store.begin() as tx:
            new = [item.link for item in items if item.link is not None]
            await links.add(tx, new, run.now())
            await parking.drop_unlinked(tx, run.live.bound.name, [ref for item in items for ref in item.refs()])
            await leases.take(tx, [link.id for link in new], run.owner, run.attempt, run.now(), LEASE_SECONDS)
    except IntegrityError:
        for item in items:
            item.link = None
            item.end(AGAIN_SECONDS)
        return
    for item in items:
        run.entry(item, Kind.LINKED, next(iter(item.notes)), reason="a new record in scope")
