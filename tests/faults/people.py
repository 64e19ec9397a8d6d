"""People who edit on all sides at once, and a record of what each did and had seen before."""

import asyncio
import contextlib
import itertools
import random
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.faults.asana_face import AsanaFace
from tests.faults.faces import LABEL, PEOPLE, Face
from tests.faults.jira_face import JiraFace
from tests.faults.model import COMMENTS, RECORD, Edit, OnDelete, Policy, Record, Value, parts
from tests.faults.stage import Stage

FIELDS = {
    "title": Policy("latest"),
    "due": Policy("prefer", side="eng"),
    "number": Policy("latest"),
    "status": Policy("latest", once=False),
    "assignee": Policy("latest", once=False),
    "labels": Policy("union"),
    "details": Policy("merge"),
}
"""What is mapped, and how concurrent edits are to be settled."""

ON_DELETE: dict[str, OnDelete] = {"eng": "delete", "mkt": "unlink", "ops": "delete", "biz": "unlink"}
FIRST_LINES = 6
DELETIONS = 0.04
SHARED = 0.5
"""How many of the fields of all items are edited on any side; the others belong to one side each."""


@dataclass
class Comment:
    """A comment that somebody wrote."""

    side: str
    id: str
    by: str
    text: str


@dataclass
class Item:
    """What people made: its ids, as far as they are known, its history, and who edits what."""

    number: int
    ids: dict[str, str] = field(default_factory=dict)
    history: list[Edit] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    owners: dict[str, str | None] = field(default_factory=dict)
    joined: dict[str, int] = field(default_factory=dict)
    """How long the history was when a side's record was first seen."""
    ended: bool = False

    def is_kept(self, side: str, record: Record) -> bool:
        """Whether the product has written to a side's record since it made it, and so surely knows of it.

        Of a copy whose making was never confirmed nobody can know that it was there before a person deleted it.
        """
        if self.history[0].side == side:
            return True
        since = self.history[self.joined.get(side, len(self.history)) :]
        values = {part for value in record.fields.values() for part in parts(value)}
        return any(
            edit.side != side and edit.field in FIELDS and FIELDS[edit.field].once and edit.value in values
            for edit in since
            if edit.value is not None
        )


