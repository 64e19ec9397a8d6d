"""What goes wrong, when and where: chosen by a seed, several things at a time, each counted."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from connectors.standins.control import Fault, Webhooks
from tests.faults.disk import Disk
from tests.faults.parts import READ_TIMEOUT, Parts
from tests.faults.product import DATABASE
from tests.faults.relay import Mode
from tests.faults.stage import Stage

Area = Literal["hooks", "answers", "index", "part", "line", "disk", "clock"]

KINDS: dict[str, tuple[Area, float]] = {
    "hooks_lost": ("hooks", 2), "hooks_repeated": ("hooks", 1), "hooks_late": ("hooks", 1),
    "hooks_disordered": ("hooks", 1),
    "answer_429": ("answers", 2), "answer_500": ("answers", 1), "answer_503": ("answers", 1),
    "cut_before": ("answers", 2), "cut_after": ("answers", 3), "slow": ("answers", 1),
    "token_expired": ("answers", 0.3), "vendor_down": ("answers", 1),
    "stale_index": ("index", 2),
    "kill": ("part", 4), "freeze": ("part", 2),
    "line_reset": ("line", 2), "line_refused": ("line", 1), "line_silent": ("line", 2),
    "disk_full": ("disk", 0.5),
    "clock_skew": ("clock", 0),
}  # fmt: skip
"""Every kind of fault: where it strikes, and how often beside the others. Clocks are wrong from the start or never."""

SKEWS = (-86400.0, -3600.0, -30.0, -0.7, 0.7, 30.0, 3600.0, 86400.0)
SKEWED = 0.3
MODES: dict[str, Mode] = {"line_reset": "reset", "line_refused": "refuse", "line_silent": "silent"}
HOOKS: dict[str, Callable[[float], dict[str, float]]] = {
    "hooks_lost": lambda size: {"lose": max(0.3, size)},
    "hooks_repeated": lambda size: {"repeat": max(0.5, size)},
    "hooks_late": lambda size: {"delay": 0.5 + 2 * size},
    "hooks_disordered": lambda size: {"disorder": max(0.5, size)},
}
USUAL = Webhooks()
WRITES = "^(POST|PUT|DELETE) "
LONGEST = 3.0


@dataclass(frozen=True)
class Gust:
    """One fault: `seconds` after the start, for how long, where, and how strong (0 to 1)."""

    at: float
    seconds: float
    kind: str
    where: str
    size: float


def forecast(seed: int, seconds: float, places: Mapping[Area, Sequence[str]], kinds: Collection[str]) -> list[Gust]:
    """What will happen. `places`: what each area has; areas without a place are spared."""
    chance = random.Random(seed)
    possible = [kind for kind in KINDS if kind in kinds and places.get(KINDS[kind][0])]
    weights = [KINDS[kind][1] for kind in possible]
    gusts: list[Gust] = []
    at = 0.5
    while at < seconds and any(weights):
        kind = chance.choices(possible, weights)[0]
        where = chance.choice(places[KINDS[kind][0]])
        # A database whose processes stand still is no case of its own: it ends as a line that is silent.
        kind = "kill" if where == DATABASE else kind
        gusts.append(Gust(at, chance.uniform(0.2, LONGEST), kind, where, chance.random()))
        at += chance.expovariate(1 / 0.7)
    if "clock_skew" in kinds and chance.random() < SKEWED:
        gusts += [Gust(0.0, 0.0, "clock_skew", side, chance.choice(SKEWS)) for side in places["clock"]]
    return sorted(gusts, key=lambda gust: gust.at)


@dataclass
class Weather:
    """Makes the forecast come true."""

    stage: Stage
    parts: Parts
    disk: Disk | None
    counted: Counter[str] = field(default_factory=Counter)
    """How often each kind struck, before what the vendors' answers met is added."""

    def __post_init__(self) -> None:
        self._struck: set[tuple[Area, str]] = set()

    def skew(self, gusts: Sequence[Gust]) -> None:
        """Set the clocks that are wrong all the time."""
        for gust in gusts:
            if gust.kind == "clock_skew":
                self.stage.tools[gust.where].control.skew = gust.size
                self.counted["clock_skew"] += 1

    async def blow(self, gusts: Sequence[Gust]) -> None:
        """Let it all happen; afterwards everything is mended."""
        await asyncio.gather(*(self._gust(gust) for gust in gusts if gust.kind != "clock_skew"))
        for tool in self.stage.tools.values():
            tool.control.bend({"faults": [], "index_lag": 0})
            tool.control.webhooks = USUAL
            self.counted.update(tool.control.met)

    async def _gust(self, gust: Gust) -> None:
        area = KINDS[gust.kind][0]
        await asyncio.sleep(gust.at)
        if area != "answers" and (area, gust.where) in self._struck:
            return  # it is down already
        self._struck.add((area, gust.where))
        strikes: dict[Area, Callable[[Gust], Coroutine[Any, Any, None]]] = {
            "hooks": self._hooks, "answers": self._answers, "index": self._index, "part": self._part,
            "line": self._line, "disk": self._full,
        }  # fmt: skip
        if area != "answers":
            self.counted[f"{gust.kind} {gust.where}" if area == "part" else gust.kind] += 1
        await strikes[area](gust)
        self._struck.discard((area, gust.where))

    async def _hooks(self, gust: Gust) -> None:
        control = self.stage.tools[gust.where].control
        control.bend({"webhooks": HOOKS[gust.kind](gust.size)})
        await asyncio.sleep(gust.seconds)
        control.webhooks = replace(USUAL)

    async def _answers(self, gust: Gust) -> None:
        control, times = self.stage.tools[gust.where].control, 1 + int(gust.size * 4)
        match = WRITES if gust.size < 0.7 else ""
        kind, _, status = gust.kind.partition("_")
        fault = {
            "answer": Fault(match, "status", times, int(status) if status.isdecimal() else 500),
            "cut": Fault(match, "cut_after" if status == "after" else "cut_before", times),
            "slow": Fault(match, "slow", times, seconds=READ_TIMEOUT + 1),
            "token": Fault("", "status", 0, 401),
            "vendor": Fault("", "cut_before", 0),
        }[kind]
        if status == "429":
            fault.retry_after = 1.0
        control.faults.append(fault)
        await asyncio.sleep(gust.seconds)
        control.faults = [one for one in control.faults if one is not fault]

    async def _index(self, gust: Gust) -> None:
        control = self.stage.tools[gust.where].control
        control.index_lag = 1 + 4 * gust.size
        await asyncio.sleep(gust.seconds)
        control.index_lag = 0.0

    async def _part(self, gust: Gust) -> None:
        if gust.kind == "freeze":
            self.parts.freeze(gust.where)
            await asyncio.sleep(gust.seconds)
            self.parts.thaw(gust.where)
            return
        await self.parts.kill(gust.where)
        await asyncio.sleep(gust.seconds * gust.size)
        while True:
            with suppress(RuntimeError, OSError):  # a database cannot start on a full disk
                await self.parts.start(gust.where)
                return
            await asyncio.sleep(0.5)

    async def _line(self, gust: Gust) -> None:
        network = self.parts.network
        await asyncio.to_thread(network.set, gust.where, MODES[gust.kind])
        await asyncio.sleep(gust.seconds)
        await asyncio.to_thread(network.set, gust.where, "open")

    async def _full(self, gust: Gust) -> None:
        if self.disk is not None:
            await asyncio.to_thread(self.disk.fill)
            await asyncio.sleep(gust.seconds)
            self.disk.free()


def places(stage: Stage, parts: Parts, *, disk: bool) -> dict[Area, Sequence[str]]:
    """Where something can strike."""
    tools = list(stage.tools)
    jiras = [side for side, tool in stage.tools.items() if tool.system != "asana"]
    return {
        "hooks": tools, "answers": tools, "index": jiras, "clock": tools, "part": parts.names,
        "line": parts.network.lines, "disk": ["disk"] if disk else [],
    }  # fmt: skip
