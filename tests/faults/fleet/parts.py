"""Several workers and gateways, each a process, on one Temporal and one PostgreSQL, between two stand-ins."""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.standins.asana.app import build as asana
from connectors.standins.control import Control
from connectors.standins.jira.app import build as jira
from connectors.standins.server import running
from tests.faults.fleet.watch import Watch
from tests.postgresql import Server
from tests.service import NAMESPACES, temporal, workspace
from workers.demo.ports import any_port
from workers.lanes import lane_status
from workers.settings import Settings
from workers.temporal import connect
from workers.workspace import LOOK_SECONDS
from workflows.messages import LaneStatus
from workflows.names import lane_id

NAME = "tasks"
START_SECONDS = 120.0
"""A bound for the start of so many processes at once."""
CONNECTIONS = """
connections:
  eng-jira:
    system: jira
    url: {jira}
    auth: {{email: bot@acme.example, token: bot-token}}
    webhook: {{secret: a-secret-for-tests}}
    settle_seconds: 3
    limits: {limits}
  mkt-asana:
    system: asana
    url: {asana}/api/1.0
    auth: {{token: bot-token}}
    settle_seconds: 3
    limits: {limits}
"""
MAPPING = """
kind: sync
name: tasks
sides:
  eng: {connection: eng-jira, object: issue, scope: {project: ENG}, create: {issuetype: Task}}
  mkt: {connection: mkt-asana, object: task, scope: {project: "1204001"}}
match: [title]
fields:
  title: {eng: summary, mkt: name}
  due: {eng: duedate, mkt: due_on}
comments: both
attachments: none
"""


