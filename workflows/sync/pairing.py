"""The first step of an apply: records that exist on several sides and are the same thing become links."""

from collections.abc import Callable, Collection, Container, Iterator, Mapping
from dataclasses import dataclass, field

import structlog

from connectors.contract import Record
from connectors.errors import ConnectorError, NotFound, Rejected
from mappings.errors import Untranslatable
from mappings.plan import pair_key
from mappings.translate import Peers, matches
from workflows.messages import PairResult
from workflows.store import cursors, journal, links, parking
from workflows.store.journal import Entry, Kind
from workflows.store.links import Link, Member
from workflows.store.parking import Parked
from workflows.sync.run import Run, said

Key = tuple[str, ...]
log = structlog.get_logger()


@dataclass
class _Shelf:
    """The records of one side that have no link: all ids, and ids by what pairs them."""

    listed: int = 0
    by_key: dict[Key, list[str]] = field(default_factory=dict)
    ids: dict[str, Key | None] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    """Records that carry a marker, by the part of it that says of which record they are the copy."""

    def drop(self, id_: str) -> None:
        """Take a record off, because it has a link now."""
        key = self.ids.pop(id_)
        if key is not None:
            self.by_key[key].remove(id_)
            if not self.by_key[key]:
                del self.by_key[key]


async def pair_records(run: Run, beat: Callable[[int], None]) -> PairResult:
    """List all sides, link what belongs together, and note the scopes as applied. `beat` is told of progress."""
    async with run.store.read() as tx:
        renamed = _renamed(await links.sides(tx, run.live.bound.name), list(run.live.bound.sides))
    if renamed is not None:
        return PairResult(error=renamed)
    try:
        shelves = {side: await _shelf(run, side, beat) for side in run.live.bound.sides}
    except (Rejected, NotFound) as error:
        return PairResult(error=str(error))
    except ConnectorError as error:
        return PairResult(wait=run.back_in(error))
    except Exception as error:
        # Told to who asked for the apply: tried again without end, it would hold the whole lane.
        log.exception("sides cannot be listed")
        return PairResult(error=f"the sides cannot be listed: {said(error)}")
    now = run.now()
    pairs = [*_by_marker(run, shelves), *(_by_key(run, shelves, key) for key in _pairs(shelves))]
    ambiguous = list(_ambiguous(shelves))
    for chunk in links.chunks(pairs):
        async with run.store.begin() as tx:
            await links.add(tx, chunk, now)
            await journal.write(tx, [_told(run, link) for link in chunk], now)
    async with run.store.begin() as tx:
        await parking.drop_unlinked(tx, run.live.bound.name)
        await parking.park(tx, [one for key in ambiguous for one in _unclear(run, shelves, key)], now)
        await cursors.apply(tx, run.live.bound.name, run.live.fingerprint, now)
    return PairResult(sum(shelf.listed for shelf in shelves.values()), len(pairs), len(ambiguous))


def _renamed(known: Collection[str], sides: Collection[str]) -> str | None:
    """Why nothing may be paired: a side under another name looks as if all its records were new."""
    lost, new = sorted(set(known) - set(sides)), sorted(set(sides) - set(known))
    if not known or not lost or not new:
        return None
    return (
        f"links know the sides {', '.join(lost)}, which the file no longer names, and it has the new {', '.join(new)}: "
        "every record there would be copied once more. Give the sides their old names, or the mapping a new name"
    )


async def _shelf(run: Run, side: str, beat: Callable[[int], None]) -> _Shelf:
    there, connector, shelf = run.live.bound.sides[side], run.live.connector(side), _Shelf()
    cursor: str | None = None
    while True:
        page = await run.ask(side, connector.scan(there.object, there.scope, cursor, there.keys))
        async with run.store.read() as tx:
            known = await links.versions(tx, run.live.bound.name, side, [record.ref.id for record in page.records])
        for record in page.records:
            _place(run, side, record, known, shelf)
        beat(shelf.listed)
        cursor = page.cursor
        if not page.more:
            return shelf


