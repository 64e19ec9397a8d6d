"""Let a history come to rest, and judge what every side shows against the model."""

from dataclasses import dataclass

from sqlalchemy import select

from connectors.contract import Record
from tests.workflows.stateful.processes import quiet
from tests.workflows.stateful.systems import HALFWAY
from tests.workflows.stateful.values import item_of, parts
from tests.workflows.stateful.world import MAPPING, World
from workflows.policies import LEASE_SECONDS
from workflows.store import parking
from workflows.store.tables import conflicts, journal, members

ROUNDS = 80
SETTLED_SECONDS = 120.0


@dataclass(frozen=True)
class Fault:
    """What is wrong: lost, doubled, swapped, silent, wrong, unrest, raised, unjournalled."""

    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


async def rest(world: World) -> None:
    """End all troubles, and let the lane work until nothing is left to do."""
    for side in world.sides.values():
        side.faults.clear()
    for process in world.processes():
        await process.finish()
    world.wait(SETTLED_SECONDS)
    for _ in range(3):
        await world.sweep(full=True)
        await _work(world)
        world.wait(SETTLED_SECONDS)


async def _work(world: World) -> None:
    for turn in range(ROUNDS):
        world.land()
        notes, world.mail = world.mail, []
        for note in notes:
            world.take(note)
        if turn == ROUNDS // 2:
            world.wait(LEASE_SECONDS)  # what a process that died without a second attempt still holds
        batch = world.start(50)
        while world.batches:
            for process in world.processes():
                await process.finish()
            await quiet()
            world.collect()
        if batch is None and not world.mail and not world.lane.pending:
            return
        if batch is None:
            soonest = min((waiting.not_before for waiting in world.lane.pending.values()), default=0.0)
            world.wait(max(0.01, soonest - world.time.timestamp()))
    world.raised.append("no rest: the same work for ever")


async def judge(world: World) -> list[Fault]:
    """Come to rest, judge; then have everything retried that is parked, and judge again."""
    await rest(world)
    found = [Fault("raised", what) for what in world.raised]
    found += await _shown(world) + await _told(world)
    for one in await _parked(world):
        world.retry(one.ref)
    await rest(world)
    found += [Fault(fault.kind, f"{fault.what} (after a retry)") for fault in await _shown(world)]
    return list(dict.fromkeys(found))


async def _parked(world: World) -> list[parking.Parked]:
    async with world.store.read() as tx:
        return await parking.listed(tx, MAPPING)


async def _named(world: World) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """What is set aside: (ref, field) of what is parked, and (link's members' refs, field) of open conflicts."""
    aside = {(one.ref, one.field) for one in await _parked(world)}
    async with world.store.read() as tx:
        query = select(members.c.side, members.c.external_id, conflicts.c.field)
        rows = await tx.execute(query.join(conflicts, conflicts.c.link == members.c.link))
        return aside, {(f"{side}:issue:{id_}", field) for side, id_, field in rows}


async def _shown(world: World) -> list[Fault]:
    aside, held = await _named(world)
    found: list[Fault] = []
    for item in world.items():
        there = {
            name: [record for record in side.records.values() if item_of(record) == item]
            for name, side in world.sides.items()
        }
        found += _counted(world, item, there, aside)
        records = {side: some[0] for side, some in there.items() if some}
        for field in world.terms.policies:
            found += _field(world, item, field, records, aside, held)
        if item not in world.deleted:
            found += _comments(world, item, records, aside)
    strange = [r for side in world.sides.values() for r in side.records.values() if item_of(r) == 0]
    return found + [Fault("swapped", f"{record.ref} has no title of any item") for record in strange]


