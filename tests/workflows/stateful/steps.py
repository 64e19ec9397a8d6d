"""The steps of a history. Each is a name and numbers, and does what it can: one that finds nothing to do does nothing.

So any part of a history is a history, which is what makes a long one that fails easy to shorten.
"""

from collections.abc import Awaitable, Callable
from random import Random

from connectors.contract import Value
from tests.workflows.stateful.processes import quiet
from tests.workflows.stateful.systems import FAULTS, READS, WRITES, Fault
from tests.workflows.stateful.values import PARTS, Talked, fresh, item_of, paragraph
from tests.workflows.stateful.world import World

Step = tuple[str, *tuple[int, ...]]
FIELDS = ("title", "due", "status", "number", "labels", "text")
CALLS = (*WRITES, *READS, *("update",) * 8, *("create",) * 4, *("add_comment",) * 2)
"""What a fault may befall; what writes more often."""


async def take_step(world: World, step: Step) -> None:
    """Carry out a step."""
    name, *numbers = step
    world.land()
    await STEPS[name](world, *[*numbers, 0, 0, 0, 0][:4])
    await quiet()
    world.collect()
    await quiet()


def random_step(random: Random) -> Step:
    """Any step, the more usual ones more often."""
    name = random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    return (name, *(random.randrange(1000) for _ in range(4)))


async def _create(world: World, side: int, *_: int) -> None:
    if len(world.items()) < 3:
        world.create(_side(world, side))


async def _edit(world: World, item: int, side: int, field: int, how: int) -> None:
    place, chosen = _side(world, side), _item(world, item)
    record = world.find(chosen, place)
    if record is None or not world.can_tell(record):
        return
    key, n = FIELDS[field % len(FIELDS)], next(world.numbers)
    value: Value = fresh(chosen, n)[key]
    shown = record.fields.get(key)
    if key == "status" and how % 8 == 0:
        value = f"closed {n}"
    if key == "labels" and isinstance(value, list):
        there = shown if isinstance(shown, list) else []
        # Without history nobody can tell what was taken back from what has not arrived yet.
        takes = there and how % 3 == 0 and world.terms.history
        value = [*there[:-1]] if takes else sorted([*there, *value])
    if key == "text" and isinstance(shown, str) and len(texts := shown.split("\n\n")) == PARTS:
        value = "\n\n".join([*texts[: how % PARTS], paragraph(chosen, how % PARTS, n), *texts[how % PARTS + 1 :]])
    world.edit(chosen, place, **{key: value or None})


async def _say(world: World, item: int, side: int, *_: int) -> None:
    place = _side(world, side)
    record = world.find(_item(world, item), place)
    if record is not None:
        token = f"c{next(world.numbers)}"
        body = f"{token} of i{item_of(record)}"
        said = world.sides[place].say(record.ref.id, body)
        world.talk.append(Talked(item_of(record), place, record.ref.id, said.id, token, body))


async def _resay(world: World, which: int, *_: int) -> None:
    for talked in _said(world, which):
        talked.body = f"{talked.token} again {next(world.numbers)}"
        world.sides[talked.side].resay(talked.record, talked.id, talked.body)


async def _unsay(world: World, which: int, *_: int) -> None:
    for talked in _said(world, which):
        talked.body = None
        world.sides[talked.side].unsay(talked.record, talked.id)


async def _delete(world: World, item: int, side: int, *_: int) -> None:
    place, chosen = _side(world, side), _item(world, item)
    record = world.find(chosen, place)
    # A copy that goes before we have heard of it is made again: nothing is left of it that could tell.
    if record is not None and await world.is_linked(record):
        world.deleted.setdefault(chosen, set()).add(place)
        world.sides[place].throw_away(record.ref.id)


async def _restore(world: World, which: int, *_: int) -> None:
    gone = [(item, side) for item, sides in sorted(world.deleted.items()) for side in sorted(sides)]
    for item, side in gone[which % len(gone) :][:1] if gone else ():
        for id_, record in list(world.sides[side].bin.items()):
            if item_of(record) == item:
                world.restored.add(item)
                world.sides[side].take_back(id_)


async def _mail(world: World, which: int, how: int, *_: int) -> None:
    if world.mail:
        note = world.mail[which % len(world.mail)]
        if how % 8 == 0:
            world.counts["webhook lost"] += 1
        else:
            world.take(note)
        if how % 8 == 1:
            world.counts["webhook repeated"] += 1
        else:
            world.mail.remove(note)


async def _deliver(world: World, *_: int) -> None:
    notes, world.mail = world.mail, []
    for note in notes:
        world.take(note)


async def _sweep(world: World, full: int, *_: int) -> None:
    await world.sweep(full=full % 3 == 0)


async def _fault(world: World, side: int, call: int, kind: int, how: int) -> None:
    fault = Fault(FAULTS[kind % len(FAULTS)], 0.5 + how % 3, (*FIELDS[1:], "all")[how % len(FIELDS)])
    world.sides[_side(world, side)].faults[CALLS[call % len(CALLS)]] = fault


async def _run(world: World, size: int, *_: int) -> None:
    batch = world.start(1 + size % 5)
    if batch is not None:
        await batch.last.finish()


async def _start(world: World, size: int, *_: int) -> None:
    world.start(1 + size % 5)


async def _go(world: World, which: int, far: int, task: int, *_: int) -> None:
    there = world.processes()
    if there:
        process = there[which % len(there)]
        for number in range(1 + far % 12):
            if process.ended:
                break
            world.land()
            await process.go(task + number * (task % 3))


async def _finish(world: World, which: int, *_: int) -> None:
    there = world.processes()
    if there:
        await there[which % len(there)].finish()


async def _kill(world: World, which: int, *_: int) -> None:
    there = world.processes()
    if there:
        world.counts["killed"] += 1
        process = there[which % len(there)]
        world.tell(f"{process.owner}/{process.attempt} is killed at {[parked.at for parked in process.parked]}")
        await process.kill()


async def _overtake(world: World, which: int, *_: int) -> None:
    there = [batch for batch in world.batches if not batch.last.ended]
    if there:
        await world.overtake(there[which % len(there)])


async def _tick(world: World, seconds: int, *_: int) -> None:
    world.wait(0.5 + seconds % 4)


STEPS: dict[str, Callable[..., Awaitable[None]]] = {
    "create": _create, "edit": _edit, "say": _say, "resay": _resay, "unsay": _unsay, "delete": _delete,
    "restore": _restore, "mail": _mail, "deliver": _deliver, "sweep": _sweep, "fault": _fault, "run": _run,
    "start": _start, "go": _go, "finish": _finish, "kill": _kill, "overtake": _overtake, "tick": _tick,
}  # fmt: skip
WEIGHTS = {
    "create": 4, "edit": 20, "say": 3, "resay": 2, "unsay": 2, "delete": 0.6, "restore": 1, "mail": 4, "deliver": 8,
    "sweep": 3, "fault": 12, "run": 12, "start": 8, "go": 14, "finish": 5, "kill": 2, "overtake": 1.5, "tick": 6,
}  # fmt: skip


def _side(world: World, number: int) -> str:
    return world.terms.sides[number % len(world.terms.sides)]


def _item(world: World, number: int) -> int:
    there = world.items()
    return there[number % len(there)] if there else 0


def _said(world: World, which: int) -> list[Talked]:
    """A comment that its author can still see."""
    there = [t for t in world.talk if t.body is not None and t.record in world.sides[t.side].records]
    return [there[which % len(there)]] if there else []
