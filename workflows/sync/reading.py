"""Reading all members of all links of a batch, as few requests as the systems allow."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence

import structlog

from connectors.contract import Aspect, Record, Ref, Value
from connectors.errors import AuthFailed, NotFound, RateLimited, Unavailable
from connectors.guard import NotOurs
from mappings.bind import BoundField
from mappings.translate import Peers
from workflows.store import links
from workflows.store.journal import Kind
from workflows.sync.item import Item
from workflows.sync.run import AGAIN_SECONDS, AUTH_SECONDS, UNAVAILABLE_SECONDS, UNREADABLE_SECONDS, Run, said

UNSEEN = "unseen"
"""The value of a parked record that is missing."""
HIDDEN = (
    "the record cannot be seen any more. If our account lost the right to see it, give it back; if the record was "
    "deleted, `syncline parked retry` does what `on_delete` says"
)
RECORD_TYPES = frozenset({"record", "records"})
log = structlog.get_logger()


async def read_members(run: Run, items: Sequence[Item]) -> None:
    """Fill `records`. An item with a side that cannot be read now waits for it: merging without it could undo edits."""
    await asyncio.gather(*(_read_side(run, side, items) for side in run.live.bound.sides))


async def _read_side(run: Run, side: str, items: Sequence[Item]) -> None:
    wanted = {external_id: item for item in items if not item.ended for external_id in _ids(item, side)}
    if not wanted:
        return
    if not run.available(side):
        _hold(wanted.values(), UNAVAILABLE_SECONDS)
        return
    try:
        await _fetch(run, side, wanted)
    except NotOurs:
        _hold(wanted.values(), AGAIN_SECONDS)


async def _fetch(run: Run, side: str, wanted: Mapping[str, Item]) -> None:
    """Read these records at once; where one of them cannot be read at all, find out which, for the sake of the rest."""
    there, connector = run.live.bound.sides[side], run.live.connector(side)
    try:
        asked = _aspects(run, wanted.values())
        found = await run.ask(side, connector.fetch(list(wanted), there.object, there.keys, there.scope, asked))
    except (RateLimited, Unavailable, AuthFailed) as error:
        _hold(wanted.values(), run.wait(error) or UNREADABLE_SECONDS)
    except NotFound as error:
        # A record that is gone is merely absent: it is the address itself that leads nowhere.
        run.pause(there.connection, AUTH_SECONDS, str(error))
        _hold(wanted.values(), AUTH_SECONDS)
    except NotOurs:
        raise
    except Exception as error:
        log.exception("records cannot be read", refs=[run.live.ref(side, id_) for id_ in wanted])
        await _find_unreadable(run, side, wanted, error)
    else:
        for record in found:
            if record.ref.id in wanted:
                wanted[record.ref.id].records[side] = record


def _aspects(run: Run, items: Collection[Item]) -> list[Aspect]:
    """What a sweep found may hold nothing at all, which spares a listing a record; a webhook knows what it is about."""
    if all(item.via == "webhook" for item in items):
        return []
    flows = {Aspect.COMMENTS: run.live.bound.comments, Aspect.ATTACHMENTS: run.live.bound.attachments}
    return [aspect for aspect, flow in flows.items() if flow.sources != ()]


async def _find_unreadable(run: Run, side: str, wanted: Mapping[str, Item], error: Exception) -> None:
    if len(wanted) > 1:
        for id_, item in wanted.items():
            await _fetch(run, side, {id_: item})
        return
    for item in wanted.values():
        run.park(item, side, f"it cannot be read: {said(error)}")
    _hold(wanted.values(), UNREADABLE_SECONDS)


def _ids(item: Item, side: str) -> list[str]:
    if item.link is None:
        return [item.fresh[1]] if item.fresh and item.fresh[0] == side else []
    member = item.link.members.get(side)
    return [member.external_id] if member else []


def _hold(items: Iterable[Item], seconds: float) -> None:
    for item in items:
        item.end(seconds)


def missing_sides(item: Item) -> list[str]:
    """Sides whose member could not be seen."""
    link = item.link
    if link is None:
        return []
    return [side for side, member in link.members.items() if not member.gone and side not in item.records]


def told_deleted(run: Run, item: Item, side: str) -> bool:
    """Whether more than its absence says that a side's member is gone.

    The system's own word does, and a person who retries what was parked as unseen. That a full listing lacks it is
    enough where nothing would be destroyed by it: a right that was taken from us hides a record just as well.
    """
    aspects = {aspect for note in item.notes.get(side, []) for aspect in note.aspects}
    confirmed = item.via == "retry" and any((one.side, one.value) == (side, UNSEEN) for one in item.parked)
    harmless = run.live.bound.sides[side].on_delete in ("unlink", "ignore")
    return Aspect.DELETED in aspects or confirmed or (harmless and Aspect.VANISHED in aspects)


def note_unseen(run: Run, item: Item) -> None:
    """Park what is missing without a second sign: systems do not tell deleted from invisible."""
    for side in missing_sides(item):
        if not told_deleted(run, item, side):
            run.park(item, side, HIDDEN, value=UNSEEN)
            run.entry(item, Kind.SKIPPED, side, reason="missing without a second sign")
            item.end()


async def read_peers(run: Run, items: Sequence[Item]) -> Peers:
    """The links of records that are named in fields (parents, for instance), and their members."""
    fields = [field for field in run.live.bound.fields.values() if field.type.value in RECORD_TYPES]
    if not fields:
        return Peers(run.live.people, {}, {})
    refs = {ref for item in items for side, record in item.records.items() for ref in _named(fields, side, record)}
    keys = {(side, ref.id): str(ref) for ref in refs for side in run.live.sides_of(ref.connection, ref.object)}
    async with run.store.read() as tx:
        found = await links.find(tx, run.live.bound.name, list(keys))
        bases = {
            value for item in items if item.link for field in fields for value in _many(item.link.base, field.name)
        }
        loaded = await run.links(tx, {*found.values(), *bases})
    members = {
        (link.id, side): run.live.ref(side, member.external_id)
        for link in loaded.values()
        for side, member in link.members.items()
    }
    return Peers(run.live.people, {keys[key]: link for key, link in found.items()}, members)


def _named(fields: Sequence[BoundField], side: str, record: Record) -> list[Ref]:
    named: list[Ref] = []
    for field in fields:
        binding = field.bindings.get(side)
        if binding is not None and binding.field is not None:
            named += [Ref.parse(text) for text in _texts(record.fields.get(binding.field.key))]
    return named


def _many(base: dict[str, Value] | None, field: str) -> list[str]:
    return _texts((base or {}).get(field))


def _texts(value: Value) -> list[str]:
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, str) else []
