"""The demo's world: two stand-ins and the real service, started together, and gone without a trace afterwards."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select
from temporalio.client import Client

from workers.cli import templates
from workers.cli.lanes import Lane
from workers.demo.ports import Ports, free_ports, starting_alone
from workers.processes import Part, Supervisor, parts
from workers.settings import Settings
from workers.temporal import connect
from workflows.store.database import Store, wait_for_store
from workflows.store.tables import hooks

MAPPING = "jira-asana-tasks"
LATENCY_SECONDS = 0.02
SWEEP_SECONDS = 5.0
START_SECONDS = 60.0
SYSTEMS = ("jira", "asana")


class DemoError(Exception):
    """The demo's world could not be set up; the text says what and where to look."""


@dataclass
class World:
    """Everything that runs, and how to reach it."""

    settings: Settings
    ports: dict[str, int]
    service: Supervisor
    client: Client
    store: Store

    def url(self, system: str) -> str:
        """Where a stand-in's API, and its page, are."""
        return f"http://127.0.0.1:{self.ports[system]}"

    @property
    def lane(self) -> Lane:
        """The lane of the demo's mapping."""
        return Lane(self.client, MAPPING)

    async def bend(self, system: str, **knobs: Any) -> None:
        """Turn knobs at a stand-in's control door: faults, delays, lost webhooks."""
        async with httpx.AsyncClient() as http:
            (await http.put(f"{self.url(system)}/__control", json=knobs)).raise_for_status()

    async def faults(self, system: str) -> list[dict[str, Any]]:
        """The faults of a stand-in that no request has used up yet."""
        async with httpx.AsyncClient() as http:
            found: list[dict[str, Any]] = (await http.get(f"{self.url(system)}/__control")).json()["faults"]
            return found

    async def keep_requests(self) -> None:
        """Write the requests that the stand-ins served beside the logs, for whoever looks into a failed step."""
        async with httpx.AsyncClient() as http:
            for system in SYSTEMS:
                served = await http.get(f"{self.url(system)}/__control/log")
                (self.settings.workspace / f"logs/{system}-requests.json").write_bytes(served.content)

    def kill_worker(self) -> int:
        """End the worker as a power cut would; the process id it had. The supervisor starts another."""
        worker = next(part for part in self.service.children if part.name == "worker")
        if worker.process is None or worker.process.returncode is not None:
            raise DemoError("there is no worker to kill")
        worker.process.kill()
        return worker.process.pid


@asynccontextmanager
async def running_world(folder: Path) -> AsyncIterator[World]:
    """Start everything with its files in this folder. Nothing runs any more once the block is left, however.

    Raises DemoError where the folder is used already, or something does not start.
    """
    for name in [name for name in os.environ if name.startswith("SYNCLINE_")]:
        # They describe another service, which the demo must not touch.
        del os.environ[name]
    async with AsyncExitStack() as stack:
        async with starting_alone():
            world = await _start(stack, folder, free_ports())
        yield world


async def _start(stack: AsyncExitStack, folder: Path, ports: Ports) -> World:
    settings = Settings(workspace=folder, http=f"127.0.0.1:{ports.gateway}", sweep_seconds=SWEEP_SECONDS)
    _write_files(folder, ports.standins)
    standins = await stack.enter_async_context(_supervised(_standins(folder, ports.standins)))
    await asyncio.gather(*(_answers(f"http://127.0.0.1:{port}/__control") for port in ports.standins.values()))
    service = await stack.enter_async_context(_supervised(_service(settings)))
    store, client = await asyncio.gather(wait_for_store(settings.store_url), connect(settings))
    stack.push_async_callback(store.close)
    await _answers(f"http://{settings.http}/readyz")
    await _hooks_are_registered(store)
    dead = [part.name for part in (*standins.children, *service.children) if part.deaths]
    if dead:
        raise DemoError(f"{' and '.join(dead)} did not start. The logs are in the demo's folder, under logs/.")
    return World(settings, ports.standins, service, client, store)


@asynccontextmanager
async def _supervised(children: Sequence[Part]) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(children)
    running = asyncio.create_task(supervisor.run())
    try:
        yield supervisor
    finally:
        supervisor.stop()
        await running


def _standins(folder: Path, ports: dict[str, int]) -> list[Part]:
    command = [sys.executable, "-m", "workers", "standin"]
    options = ["--latency", str(LATENCY_SECONDS)]
    return [
        Part(system, [*command, system, "--port", str(ports[system]), *options], output=folder / f"logs/{system}.log")
        for system in SYSTEMS
    ]


def _service(settings: Settings) -> list[Part]:
    more = {"SYNCLINE_PUBLIC_URL": f"http://{settings.http}", "SYNCLINE_SWEEP_SECONDS": str(SWEEP_SECONDS)}
    return [
        replace(part, environ={**part.environ, **more}, output=settings.workspace / f"logs/{part.name}.log")
        for part in parts(settings)
    ]


def _write_files(folder: Path, ports: dict[str, int]) -> None:
    if (folder / "connections.yaml").exists():
        raise DemoError(f"{folder} is a workspace already. Name a new folder: `syncline demo --workspace FOLDER`.")
    numbers = {f"{system}_port": port for system, port in ports.items()}
    texts = {
        "connections.yaml": templates.STANDIN_CONNECTIONS.format(**numbers),
        f"mappings/{MAPPING}.yaml": templates.standin_mapping(),
    }
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    (folder / "logs").mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


async def _answers(url: str) -> None:
    """Wait until an address answers 200."""
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    async with httpx.AsyncClient(timeout=2) as http:
        while asyncio.get_running_loop().time() < deadline:
            try:
                if (await http.get(url)).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
    raise DemoError(f"{url} does not answer. The logs are in the demo's folder, under logs/.")


async def _hooks_are_registered(store: Store) -> None:
    """Wait until both tools know where to tell their changes."""
    query = select(func.count()).select_from(hooks).where(hooks.c.vendor_id.is_not(None))
    for _ in range(int(START_SECONDS / 0.2)):
        async with store.read() as tx:
            if await tx.scalar(query) == len(SYSTEMS):
                return
        await asyncio.sleep(0.2)
    raise DemoError("the webhooks were not registered. The worker's log, logs/worker.log, says why.")
