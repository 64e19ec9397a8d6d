"""Creating records exactly once: intent, marker, and a search for the marker after an unknown outcome."""

from collections.abc import Collection
from datetime import UTC, datetime

from connectors.contract import Capability, Record, Ref, Value
from connectors.errors import ConnectorError, Rejected
from mappings.bind import BoundSide
from mappings.plan import SideWrite
from mappings.translate import Peers, read
from workflows.policies import FRESH_SECONDS
from workflows.store import links, parking
from workflows.store.journal import Kind
from workflows.store.links import Link, Member
from workflows.sync.history import last_edits
from workflows.sync.item import Item
from workflows.sync.run import UNAVAILABLE_SECONDS, Run, may_be_done
from workflows.sync.screening import with_screens

SEARCH_BEFORE_SECONDS = 600.0
"""How much older than our own note of the attempt a created record may look, by a clock that is wrong."""
SEARCH_EVERY_SECONDS = 2.0
UNTOUCHED_SECONDS = 1.0
"""Where a system has no history: a record whose last edit is not later after its creation shows what we wrote."""


async def find_created(run: Run, item: Item) -> None:
    """Where a creating request of unknown outcome went out, find what it made before anything is created again."""
    link = item.link
    if link is None:
        return
    for side, attempted_at in list(link.intents.items()):
        if attempted_at is None or not run.available(side):
            continue
        attempted_at = await _last_attempt(run, link, side, attempted_at)
        connector, there = run.live.connector(side), run.live.bound.sides[side]
        since = _moment(attempted_at - SEARCH_BEFORE_SECONDS)
        try:
            found = await run.ask(side, connector.find_by_marker(there.object, there.scope, link.id, since))
        except ConnectorError as error:
            item.end(run.back_in(error))
            return
        if found is not None:
            recognise(run, link, side, found, await edited_since(run, link, side, found))
            await _joined(run, item, side, found, "found by its marker after an unknown outcome")
            item.end(0.0)
        elif run.now() - attempted_at < connector.settle_seconds:
            left = attempted_at + connector.settle_seconds - run.now()
            item.end(min(SEARCH_EVERY_SECONDS, left))


async def _last_attempt(run: Run, link: Link, side: str, noted: float) -> float:
    """When a request may have gone out last: who worked on it before us sent until it heard that we took over."""
    last = run.began + FRESH_SECONDS
    if run.attempt == 1 or noted >= last:
        return noted
    # Stored, for others may look while we wait.
    async with run.store.begin() as tx:
        await links.attempt(tx, [(link.id, side)], last)
    return last


async def create(run: Run, item: Item, side: str, new: SideWrite) -> None:
    """Create one record. Intent and attempt are stored before; the member is with the rest of the batch.

    If we die before that, the marker leads back to the record.
    """
    link = item.link
    if link is None or not run.available(side):
        unfinished(item, side, UNAVAILABLE_SECONDS)
        return
    there, connector = run.live.bound.sides[side], run.live.connector(side)
    fields, screens, untold = with_screens(run.live.bound, side, _imagined(there, new), new.fields)
    try:
        written = await run.ask(side, connector.create(there.object, there.scope, fields, link.id, screens))
    except ConnectorError as error:
        # It may have waited for its turn since it was announced, so its time to take effect begins only now.
        at = run.now() if may_be_done(error) else None
        async with run.store.begin() as tx:
            if await run.held(tx, [item]):
                await links.attempt(tx, [(link.id, side)], at)
        wait = run.wait(error)
        if wait is not None:
            unfinished(item, side, wait)
        else:
            reasons = error.fields if isinstance(error, Rejected) else {}
            run.park(item, side, f"could not be created: {error}{_listed(reasons)}")
        return
    run.written += 1
    record = written.record
    link.members[side] = Member(side, record.ref.id, record.version, record.url)
    link.intents.pop(side, None)
    item.created.append(side)
    run.entry(item, Kind.CREATED, side, fields=dict(new.canonical), url=written.record.url)
    item.after[side] = written.record
    for field, reason in {**untold, **written.refused}.items():
        note_refused(run, item, side, field, reason, new)


async def edited_since(run: Run, link: Link, side: str, record: Record) -> set[str]:
    """The fields of a record that we made which people have edited since. Raises what connectors raise."""
    strange = _reworded(run, link, side, record)
    if not strange or Capability.HISTORY not in run.live.connector(side).capabilities:
        touched = (record.updated - record.created).total_seconds() > UNTOUCHED_SECONDS
        return set(strange) if touched else set()
    known = await last_edits(run, side, record, strange)
    # A field of which the history says nothing has no author.
    return {name for name, edit in known.items() if edit.by is not None and not edit.own and edit.at > record.created}


def recognise(run: Run, link: Link, side: str, record: Record, edited: Collection[str]) -> None:
    """Take what a record that we made shows for our own work, but for the fields that people edited since.

    A system may show what it was told in other words; without this, they would count as an edit of the copy.
    """
    reworded = _reworded(run, link, side, record)
    if link.base is not None:
        ours = {name: value for name, value in reworded.items() if name not in edited}
        link.shown[side] = {**link.shown.get(side, {}), **ours}


def _reworded(run: Run, link: Link, side: str, record: Record) -> dict[str, Value]:
    """What we told a side and it shows otherwise."""
    told, base = link.announced.get(side, {}), link.base or {}
    values = read(run.live.bound, side, record, Peers(run.live.people, {}, {}), told).values
    return {name: value for name, value in values.items() if value != base.get(name)}


def unfinished(item: Item, side: str, seconds: float) -> None:
    """A side did not answer: the link is looked at again."""
    item.open.add(side)
    item.again(seconds)


def note_refused(run: Run, item: Item, side: str, key: str, reason: str, write: SideWrite) -> None:
    """Park a native field that a system refused, under the name that it has in the mapping."""
    for name, field in run.live.bound.fields.items():
        binding = field.bindings.get(side)
        if binding is not None and binding.field is not None and binding.field.key == key and name in write.canonical:
            run.entry(item, Kind.REFUSED, side, name, reason=reason, value=write.canonical[name])
            run.park(item, side, reason, name, write.canonical[name])
            return
    run.park(item, side, f"{key}: {reason}", key)


async def _joined(run: Run, item: Item, side: str, record: Record, how: str) -> None:
    link = item.link
    if link is None:
        return
    member = Member(side, record.ref.id, record.version, record.url)
    async with run.store.begin() as tx:
        if not await links.join(tx, link, member):
            item.end(0.0)
            return
        await links.settle(tx, [link], run.now())
        await parking.drop_unlinked(tx, link.mapping, [str(record.ref)])
    link.members[side] = member
    link.intents.pop(side, None)
    run.entry(item, Kind.LINKED, side, reason=how)


def _listed(reasons: dict[str, str]) -> str:
    return "".join(f"; {field}: {reason}" for field, reason in reasons.items())


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _imagined(there: BoundSide, new: SideWrite) -> Record:
    """The record that is to be created, for the expressions of `screen`."""
    never = _moment(0.0)
    ref = Ref(there.connection, there.object, "new")
    return Record(ref=ref, fields=new.fields, created=never, updated=never, version="")