@dataclass
class Fleet:
    """Where everything is, and the processes by name: worker-0, gateway-1, ..."""

    folder: Path
    jira: str
    asana: str
    controls: dict[str, Control]
    watch: Watch
    settings: Settings
    gateways: list[str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start a worker or a gateway."""
        part, _, number = name.partition("-")
        http = self.gateways[int(number)] if part == "gateway" else self.settings.http
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "workers", part],
                stdout=log,
                stderr=log,
                env={**os.environ, **self._environ(http)},
            )

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal: SIGSTOP lets a process stand still, SIGCONT lets it go on."""
        self.processes[name].send_signal(number)

    def end(self, name: str, number: signal.Signals) -> None:
        """Send a signal, and wait until the process has ended."""
        self.send(name, number)
        self.processes[name].wait(60)

    def names(self, part: str) -> list[str]:
        """All processes of a part."""
        return [name for name in self.processes if name.startswith(part)]

    def status(self) -> LaneStatus:
        """What the lane says of itself."""

        async def ask() -> LaneStatus:
            client = await connect(self.settings)
            return await lane_status(client.get_workflow_handle(lane_id(NAME)))

        return asyncio.run(ask())

    def signal(self, name: str, *arguments: object) -> None:
        """Tell the lane something."""

        async def tell() -> None:
            client = await connect(self.settings)
            await client.get_workflow_handle(lane_id(NAME)).signal(name, args=list(arguments))

        asyncio.run(tell())

    def limit(self, limits: str) -> None:
        """Change the limits of both connections, as ops do: those who run see it within a second."""
        text = CONNECTIONS.format(jira=self.jira, asana=self.asana, limits=limits)
        workspace(self.folder, {"connections.yaml": text})
        time.sleep(LOOK_SECONDS * 3)

    def ready(self) -> None:
        """Wait until all gateways answer, both systems have our hook, and the first fill is done."""
        _wait(lambda: all(_answers(gateway) for gateway in self.gateways), "the gateways")
        _wait(self._has_hooks, "the hooks")
        self.signal("apply")
        _wait(lambda: (fill := self.status().fill) is not None and fill.state == "done", "the first fill")

    def quiet(self, seconds: float) -> None:
        """Wait until nothing is pending or in flight, after a sweep. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        self.signal("sweep", False)
        idle = 0
        while idle < 3:
            status = self.status()
            idle = idle + 1 if status.idle else 0
            if time.monotonic() > deadline:
                raise TimeoutError(f"the lane does not come to rest: {status}")
            time.sleep(0.2)

    def _has_hooks(self) -> bool:
        basic, bearer = ("bot@acme.example", "bot-token"), {"Authorization": "Bearer bot-token"}
        ours = httpx.get(f"{self.jira}/rest/webhooks/1.0/webhook", auth=basic).json()
        theirs = httpx.get(f"{self.asana}/api/1.0/webhooks?workspace=1200001", headers=bearer).json()["data"]
        return len(ours) == 1 and len(theirs) == 1

    def _environ(self, http: str) -> dict[str, str]:
        assert self.settings.database_url is not None
        return {
            "SYNCLINE_WORKSPACE": str(self.settings.workspace),
            "SYNCLINE_HTTP": http,
            "SYNCLINE_PUBLIC_URL": self.settings.public_url or "",
            "SYNCLINE_DATABASE_URL": self.settings.database_url.get_secret_value(),
            "SYNCLINE_TEMPORAL_ADDRESS": self.settings.temporal_address or "",
            "SYNCLINE_TEMPORAL_NAMESPACE": self.settings.temporal_namespace,
            "SYNCLINE_SWEEP_SECONDS": str(self.settings.sweep_seconds),
        }


def _wait(check: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come about in {START_SECONDS:g} s")
        time.sleep(0.1)


def _answers(gateway: str) -> bool:
    try:
        return httpx.get(f"http://{gateway}/readyz", timeout=2).is_success
    except httpx.HTTPError:
        return False


def front(gateways: list[str]) -> Starlette:
    """What stands before the gateways: each request goes to the next one, and where that is away, to another."""
    turns = itertools.count()
    client = httpx.AsyncClient(timeout=20)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await client.aclose()

    async def forward(request: Request) -> Response:
        body, first = await request.body(), next(turns)
        headers = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
        for number in range(len(gateways)):
            there = gateways[(first + number) % len(gateways)]
            try:
                answer = await client.post(f"http://{there}{request.url.path}", content=body, headers=headers)
            except httpx.TransportError:
                continue
            kept = {name: value for name, value in answer.headers.items() if name.startswith("x-")}
            return Response(answer.content, answer.status_code, kept)
        return Response("no gateway", 503)

    return Starlette(routes=[Route("/{path:path}", forward, methods=["POST"])], lifespan=lifespan)


@contextmanager
def fleet(folder: Path, *, workers: int = 2, gateways: int = 2) -> Iterator[Fleet]:
    """Everything, for as long as the block lasts."""
    controls = {"eng": Control(latency=0.02, index_lag=0.5), "mkt": Control(latency=0.02)}
    watch, addresses = Watch(), [f"127.0.0.1:{any_port()}" for _ in range(gateways)]
    with ExitStack() as stack:
        server = Server()
        stack.callback(server.close)
        server.start()
        temporal_address = stack.enter_context(temporal())
        jira_url = stack.enter_context(running(watch.over("eng", jira(controls["eng"]))))
        asana_url = stack.enter_context(running(watch.over("mkt", asana(controls["mkt"]))))
        public_url = stack.enter_context(running(front(addresses)))
        text = CONNECTIONS.format(jira=jira_url, asana=asana_url, limits="{}")
        workspace(folder, {"connections.yaml": text, "mappings/tasks.yaml": MAPPING})
        settings = Settings(
            workspace=folder, public_url=public_url, sweep_seconds=5, temporal_address=temporal_address,
            temporal_namespace=NAMESPACES[0], database_url=SecretStr(server.url(server.create())),
        )  # fmt: skip
        made = Fleet(folder, jira_url, asana_url, controls, watch, settings, addresses)
        stack.callback(_end_all, made)
        for name in [*(f"worker-{n}" for n in range(workers)), *(f"gateway-{n}" for n in range(gateways))]:
            made.start(name)
        made.ready()
        yield made


def _end_all(made: Fleet) -> None:
    for process in made.processes.values():
        process.kill()
        process.wait()
