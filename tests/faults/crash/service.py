"""The service of real processes against stand-ins, quick to start again and to notice a death."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from temporalio.client import Client
from temporalio.service import RPCError

import connectors.standins.asana.app as asana
import connectors.standins.jira.app as jira
from connectors.standins.control import Control, Webhooks
from connectors.standins.server import running
from tests.faults.crash.orders import Desk
from tests.faults.crash.steps import CODE
from workers.demo.ports import any_port
from workers.lanes import lane_status
from workers.settings import Settings
from workers.temporal import connect
from workers.temporal_binary import temporal_command
from workflows.messages import LaneStatus
from workflows.names import lane_id

MAPPING = Path(__file__).parent / "mapping.yaml"
NAME = "crash"
PARTS = ("worker", "gateway")
RETRY_SCALE = 0.005
"""Vendors repeat a refused webhook after this share of their own pauses of up to an hour."""
SWEEP_SECONDS = 3600.0
"""None but those that every start of a part asks for: nothing is found because a sweep happened to be near."""
PATIENCE_SECONDS = 60.0


@dataclass
class Service:
    """Where everything is, and what runs."""

    folder: Path
    jira: str
    asana: str
    settings: Settings
    desk: Desk
    http: httpx.AsyncClient
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    client: Client | None = None

    def start(self, name: str, command: list[str]) -> None:
        """Start a process whose children end with it."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes.append(
                subprocess.Popen(command, stdout=log, stderr=log, cwd=CODE, env=self._environ(), start_new_session=True)
            )

    def stop(self) -> None:
        """End what runs."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    async def begin(self) -> None:
        """Wait until all parts are there and both tools have our hooks, and apply the mapping.

        Raises TimeoutError, or RuntimeError where a part cannot even start.
        """
        async with asyncio.timeout(PATIENCE_SECONDS):
            self.client = await connect(self.settings)
            while not await self.ready() or not await self._has_hooks() or await self.status() is None:
                self._must_live()
                await asyncio.sleep(0.05)
            await self.tell("apply")
            while not await self._is_filled():
                await asyncio.sleep(0.05)

    async def ready(self) -> bool:
        """Whether the gateway answers."""
        with suppress(httpx.HTTPError):
            return (await self.http.get(f"http://{self.settings.http}/readyz")).status_code == 200
        return False

    async def status(self) -> LaneStatus | None:
        """What the lane says; None where no worker answers, or none can replay it, or it has work to begin with."""
        assert self.client is not None
        with suppress(RPCError, TimeoutError):
            return await lane_status(self.client.get_workflow_handle(lane_id(NAME)), 0.5)
        return None

    async def is_quiet(self) -> bool:
        """Whether all parts run and nothing waits or is under way."""
        status = await self.status() if await self.ready() else None
        return status is not None and status.idle

    async def _is_filled(self) -> bool:
        status = await self.status()
        return status is not None and status.fill is not None and status.fill.state == "done"

    async def tell(self, signal_: str, *args: Any) -> None:
        """Signal the lane."""
        assert self.client is not None
        await self.client.get_workflow_handle(lane_id(NAME)).signal(signal_, args=args)

    async def _has_hooks(self) -> bool:
        ours = await self.http.get(f"{self.jira}/rest/webhooks/1.0/webhook", auth=("bot@acme.example", "bot-token"))
        headers = {"Authorization": "Bearer bot-token"}
        theirs = await self.http.get(f"{self.asana}/api/1.0/webhooks?workspace=1200001", headers=headers)
        return len(ours.json()) == 1 and len(theirs.json()["data"]) == 1

    def _must_live(self) -> None:
        for name, process in zip(("temporal", *PARTS), self.processes, strict=True):
            if process.poll() is not None:
                told = (self.folder / f"{name}.log").read_text(encoding="utf-8").splitlines()[-1:]
                raise RuntimeError(f"{name} ended while the service starts: {''.join(told)}")

    def _environ(self) -> dict[str, str]:
        told = {
            "WORKSPACE": str(self.settings.workspace),
            "HTTP": self.settings.http,
            "PUBLIC_URL": self.settings.public_url or "",
            "SWEEP_SECONDS": str(self.settings.sweep_seconds),
            "FULL_SWEEP_SECONDS": str(self.settings.full_sweep_seconds),
        }
        return {**os.environ, **{f"SYNCLINE_{name}": value for name, value in told.items()}}


def _http() -> httpx.AsyncClient:
    """Without kept connections: a tool may close one at the moment it is used, which would be no fault of ours."""
    return httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_keepalive_connections=0))


@asynccontextmanager
async def service(folder: Path) -> AsyncIterator[Service]:
    """Stand-ins, workspace and processes, for as long as the block lasts."""
    (folder / "mappings").mkdir(parents=True)
    (folder / "mappings" / "crash.yaml").write_text(MAPPING.read_text(encoding="utf-8"), encoding="utf-8")
    http = f"127.0.0.1:{any_port()}"
    settings = Settings(
        workspace=folder,
        http=http,
        public_url=f"http://{http}",
        sweep_seconds=SWEEP_SECONDS,
        full_sweep_seconds=SWEEP_SECONDS,
    )
    controls = [Control(webhooks=Webhooks(retry_scale=RETRY_SCALE)) for _ in range(2)]
    with running(jira.build(controls[0])) as jira_url, running(asana.build(controls[1])) as asana_url:
        (folder / "connections.yaml").write_text(_connections(jira_url, asana_url), encoding="utf-8")
        made = Service(folder, jira_url, asana_url, settings, Desk(folder), _http())
        try:
            made.start("temporal", temporal_command(settings))
            for part in PARTS:
                made.start(part, [sys.executable, "-m", "tests.faults.crash.launch", part, str(folder)])
            await made.begin()
            yield made
        finally:
            made.stop()
            await made.http.aclose()


def _connections(jira_url: str, asana_url: str) -> str:
    return f"""\
connections:
  eng-jira:
    system: jira
    url: {jira_url}
    auth: {{email: bot@acme.example, token: bot-token}}
    webhook: {{secret: a-secret-for-tests}}
    settle_seconds: 1
  mkt-asana:
    system: asana
    url: {asana_url}/api/1.0
    auth: {{token: bot-token}}
    settle_seconds: 1
"""
