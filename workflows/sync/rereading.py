"""Looking again before a write whose turn came late: no API here writes on condition that nobody edited meanwhile.

What was read a moment ago is believed. Writes that had to wait for their turn are looked at again first, all of one
side in one request, and those whose record has another version are planned anew.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from workflows.sync.item import Item
from workflows.sync.run import Run

BELIEVED_SECONDS = 0.4
AT_ONCE = 8
"""Writes of one side under way; more would wait for each other in the connection's queue, where nobody looks again."""


@dataclass
class Turns:
    """The writes of one batch to one side."""

    run: Run
    side: str
    waiting: dict[str, Item]
    """By external id: the items whose write has not gone out."""
    read_at: float
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def is_current(self, item: Item) -> bool:
        """Whether the record still is as it was read; its write goes out now. Raises what connectors raise."""
        async with self.looking:
            if self.run.now() - self.read_at > BELIEVED_SECONDS:
                await self._look()
        record = item.records[self.side]
        return self.waiting.pop(record.ref.id, None) is not None

    async def _look(self) -> None:
        there, connector = self.run.live.bound.sides[self.side], self.run.live.connector(self.side)
        looked_at = self.run.now()
        found = await connector.fetch(list(self.waiting), there.object, there.keys, there.scope)
        versions = {record.ref.id: record.version for record in found}
        for id_, item in list(self.waiting.items()):
            if versions.get(id_) != item.records[self.side].version:
                del self.waiting[id_]
        self.read_at = looked_at


def turns(run: Run, items: Sequence[Item], read_at: float) -> dict[str, Turns]:
    """By side, for the writes that are about to go out; `read_at`: when the batch read its records."""
    waiting: dict[str, dict[str, Item]] = {}
    for item in items:
        for side in item.plan.writes if item.plan is not None and not item.ended else ():
            waiting.setdefault(side, {})[item.records[side].ref.id] = item
    return {side: Turns(run, side, there, read_at) for side, there in waiting.items()}