@dataclass
class Crowd:
    """Makes and edits items. Every text, date, number and label is used once, so that it can be told whose it is."""

    faces: dict[str, Face]
    chance: random.Random
    items: dict[int, Item] = field(default_factory=dict)
    known: dict[tuple[str, str], int] = field(default_factory=dict)
    """The item of every record that was ever seen, by side and id."""

    def __post_init__(self) -> None:
        self._counter = itertools.count(1)

    async def act(self, items: int) -> None:
        """One thing that somebody does; `items`: how many there are to be in the end."""
        alive = [item for item in self.items.values() if not item.ended]
        if len(self.items) < items and (not alive or self.chance.random() < 0.3):
            await self.create(self.chance.choice(list(self.faces)))
            return
        if not alive:
            return
        item = self.chance.choice(alive)
        if self.chance.random() < DELETIONS and len(item.ids) > 1:
            await self._delete(item, self.chance.choice(list(item.ids)))
            return
        name = self.chance.choice((*FIELDS, COMMENTS, COMMENTS))
        side = self._side(item, name)
        if side is not None:
            await self._at(item, side, {**self._actions(), COMMENTS: self._discuss}.get(name, self._set), name)

    async def create(self, side: str, title: str = "") -> Item:
        """Somebody makes an item; one with a title of its own choosing has no more than that."""
        item, by = Item(next(self._counter)), self.chance.choice(list(PEOPLE))
        self.items[item.number] = item
        lines = () if title else tuple(self._line(item) for _ in range(FIRST_LINES))
        title = title or f"Item {item.number} title {next(self._counter)}"
        made: dict[str, Value] = {RECORD: True, "title": title, "details": lines, "status": "todo", "assignee": None}
        for name, value in {**made, "due": None, "number": None}.items():
            self._note(item, side, name, value, None, by, first=True)
        id_ = await self.faces[side].create(by, title, lines)
        item.ids[side] = id_
        self.known[(side, id_)] = item.number
        return item

    async def look(self) -> dict[str, list[Record]]:
        """What every side shows now; learns which records are whose."""
        shown = dict(
            zip(self.faces, await asyncio.gather(*(face.records() for face in self.faces.values())), strict=True)
        )
        for side, records in shown.items():
            for record in records:
                number = self.known.setdefault((side, record.id), item_of(record))
                item = self.items.get(number)
                if item is not None and not item.ended and not _deleted(item, side):
                    item.ids.setdefault(side, record.id)
                    item.joined.setdefault(side, len(item.history))
        return shown

    def owners(self) -> dict[Value, int]:
        """The item of every value that was used once."""
        found: dict[Value, int] = {}
        for item in self.items.values():
            for edit in item.history:
                if edit.field == COMMENTS or (edit.field in FIELDS and FIELDS[edit.field].once):
                    found.update({part: item.number for part in parts(edit.value) if part is not None})
        return found

    def _actions(self) -> dict[str, Callable[[Item, str, Record, str, str], Coroutine[Any, Any, None]]]:
        return {"status": self._move, "labels": self._label, "details": self._write_line}

    async def _at(
        self, item: Item, side: str, act: Callable[[Item, str, Record, str, str], Coroutine[Any, Any, None]], name: str
    ) -> None:
        """Do something at a record, having read it; nothing where it is gone."""
        face = self.faces[side]
        async with face.tool.gate.undisturbed():
            record = await face.record(item.ids[side])
            if record is not None and not item.ended:
                await act(item, side, record, name, self.chance.choice(list(PEOPLE)))

    async def _set(self, item: Item, side: str, record: Record, name: str, by: str) -> None:
        value, saw = self._fresh(item, name), record.fields[name]
        if value != saw:
            self._note(item, side, name, value, saw, by)
            await self.faces[side].write(by, record.id, name, value)

    async def _move(self, item: Item, side: str, record: Record, name: str, by: str) -> None:
        await self.faces[side].move(by, record.id, self.chance)
        now = await self.faces[side].record(record.id)
        if now is not None and now.fields[name] != record.fields[name]:
            self._note(item, side, name, now.fields[name], record.fields[name], by)

    async def _label(self, item: Item, side: str, record: Record, name: str, by: str) -> None:
        there = parts(record.fields[name] or ())
        if there and self.chance.random() < 0.4:
            label = str(self.chance.choice(there))
            self._note(item, side, name, None, label, by)
            await self.faces[side].label(by, record.id, label, there=False)
        else:
            label = f"{LABEL}{item.number}-{next(self._counter)}"
            self._note(item, side, name, label, None, by)
            await self.faces[side].label(by, record.id, label, there=True)

    async def _write_line(self, item: Item, side: str, record: Record, name: str, by: str) -> None:
        saw = tuple(str(line) for line in parts(record.fields[name] or ()))
        at = self.chance.randint(0, len(saw))
        value = (*saw[:at], self._line(item), *saw[at:])
        self._note(item, side, name, value, saw, by)
        await self.faces[side].write(by, record.id, name, value)

    async def _discuss(self, item: Item, side: str, record: Record, name: str, by: str) -> None:
        face, mine = self.faces[side], [one for one in item.comments if one.side == side]
        what = self.chance.random()
        text = f"Item {item.number} comment {next(self._counter)}"
        if not mine or what < 0.6:
            self._note(item, side, name, text, None, by)
            item.comments.append(Comment(side, await face.say(by, record.id, text), by, text))
            return
        comment = self.chance.choice(mine)
        if what < 0.85:
            self._note(item, side, name, text, comment.text, comment.by)
            comment.text = text
            await face.say(comment.by, record.id, text, comment.id)
        else:
            self._note(item, side, name, None, comment.text, comment.by)
            item.comments.remove(comment)
            await face.unsay(comment.by, record.id, comment.id)

    async def _delete(self, item: Item, side: str) -> None:
        if any(edit.field == RECORD and edit.value is None for edit in item.history):
            return

        async def remove(item: Item, side: str, record: Record, name: str, by: str) -> None:
            if not item.is_kept(side, record):
                return
            self._note(item, side, name, None, True, by)
            item.ended = ON_DELETE[side] == "delete"
            item.ids.pop(side)
            await self.faces[side].delete(by, record.id)

        await self._at(item, side, remove, RECORD)

    def _side(self, item: Item, name: str) -> str | None:
        there = list(item.ids)
        if not there:
            return None
        owner = item.owners.setdefault(name, None if self.chance.random() < SHARED else self.chance.choice(there))
        return owner if owner in there else self.chance.choice(there) if owner is None else None

    def _note(
        self, item: Item, side: str, name: str, value: Value, saw: Value, by: str, *, first: bool = False
    ) -> None:
        at = self.faces[side].tool.control.now().timestamp()
        item.history.append(Edit(item.number, side, name, value, saw, at, by, first))

    def _fresh(self, item: Item, name: str) -> Value:
        if name == "assignee":
            return self.chance.choice((*PEOPLE, None))
        number = next(self._counter)
        if name == "due":
            return f"{2027 + number // 336}-{number % 336 // 28 + 1:02d}-{number % 28 + 1:02d}"
        return float(number) if name == "number" else f"Item {item.number} {name} {number}"

    def _line(self, item: Item) -> str:
        return f"Item {item.number} line {next(self._counter)}"


def item_of(record: Record) -> int:
    """The number that a title names; 0 for a record that nobody made."""
    found = re.match(r"Item (\d+) ", str(record.fields["title"]))
    return int(found[1]) if found else 0


def _deleted(item: Item, side: str) -> bool:
    return any(edit.field == RECORD and edit.value is None and edit.side == side for edit in item.history)


@asynccontextmanager
async def crowd(stage: Stage, seed: int) -> AsyncIterator[Crowd]:
    """People at all tools, who keep looking around for as long as the block lasts."""
    faces = {side: AsanaFace(tool) if tool.system == "asana" else JiraFace(tool) for side, tool in stage.tools.items()}
    people = Crowd(dict(faces), random.Random(seed))
    looking = asyncio.create_task(_look_around(people))
    try:
        yield people
    finally:
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
        for face in faces.values():
            await face.close()


async def _look_around(people: Crowd) -> None:
    while True:
        await people.look()
        await asyncio.sleep(0.5)