def _counted(world: World, item: int, there: dict[str, list[Record]], aside: set[tuple[str, str]]) -> list[Fault]:
    gone = world.deleted.get(item, set())
    found = [
        Fault("doubled", f"i{item} is on {side} {len(some)} times") for side, some in there.items() if len(some) > 1
    ]
    named = any((str(record.ref), "") in aside for some in there.values() for record in some)
    named = named or any(ref.endswith(":new") for ref, _ in aside)
    if gone and world.terms.on_delete == "delete" and item not in world.restored:
        left = [side for side, some in there.items() if some]
        found += (
            [Fault("lost", f"the deletion of i{item} did not reach {left}")]
            if left and not named and not (any(field == "" for _, field in aside))
            else []
        )
    elif not gone:
        found += [Fault("lost", f"i{item} is not on {side}") for side, some in there.items() if not some and not named]
    return found


def _field(
    world: World, item: int, field: str, records: dict[str, Record], aside: set[tuple[str, str]],
    held: set[tuple[str, str]],
) -> list[Fault]:  # fmt: skip
    """Whether a field shows what it must, on all sides the same, unless something names it."""
    shown = {side: parts(field, record.fields.get(field)) for side, record in records.items()}
    is_held = any((str(record.ref), field) in held for record in records.values())
    named = {s for s, r in records.items() if {(str(r.ref), field), (str(r.ref), "")} & aside}
    slots = sorted({slot for there in shown.values() for slot in there} | _slots(world, item, field))
    contested = [slot for slot in slots if world.model.contested((item, slot))]
    found: list[Fault] = []
    if is_held and not contested:
        found.append(Fault("silent", f"i{item} {field}: a conflict is open where nobody disagreed: {shown}"))
    if is_held or named or item in world.deleted:
        return found
    if len({str(there) for there in shown.values()}) > 1:
        return [*found, Fault("silent", f"i{item} {field}: sides differ and nothing says so: {shown}")]
    policy = world.terms.policies[field]
    if policy in ("ask", "merge") and not all(world.model.settled((item, slot)) for slot in contested):
        found.append(Fault("lost", f"i{item} {contested}: one of two edits won without a word: {shown}"))
    some = next(iter(shown.values()), {})
    for slot in slots:
        value = some.get(slot, False if field == "labels" else None)
        allowed = world.model.allowed((item, slot), policy, good_clocks=world.terms.tells_when)
        if value not in allowed:
            known = not value or HALFWAY in str(value) or value in world.model.written((item, slot))
            found.append(Fault("lost" if known else "swapped", f"i{item} {slot}: {value!r}, not {allowed}"))
    return found


def _slots(world: World, item: int, field: str) -> set[str]:
    return {slot for known, slot in world.model.edits if known == item and slot.split("/")[0] == field}


def _comments(world: World, item: int, records: dict[str, Record], aside: set[tuple[str, str]]) -> list[Fault]:
    found: list[Fault] = []
    if any(field == "comments" for _, field in aside):
        return found
    for side, record in records.items():
        bodies = [comment.body for comment in world.sides[side].talk.get(record.ref.id, [])]
        for talked in (talked for talked in world.talk if talked.item == item):
            mine = [body for body in bodies if f"{talked.token} " in body]
            if len(mine) > 1:
                found.append(Fault("doubled", f"comment {talked.token} is on {side} {len(mine)} times"))
            elif talked.body is None and mine:
                found.append(Fault("lost", f"the removal of comment {talked.token} did not reach {side}"))
            elif talked.body is not None and not (mine and mine[0].endswith(talked.body)):
                found.append(Fault("lost", f"comment {talked.token} on {side}: {mine}, not {talked.body!r}"))
    return found


async def _told(world: World) -> list[Fault]:
    """Whether the journal names every write that the engine heard the end of."""
    async with world.store.read() as tx:
        query = select(journal.c.ref, journal.c.field, journal.c.data).where(journal.c.kind == "wrote")
        told = {(ref, field, str(data.get("after"))) for ref, field, data in await tx.execute(query)}
    return [
        Fault("unjournalled", f"{ref} {field} {value!r}")
        for _side, ref, field, value in world.answered
        if (ref, field, str(value)) not in told
    ]
