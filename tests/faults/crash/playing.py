"""Rounds: something is done, a process dies on the way, and everything must be right on both sides all the same."""

import asyncio
import itertools
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.crash.eng import Eng
from tests.faults.crash.mkt import Mkt
from tests.faults.crash.orders import Death, Orders, Passed
from tests.faults.crash.scenarios import SIDES, UNTOLD, Item, Scenario
from tests.faults.crash.service import Service, service
from tests.faults.crash.tools import Copy, Tool

BOUND_SECONDS = 60.0
LOOK_SECONDS = 0.2
CALM_SECONDS = 1.0
"""All is right for so long and nobody died: then nobody will. The echoes of our own writes arrive well within it."""


@dataclass
class Round:
    """What came of one item. `faults` are sentences; none: all is right."""

    scenario: str
    deaths: tuple[Death, ...] = ()
    died: int = 0
    seconds: float = 0.0
    passed: list[Passed] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    doubled: bool = False


class Player:
    """Plays rounds in one service."""

    def __init__(self, running: Service) -> None:
        self._service = running
        self._mkt = Mkt(running.http, running.asana)
        self._tools: dict[str, Tool] = {"eng": Eng(running.http, running.jira), "mkt": self._mkt}
        self._numbers = itertools.count(1)
        self._rounds = itertools.count(1)
        self.played: list[tuple[Item, Round]] = []

    async def prepare(self, scenario: Scenario, count: int) -> list[Item]:
        """Items on which a scenario can be played. Raises TimeoutError."""
        items = [Item(next(self._numbers)) for _ in range(count)]
        self._service.desk.give(Orders(0))
        for act in scenario.before:
            for item in items:
                await act(self._tools[scenario.side], scenario.side, item)
            async with asyncio.timeout(BOUND_SECONDS):
                for item in items:
                    while await self._wrong(item):
                        await asyncio.sleep(0.05)
        await self._quiet()
        return items

    async def play(self, scenario: Scenario, item: Item, deaths: Sequence[Death]) -> Round:
        """One round. Raises TimeoutError where the one before it left the service in no state to begin."""
        await self._quiet()
        number, begun = next(self._rounds), time.monotonic()
        self._service.desk.give(Orders(number, tuple(deaths)))
        await scenario.act(self._tools[scenario.side], scenario.side, item)
        if scenario.name in UNTOLD:
            await self._service.tell("sweep", False)
        wrong = await self._until_right(item, number, len(deaths))
        desk = self._service.desk
        played = Round(scenario.name, tuple(deaths), desk.deaths(number), time.monotonic() - begun)
        played.passed = desk.passed(number)
        played.faults = [f"after {BOUND_SECONDS:.0f} s: {wrong}"] if wrong else []
        self.played.append((item, played))
        return played

    async def judge_all(self) -> None:
        """Look at everything once more after a full sweep: what is there too often, or came undone."""
        self._service.desk.give(Orders(0))
        await self._service.tell("sweep", True)
        await asyncio.sleep(0.2)
        await self._quiet()
        for item, played in self.played:
            wrong = await self._wrong(item)
            if wrong and not played.faults:
                played.faults.append(f"came undone: {wrong}")
        titles = {side: Counter(map(_number, (await self._tools[side].titles()).values())) for side in SIDES}
        tags = Counter(await self._mkt.tags())
        for item, played in self.played:
            wanted = 0 if item.expected is None else 1
            for side in SIDES:
                if titles[side][item.number] != wanted:
                    played.faults.append(f"there {titles[side][item.number]} times on {side}, expected {wanted}")
                    played.doubled |= titles[side][item.number] > wanted
            if tags[f"label-{item.number}"] > 1:
                played.faults.append("its tag was made twice")
                played.doubled = True

    async def _until_right(self, item: Item, round_: int, deaths: int) -> str:
        """What is wrong when the patience ends; empty as soon as all is right, and everybody died who was to."""
        deadline, right_since = time.monotonic() + BOUND_SECONDS, None
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            wrong = await self._wrong(item)
            if not wrong and not await self._service.is_quiet():
                wrong = "something is under way still"
            now = time.monotonic()
            right_since = None if wrong else right_since or now
            if right_since is not None:
                if self._service.desk.deaths(round_) == deaths > 0 or now - right_since > CALM_SECONDS:
                    return ""
            elif now > deadline:
                return wrong

    async def _wrong(self, item: Item) -> str:
        """What a side shows otherwise than expected."""
        for side in SIDES:
            if side not in item.ids:
                titles = await self._tools[side].titles()
                found = [id_ for id_, title in titles.items() if _number(title) == item.number]
                if len(found) != 1:
                    return f"there {len(found)} times on {side}, expected once"
                item.ids[side] = found[0]
            shown = await self._tools[side].look(item.ids[side])
            if shown != item.expected:
                return f"on {side}: {_difference(shown, item.expected)}"
        return ""

    async def _quiet(self) -> None:
        async with asyncio.timeout(BOUND_SECONDS):
            while not await self._service.is_quiet():
                await asyncio.sleep(0.05)


def _number(title: str) -> int:
    return int(title.split()[1])


def _difference(shown: Copy | None, expected: Copy | None) -> str:
    if shown is None or expected is None:
        return f"{'gone' if shown is None else 'there'}, expected {'gone' if expected is None else 'there'}"
    names = [name for name in vars(expected) if getattr(shown, name) != getattr(expected, name)]
    return "; ".join(f"{name} {getattr(shown, name)!r}, expected {getattr(expected, name)!r}" for name in names)


@asynccontextmanager
async def player() -> AsyncIterator[Player]:
    """A player with a service of its own."""
    with tempfile.TemporaryDirectory(prefix="syncline-crash-", ignore_cleanup_errors=True) as folder:
        async with service(Path(folder) / "workspace") as running:
            yield Player(running)


async def play_all(scenario: Scenario, wanted: Sequence[tuple[Death, ...]]) -> list[Round]:
    """A round for each of these deaths, one after the other, and a last look at all of them.

    Where the service does not come to rest any more, the round is told so, and is the last.
    """
    async with player() as one:
        items = await one.prepare(scenario, len(wanted))
        try:
            for item, deaths in zip(items, wanted, strict=True):
                await one.play(scenario, item, deaths)
            await one.judge_all()
        except TimeoutError:
            one.played[-1][1].faults.append(f"the service was not at rest again within {BOUND_SECONDS:.0f} s after it")
    return [played for _, played in one.played]
