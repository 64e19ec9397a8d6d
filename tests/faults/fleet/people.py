"""People at work on both sides, and whether everything they did is everywhere, once."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.faults.fleet.parts import Fleet
from tests.workflows.vendors import AsanaDesk, Desk, JiraDesk

OTHER = {"eng": "mkt", "mkt": "eng"}
OWNER = {"title": "eng", "due": "mkt"}
"""Each field is edited on one side only, where its values only ever grow: what is less is old."""
FIRST_DAY = date(2027, 1, 1)
NUMBERS = itertools.count()
"""Of items, all different, as one crowd may come after another."""


@dataclass
class Item:
    """One thing that both sides are to show: the ids that are known by side, and what it was last set to."""

    number: int
    ids: dict[str, str]
    title: int = 0
    due: int = 0
    said: list[str] = field(default_factory=list)

    def values(self) -> dict[str, str | None]:
        """What both sides are to show."""
        due = (FIRST_DAY + timedelta(days=self.due)).isoformat() if self.due else None
        return {"title": f"Item {self.number} v{self.title}", "due": due}


@dataclass
class Crowd:
    """Everybody, and what they have done."""

    desks: dict[str, Desk]
    chance: random.Random
    items: list[Item] = field(default_factory=list)
    wanted: int = 10

    def create(self, side: str) -> Item:
        """Somebody makes a record."""
        item = Item(next(NUMBERS), {})
        item.ids[side] = self.desks[side].create(f"Item {item.number} v0")
        self.items.append(item)
        return item

    def act(self) -> None:
        """One more thing is done by somebody."""
        if len(self.items) < self.wanted:
            self.create(self.chance.choice(("eng", "mkt")))
            return
        item, what = self.chance.choice(self.items), self.chance.choice(("title", "title", "due", "due", "comment"))
        side = OWNER.get(what) or self.chance.choice(("eng", "mkt"))
        if self._knows(item, side):
            self.edit(item, side, what)

    def _knows(self, item: Item, side: str) -> bool:
        if side not in item.ids:
            found = [id_ for title, id_ in self.desks[side].listed() if title.split()[1] == str(item.number)]
            if found:
                item.ids[side] = found[0]
        return side in item.ids

    def edit(self, item: Item, side: str, what: str) -> None:
        """Somebody sets a field to its next value, or says something."""
        if what == "comment":
            text = f"Remark {item.number}.{len(item.said)}!"
            item.said.append(text)
            self.desks[side].comment(item.ids[side], text)
            return
        setattr(item, what, getattr(item, what) + 1)
        self.desks[side].edit(item.ids[side], **{what: item.values()[what]})

    def faults(self) -> list[str]:
        """What is not everywhere, or there twice; empty when all is well."""
        found: list[str] = []
        for side, desk in self.desks.items():
            listed = desk.listed()
            there = Counter(title.split()[1] for title, _ in listed)
            ids = {title.split()[1]: id_ for title, id_ in listed}
            for item in self.items:
                if there[str(item.number)] != 1:
                    found.append(f"{side}: item {item.number} is there {there[str(item.number)]} times")
                    continue
                found += _differences(f"{side}: item {item.number}", desk, ids[str(item.number)], item)
        return found


def _differences(where: str, desk: Desk, id_: str, item: Item) -> Iterator[str]:
    now = desk.read(id_)
    for name, value in item.values().items():
        if now[name] != value:
            yield f"{where} shows {name} {now[name]!r}, expected {value!r}"
    texts = desk.comments(id_)
    for said in item.said:
        times = sum(said in text for text in texts)
        if times != 1:
            yield f"{where} has the comment {said!r} {times} times"


@contextmanager
def crowd(fleet: Fleet, seed: int, items: int) -> Iterator[Crowd]:
    """People at the desks of both systems."""
    desks: list[Desk] = [JiraDesk(fleet.jira), AsanaDesk(fleet.asana)]
    yield Crowd({desk.side: desk for desk in desks}, random.Random(seed), wanted=items)
    for desk in desks:
        desk.http.close()
