"""The tools that the product connects: stand-ins with clocks and faults of their own, and a door for people.

What the product asks goes through the faults; what people do does not, and while somebody reads a record and then
edits it, the product's writes wait: so it is known for certain what every author had seen.
"""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Literal

from starlette.types import ASGIApp, Receive, Scope, Send

import connectors.standins.asana.app as asana
import connectors.standins.jira.app as jira
from connectors.standins.asana.errors import fault_body
from connectors.standins.asana.sample import furnish
from connectors.standins.asana.world import World as AsanaWorld
from connectors.standins.control import Control, Fault
from connectors.standins.jira.world import World as JiraWorld
from connectors.standins.server import Door, running

System = Literal["jira", "jira-datacenter", "asana"]
SYSTEMS: dict[str, System] = {"eng": "jira", "mkt": "asana", "ops": "jira-datacenter", "biz": "asana"}
"""The sides a storm may have, in the order in which they join."""

PERSON = (b"x-person", b"yes")
READS = frozenset({"GET", "HEAD"})


class Bent(Control):
    """A control door that counts the faults that requests really met."""

    def __init__(self) -> None:
        super().__init__(latency=0.01)
        self.met: Counter[str] = Counter()

    def next_fault(self, line: str) -> Fault | None:
        """The fault for this request, counted."""
        fault = super().next_fault(line)
        if fault is not None:
            self.met[str(fault.status) if fault.do == "status" else fault.do] += 1
        return fault


class Gate:
    """In front of a vendor's application: the product's writes wait while a person is at a record."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._lock = threading.Lock()
        self._occupied, self._writing = False, 0
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in READS:
            await self.app(scope, receive, send)
            return
        while not self._enter():
            await asyncio.sleep(0.001)
        try:
            await self.app(scope, receive, send)
        finally:
            with self._lock:
                self._writing -= 1

    def _enter(self) -> bool:
        with self._lock:
            self._writing += not self._occupied
            return not self._occupied

    @asynccontextmanager
    async def undisturbed(self) -> AsyncIterator[None]:
        """For as long as the block lasts, one person is alone with the tool."""
        async with self._one_at_a_time:
            with self._lock:
                self._occupied = True
            try:
                while self._writing:
                    await asyncio.sleep(0.001)
                yield
            finally:
                with self._lock:
                    self._occupied = False


@dataclass
class Tool:
    """One side's tool. `url` is where it is; what the product is told may be a line to it."""

    side: str
    system: System
    control: Bent
    gate: Gate
    url: str = ""


@dataclass
class Stage:
    """All tools, by side."""

    tools: dict[str, Tool] = field(default_factory=dict)


@contextmanager
def stage(sides: int) -> Iterator[Stage]:
    """The first so many sides, served for as long as the block lasts."""
    with ExitStack() as stack:
        found = Stage()
        for side, system in list(SYSTEMS.items())[:sides]:
            control = Bent()
            app, inner, gate = _built(system, control)
            url = stack.enter_context(running(_entrance(app, inner)))
            found.tools[side] = Tool(side, system, control, gate, url)
        # Set after the servers have set it: a connection that a fault has cut is no error.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        yield found


def _built(system: System, control: Control) -> tuple[ASGIApp, ASGIApp, Gate]:
    """The application with its faults, the one without, and the gate between the two."""
    if system == "asana":
        world = AsanaWorld(control)
        furnish(world)
        inner: ASGIApp = asana.Asana(world)
        gate = Gate(inner)
        return Door(gate, control, fault_body), inner, gate
    inner = jira.Jira(JiraWorld(control, ("ENG",)), cloud=system == "jira")
    gate = Gate(inner)
    return Door(gate, control, jira.error_body), inner, gate


def _entrance(app: ASGIApp, inner: ASGIApp) -> ASGIApp:
    async def enter(scope: Scope, receive: Receive, send: Send) -> None:
        person = scope["type"] == "http" and PERSON in scope["headers"]
        await (inner if person else app)(scope, receive, send)

    return enter
