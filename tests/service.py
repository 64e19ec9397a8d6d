"""The whole service for tests: a gateway, a worker and their care on real sockets, with a real Temporal and store."""

import asyncio
import contextlib
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal
from temporalio.client import Client, WorkflowHandle

from workers.connections import WorkspaceConnections
from workers.demo.ports import any_port, is_free
from workers.gateway import build
from workers.lanes import lane_status
from workers.settings import Settings
from workers.temporal import connect
from workers.temporal_binary import temporal_path
from workers.worker import Carer, make_worker
from workers.workspace import WorkspaceFolder
from workflows import names
from workflows.lane import Lane
from workflows.messages import LaneStatus
from workflows.store.database import Store, wait_for_store
from workflows.store.quotas import SharedQuota

NAMESPACES = tuple(f"tests-{number}" for number in range(48))
"""Each service gets one of its own, because all lanes and workers share one task queue name."""
RENEW_EVENTS = 300
"""Lanes continue as new this often, so that every test that runs for a while crosses it."""
PATIENCE_SECONDS = 90.0
"""A bound for what must happen; nothing is decided by how long it took."""

T = TypeVar("T")


@contextmanager
def temporal_process() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Temporal server in memory with all of NAMESPACES: its address and its process."""
    address, process = eventually(_started, "a Temporal server")
    try:
        asyncio.run(connect(Settings(temporal_address=address, temporal_namespace=NAMESPACES[0])))
        yield address, process
    finally:
        process.terminate()
        process.wait(20)


def _started() -> tuple[str, subprocess.Popen[bytes]] | None:
    """None where somebody was faster with one of the ports that it chooses itself."""
    port = any_port()
    process = subprocess.Popen(_temporal(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    eventually(lambda: process.poll() is not None or not is_free(port), "an end or a listener")
    return (f"127.0.0.1:{port}", process) if process.poll() is None else None


def _temporal(port: int) -> list[str]:
    command = [temporal_path(), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", "never",
               "--port", str(port),
               "--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true",
               "--dynamic-config-value", f"limit.historyCount.suggestContinueAsNew={RENEW_EVENTS}"]  # fmt: skip
    for namespace in NAMESPACES:
        command += ["--namespace", namespace]
    return command


@contextmanager
def temporal() -> Iterator[str]:
    """The address of a Temporal server, see `temporal_process`."""
    with temporal_process() as (address, _):
        yield address


def eventually(check: Callable[[], T | None], what: str = "it", seen: Callable[[], object] = lambda: None) -> T:
    """What `check` returns once that is true; a KeyError counts as not yet. `seen` tells what there is instead."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with suppress(KeyError):
            found = check()
            if found:
                return found
        time.sleep(0.03)
    raise AssertionError(f"{what} did not come about in {PATIENCE_SECONDS:g} s; there is: {seen()!r}")


@dataclass
class Service:
    """A running service. `url` is the gateway's; `do` runs a coroutine on the service's own event loop."""

    settings: Settings
    portal: BlockingPortal
    client: Client
    store: Store
    folders: list[WorkspaceFolder]

    @property
    def url(self) -> str:
        """Where the gateway listens."""
        return f"http://{self.settings.http}"

    def do(self, call: Callable[[], Awaitable[T]]) -> T:
        """Run on the service's event loop and wait."""
        return self.portal.call(call)

    def put_in_force(self, file: str, text: str) -> None:
        """Write a file of the workspace as ops do, and wait until every part has read it."""
        path = self.settings.workspace / file
        before = [folder.current() for folder in self.folders]
        new = path.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(path)
        eventually(lambda: all(folder.current() is not old for folder, old in zip(self.folders, before, strict=True)))

    def lane(self, mapping: str) -> WorkflowHandle[Lane, None]:
        """The lane of a mapping."""
        return self.client.get_workflow_handle_for(Lane.run, names.lane_id(mapping))

    def signal(self, mapping: str, signal: str, *arguments: Any) -> None:
        """Tell a lane something."""
        self.do(lambda: self.lane(mapping).signal(signal, args=arguments))

    def status(self, mapping: str) -> LaneStatus:
        """What a lane says of itself."""
        return self.do(lambda: lane_status(self.lane(mapping)))

    def query(self, ask: Callable[..., Awaitable[T]], *arguments: Any, **more: Any) -> T:
        """Ask the store: `query(parking.listed, "mapping")`."""

        async def asking() -> T:
            async with self.store.read() as tx:
                return await ask(tx, *arguments, **more)

        return self.do(asking)

    def fill(self, mapping: str) -> LaneStatus:
        """Apply a mapping, and wait until it is done."""

        def ended() -> LaneStatus | None:
            status = self.status(mapping)
            return status if status.fill and status.fill.state in ("done", "failed") else None

        eventually(lambda: self._applied(mapping), f"the lane of {mapping}")
        return eventually(ended, f"the fill of {mapping}")

    def _applied(self, mapping: str) -> bool:
        with contextlib.suppress(Exception):
            self.signal(mapping, "apply")
            return True
        return False


@asynccontextmanager
async def _gateway(settings: Settings, store: Store, client: Client, folder: WorkspaceFolder) -> AsyncIterator[None]:
    app = build(settings, folder, store, client)
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def _worker(settings: Settings, store: Store, client: Client, folder: WorkspaceFolder) -> AsyncIterator[None]:
    connections = WorkspaceConnections(folder.current, partial(SharedQuota, store))
    async with make_worker(client, settings, store, folder, connections):
        caring = asyncio.create_task(Carer(client, settings, store, folder, connections).run())
        try:
            yield
        finally:
            caring.cancel()
            with suppress(asyncio.CancelledError):
                await caring
    await connections.close()


@asynccontextmanager
async def _parts(settings: Settings, *, working: bool) -> AsyncIterator[tuple[Client, Store, list[WorkspaceFolder]]]:
    folders = [WorkspaceFolder(settings.workspace), WorkspaceFolder(settings.workspace)]
    store = await wait_for_store(settings.store_url)
    client = await connect(settings)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        await stack.enter_async_context(_gateway(settings, store, client, folders[0]))
        if working:
            await stack.enter_async_context(_worker(settings, store, client, folders[1]))
        yield client, store, folders if working else folders[:1]


@contextmanager
def serving(settings: Settings, *, working: bool = True) -> Iterator[Service]:
    """Run a service in a thread of its own; without `working` only a gateway, so that notes stay in the lane."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(_parts(settings, working=working)) as (client, store, folders),
    ):
        yield Service(settings, portal, client, store, folders)


def workspace(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a workspace: `workspace(folder, {"connections.yaml": ..., "mappings/a.yaml": ...})`."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