def _place(run: Run, side: str, record: Record, known: Container[str], shelf: _Shelf) -> None:
    shelf.listed += 1
    peers = Peers(run.live.people, {}, {})
    try:
        if record.ref.id in known or not matches(run.live.bound, side, record, peers):
            return
    except Untranslatable:
        return
    key = pair_key(run.live.bound, side, record, peers)
    shelf.ids[record.ref.id] = key
    if record.marker is not None:
        shelf.copies.setdefault(record.marker[-links.MARK_LENGTH :], record.ref.id)
    if key is not None:
        shelf.by_key.setdefault(key, []).append(record.ref.id)


def _pairs(shelves: Mapping[str, _Shelf]) -> Iterator[Key]:
    """Keys that name exactly one record on each of at least two sides."""
    keys = {key for shelf in shelves.values() for key in shelf.by_key}
    for key in sorted(keys):
        found = [shelf.by_key[key] for shelf in shelves.values() if key in shelf.by_key]
        if len(found) > 1 and all(len(ids) == 1 for ids in found):
            yield key


def _ambiguous(shelves: Mapping[str, _Shelf]) -> Iterator[Key]:
    """Keys that name several records on a side and at least one on another."""
    keys = {key for shelf in shelves.values() for key in shelf.by_key}
    for key in sorted(keys):
        found = [shelf.by_key[key] for shelf in shelves.values() if key in shelf.by_key]
        if len(found) > 1 and any(len(ids) > 1 for ids in found):
            yield key


def _by_marker(run: Run, shelves: Mapping[str, _Shelf]) -> Iterator[Link]:
    """Links that a store before this one knew: a record and its copies, which carry its mark."""
    for side, shelf in shelves.items():
        others = {name: other for name, other in shelves.items() if name != side and other.copies}
        for id_ in sorted(shelf.ids) if others else ():
            mark = links.origin_mark(run.live.bound.name, run.live.ref(side, id_))
            copies = {name: other.copies[mark] for name, other in others.items() if mark in other.copies}
            if copies:
                yield _take(run, shelves, run.store.identity + mark, {side: id_, **copies})


def _by_key(run: Run, shelves: Mapping[str, _Shelf], key: Key) -> Link:
    found = {side: shelf.by_key[key][0] for side, shelf in shelves.items() if key in shelf.by_key}
    return _take(run, shelves, links.new_id(), found)


def _take(run: Run, shelves: Mapping[str, _Shelf], id_: str, found: Mapping[str, str]) -> Link:
    """A link of these records, which leave their shelves."""
    link = Link(id_, run.live.bound.name)
    for side, there in run.live.bound.sides.items():
        if side in found:
            link.members[side] = Member(side, found[side])
            shelves[side].drop(found[side])
        elif there.create is not None:
            link.intents[side] = None
    return link


def _told(run: Run, link: Link) -> Entry:
    names = {side: run.live.ref(side, member.external_id) for side, member in link.members.items()}
    return Entry(Kind.LINKED, run.live.bound.name, link.id, data={"reason": "paired by match", "members": names})


def _unclear(run: Run, shelves: Mapping[str, _Shelf], key: Key) -> Iterator[Parked]:
    """Every record that has several counterparts: none is copied until somebody made clear which belong together."""
    alike = [run.live.ref(side, id_) for side, shelf in shelves.items() for id_ in shelf.by_key.get(key, ())]
    names, shown = ", ".join(run.live.bound.match), ", ".join(alike[:5])
    reason = (
        f"{len(alike)} records have the same {names} {' / '.join(key)!r}: {shown}; make them differ and apply again"
    )
    for side, shelf in shelves.items():
        for id_ in shelf.by_key.get(key, ()):
            yield Parked(run.live.bound.name, "", side, "", run.live.ref(side, id_), reason, parking.AMBIGUOUS)
