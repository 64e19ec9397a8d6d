"""Starting the real parts as processes in a temporary workspace: both stand-ins, and the service."""

import asyncio
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.bench import processes
from tests.bench.people import BOT
from tests.bench.rig import PATIENCE_SECONDS, Rig, until
from tests.bench.wire import opened
from tests.postgresql import Server
from workers.demo.ports import any_port
from workers.settings import Settings
from workers.temporal import connect
from workers.temporal_binary import temporal_command

WORKSPACE: Final = Path(__file__).parent / "workspace"
ROOT: Final = Path(__file__).parents[2]
LOG: Final = "service.log"


@dataclass(frozen=True)
class Shape:
    """How the service is started: by `syncline run`, or its parts one by one where there are `workers` to count.

    `command` starts a gateway or a worker; its name is added. Without a `server` the store is the workspace's file.
    """

    workers: int = 0
    command: Sequence[str] = ("-m", "workers")
    server: Server | None = None


@dataclass
class Started:
    """Processes by name, all writing into one log."""

    environ: dict[str, str]
    log: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def python(self, name: str, *arguments: str) -> None:
        """Start a Python process."""
        self.command(name, [sys.executable, *arguments])

    def command(self, name: str, command: Sequence[str]) -> None:
        """Start a process."""
        self.running[name] = subprocess.Popen(command, env=self.environ, cwd=ROOT, stdout=self.log, stderr=self.log)

    async def end(self) -> None:
        """End all, those that were started last first."""
        for process in reversed(self.running.values()):
            process.terminate()
        for process in self.running.values():
            await asyncio.to_thread(process.wait)


@asynccontextmanager
async def started(shape: Shape = Shape()) -> AsyncIterator[Rig]:
    """Everything running and hooks registered, for as long as the block lasts.

    What is raised meanwhile is given the last lines of the processes' log.
    """
    with tempfile.TemporaryDirectory(prefix="syncline-bench-") as parent:
        folder = Path(parent) / "workspace"
        shutil.copytree(WORKSPACE, folder)
        with (folder / LOG).open("wb") as log, logged(folder):
            async with _started(folder, shape, log.fileno()) as rig:
                yield rig


@contextmanager
def logged(folder: Path) -> Iterator[None]:
    """Give what is raised the last lines of the processes' log."""
    try:
        yield
    except Exception as error:
        told = (folder / LOG).read_text(errors="replace").splitlines()
        error.add_note("\n".join([f"the last lines of {LOG}:", *told[-15:]]))
        raise


@asynccontextmanager
async def _started(folder: Path, shape: Shape, log: int) -> AsyncIterator[Rig]:
    jira, asana, gateway = (f"127.0.0.1:{port}" for port in (any_port(), any_port(), any_port()))
    secret = secrets.token_hex(16)
    environ = _environ(folder, gateway, shape) | {
        "BENCH_JIRA": f"http://{jira}", "BENCH_ASANA": f"http://{asana}", "BENCH_HOOK_SECRET": secret,
    }  # fmt: skip
    parts = Started(environ, log)
    try:
        for name, address in (("jira", jira), ("asana", asana)):
            parts.python(name, "-m", "tests.bench.standin", name, address.rpartition(":")[2])
        for address in (jira, asana):
            await _answering(address, "/__control")
        begun = time.monotonic()
        _start_service(parts, shape, Settings(workspace=folder, http=gateway))
        await _answering(gateway, "/readyz")
        ready = time.monotonic() - begun
        pids = {name: process.pid for name, process in parts.running.items()} | {"bench": os.getpid()}
        pids |= processes.children(pids["run"]) if "run" in pids else {}
        pids |= {"postgres": _postmaster(shape.server)} if shape.server else {}
        client = await connect(Settings(http=gateway))
        rig = Rig(folder, jira, asana, gateway, secret, client, pids, ready)
        await until(lambda: _worked(rig), "the worker", PATIENCE_SECONDS)
        rig.working_seconds = time.monotonic() - begun
        await until(lambda: _hooked(rig), "the hooks to be registered", PATIENCE_SECONDS)
        yield rig
    finally:
        await parts.end()


def _environ(folder: Path, gateway: str, shape: Shape) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SYNCLINE_")}
    environ |= {
        "PYTHONPATH": str(ROOT),
        "SYNCLINE_WORKSPACE": str(folder),
        "SYNCLINE_HTTP": gateway,
        "SYNCLINE_PUBLIC_URL": f"http://{gateway}",
    }
    if shape.server is not None:
        environ["SYNCLINE_DATABASE_URL"] = shape.server.url(shape.server.create())
    return environ


def _start_service(parts: Started, shape: Shape, settings: Settings) -> None:
    if not shape.workers:
        parts.python("run", "-m", "workers", "run")
        return
    parts.command("temporal", temporal_command(settings))
    parts.python("gateway", *shape.command, "gateway")
    for number in range(1, shape.workers + 1):
        parts.python(f"worker {number}", *shape.command, "worker")


def _postmaster(server: Server) -> int:
    return int((server.data / "postmaster.pid").read_text().split("\n", 1)[0])


async def _answering(address: str, path: str) -> None:
    async def answers() -> bool:
        with suppress(OSError, asyncio.IncompleteReadError):
            async with opened(address) as line:
                return (await line.ask("GET", path)).status == 200
        return False

    await until(answers, f"{address}{path}", PATIENCE_SECONDS)


async def _worked(rig: Rig) -> bool:
    try:
        return bool(await rig.status())
    except Exception:  # noqa: BLE001 - whatever it is, the worker does not answer yet
        return False


async def _hooked(rig: Rig) -> bool:
    async with opened(rig.jira) as jira, opened(rig.asana) as asana:
        at_jira = await jira.send("GET", "/rest/webhooks/1.0/webhook", authorization=BOT["jira"])
        at_asana = await asana.send("GET", "/api/1.0/webhooks?workspace=1200001", authorization=BOT["asana"])
        return bool(at_jira) and any(hook["active"] for hook in at_asana["data"])
