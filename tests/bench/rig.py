"""The running parts as the measurements see them: doors of the stand-ins, the lane, and the processes."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from temporalio.client import Client, WorkflowHandle

from tests.bench import processes
from tests.bench.results import Cost, Results
from tests.bench.wire import opened
from workers.lanes import lane_status
from workflows import names
from workflows.messages import LaneStatus

MAPPING: Final = "bench-tasks"
PATIENCE_SECONDS: Final = 120.0
A_RECORD_SECONDS: Final = 0.2
"""Patience for one record; far more than it takes."""
OTHER: Final = {"jira": "asana", "asana": "jira"}
BESIDE: Final = ("jira", "asana", "bench", "postgres")
"""Processes that are not the service's own."""


@dataclass(frozen=True)
class Edited:
    """Edits that were made on one side and have reached the other: by record, when it was last edited, and shown."""

    count: int
    begun: float
    made: dict[str, float]
    shown: dict[str, float]

    @property
    def offered(self) -> float:
        """Edits a second while they were made."""
        return self.count / max(max(self.made.values()) - self.begun, 0.001)

    @property
    def carried(self) -> float:
        """Edits a second until the last of them was shown on the other side."""
        return self.count / (max(self.shown.values()) - self.begun)

    @property
    def latencies(self) -> list[float]:
        """Seconds from each record's last edit to its showing on the other side."""
        return [self.shown[id_] - at for id_, at in self.made.items()]


@dataclass
class Rig:
    """Addresses (`host:port`) and processes of what runs. `secret` signs Jira's webhooks."""

    folder: Path
    jira: str
    asana: str
    gateway: str
    secret: str
    temporal: Client
    pids: dict[str, int]
    ready_seconds: float = 0.0
    working_seconds: float = 0.0
    saturated: float = 0.0
    """Changes a second that were carried, once that was measured."""
    tasks: dict[str, str] = field(default_factory=dict)
    """The Asana task by its Jira issue, once filled."""
    words: Iterator[int] = field(default_factory=itertools.count)

    async def ask(self, system: str, door: str, content: Any = None) -> Any:
        """Ask the benchmark's door of a stand-in."""
        async with opened(self.jira if system == "jira" else self.asana) as line:
            return await line.send("POST", f"/__bench/{door}", content)

    async def edited(self, issues: Sequence[str], rate: float = 0.0, rounds: int = 1, system: str = "jira") -> Edited:
        """Let a stand-in edit the titles of these linked issues, or of their tasks, and wait for the other side.

        So many edits a second, or (0) as fast as it goes; each record once a round, and what must show is the last.
        """
        word, count = f"edit {next(self.words)}", len(issues) * rounds
        there = {issue: {"jira": issue, "asana": self.tasks[issue]} for issue in issues}
        ids = {there[issue][system]: there[issue][OTHER[system]] for issue in issues}
        await self.ask(OTHER[system], "expect", {to: f"{word} {rounds - 1} {id_}" for id_, to in ids.items()})
        patience = PATIENCE_SECONDS + count * A_RECORD_SECONDS + (count / rate if rate else 0.0)
        begun = time.monotonic()
        async with asyncio.timeout(patience):
            made = await self.ask(system, "edit", {"ids": list(ids), "word": word, "rounds": rounds, "rate": rate})
            moments = await self.ask(OTHER[system], "moments")
        return Edited(count, begun, made, {id_: moments[to] for id_, to in ids.items()})

    @property
    def lane(self) -> WorkflowHandle[Any, Any]:
        """The mapping's lane."""
        return self.temporal.get_workflow_handle(names.lane_id(MAPPING))

    async def status(self) -> LaneStatus:
        """How the lane stands. Raises RPCError or TimeoutError while no worker answers."""
        return await lane_status(self.lane)

    async def calm(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the lane has nothing left to do."""
        await until(self._idle, "the lane to become idle", seconds, pause=0.1)

    async def _idle(self) -> bool:
        status = await self.status()
        return status.idle

    def service_pids(self) -> list[int]:
        """All processes of the service, with Temporal."""
        return [pid for name, pid in self.pids.items() if name not in BESIDE]

    def python_pids(self) -> list[int]:
        """The service's own Python processes, without Temporal and the stand-ins."""
        return [pid for name, pid in self.pids.items() if name not in (*BESIDE, "temporal")]

    @asynccontextmanager
    async def counted(self, results: Results, what: str, units: int) -> AsyncIterator[None]:
        """Add to the results what the block cost, with all that the lane still has to do after it."""
        before, (all_before, idle_before), begun = self._cpu(), processes.machine_seconds(), time.monotonic()
        yield
        await self.calm(PATIENCE_SECONDS + units * A_RECORD_SECONDS)
        seconds, (all_after, idle_after) = time.monotonic() - begun, processes.machine_seconds()
        used = {name: now - before.get(name, 0.0) for name, now in self._cpu().items()}
        whole, idle = max(all_after - all_before, 0.01), idle_after - idle_before
        others = max(0.0, whole - idle - sum(used.values()))
        results.costs.append(Cost(what, seconds, units, used, idle / whole, others / whole))

    def _cpu(self) -> dict[str, float]:
        """Processor seconds by part; workers count together."""
        used: dict[str, float] = {}
        for name, pid in self.pids.items():
            measured = processes.tree_cpu_seconds if name == "postgres" else processes.cpu_seconds
            part = name.partition(" ")[0]
            used[part] = used.get(part, 0.0) + measured(pid)
        return used


async def until(done: Callable[[], Awaitable[bool]], what: str, seconds: float, pause: float = 0.02) -> None:
    """Ask again and again. Raises TimeoutError that names what was waited for."""
    try:
        async with asyncio.timeout(seconds):
            while not await done():
                await asyncio.sleep(pause)
    except TimeoutError as error:
        raise TimeoutError(f"waited {seconds:.0f} s for {what}; the processes' log is service.log") from error
