"""A stand-in in a process of its own, with a door for the benchmark: `python -m tests.bench.standin jira PORT`.

The door (`/__bench/...`, without latency) seeds full records, edits them as people do, counts the service's own
requests, and tells when the state first showed given titles.
"""

import asyncio
import itertools
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.standins.asana import app as asana
from connectors.standins.asana import errors
from connectors.standins.asana import sample as asana_sample
from connectors.standins.control import Control
from connectors.standins.jira import app as jira
from connectors.standins.server import Door, read_body, send_json, server
from tests.bench.watching import Watch
from tests.bench.worlds import Asana, Jira, WatchedAsana, WatchedJira

LATENCY_SECONDS: Final = 0.02
DOOR: Final = "/__bench/"


@dataclass
class Benched:
    """ASGI middleware: the benchmark's door in front of a stand-in."""

    app: ASGIApp
    state: Jira | Asana
    calls: Counter[str] = field(default_factory=Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(DOOR):
            body = await read_body(receive)
            name = scope["path"].removeprefix(DOOR)
            await send_json(send, 200, await self._answer(name, orjson.loads(body) if body else {}))
            return
        await self.app(scope, receive, send)
        if scope["type"] == "http":
            self._count(scope)

    def _count(self, scope: Scope) -> None:
        if dict(scope["headers"]).get(b"authorization", b"").decode() == self.state.authorization:
            self.calls[f"{scope['method']} {re.sub('[0-9]{4,}', '{id}', scope['path'])}"] += 1

    async def _answer(self, name: str, content: dict[str, Any]) -> Any:
        match name:
            case "seed":
                return self.state.seed(int(content["count"]))
            case "edit":
                return await self._edit(**content)
            case "expect":
                return self.state.watch.expect(content)
            case "moments":
                return await self.state.watch.moments()
            case "calls":
                told, self.calls = self.calls, Counter()
                return dict(told)
            case _:
                return self.state.titles()

    async def _edit(self, ids: list[str], word: str, rounds: int, rate: float) -> dict[str, float]:
        """Give records new titles, each as often as there are rounds, so many a second or (0) as fast as it goes.

        When each record was edited for the last time, in monotonic seconds.
        """
        made, begun = dict[str, float](), time.monotonic()
        for number, (round_, id_) in enumerate(itertools.product(range(rounds), ids)):
            due = begun + number / rate if rate else 0.0
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            made[id_] = time.monotonic()
            self.state.edit(id_, f"{word} {round_} {id_}")
        return made


def build_jira(control: Control, port: int) -> Benched:
    """An empty Jira."""
    watch = Watch()
    world = WatchedJira(control, watch)
    application = jira.Jira(world, cloud=True)
    state = Jira(world, application.publisher, f"http://127.0.0.1:{port}", watch)
    return Benched(Door(application, control, jira.error_body), state)


def build_asana(control: Control, _port: int) -> Benched:
    """An Asana with people and a project."""
    watch = Watch()
    world = WatchedAsana(control, watch)
    asana_sample.furnish(world)
    application = asana.Asana(world)
    door = application.limits.counting(Door(application, control, errors.fault_body))
    return Benched(door, Asana(world, watch))


BUILD: Final[dict[str, Callable[[Control, int], Benched]]] = {"jira": build_jira, "asana": build_asana}


def main() -> None:
    """Serve until SIGTERM."""
    system, port = sys.argv[1], int(sys.argv[2])
    server(BUILD[system](Control(latency=LATENCY_SECONDS), port), port=port).run()


if __name__ == "__main__":
    main()
