"""`syncline run`: Temporal, worker and gateway as child processes, each started again when it dies."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog

from workers.settings import Settings
from workers.temporal_binary import temporal_command

RESTART_FIRST_SECONDS = 0.2
RESTART_AT_MOST_SECONDS = 10.0
CALM_SECONDS = 30.0
"""A part that lived this long starts again at once the next time."""
DRAIN_SECONDS = 20.0
PR_SET_PDEATHSIG = 1

log = structlog.get_logger()


@dataclass
class Part:
    """One child process and how to start it."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    output: Path | None = None
    """A file for what it prints, instead of our own output."""
    process: asyncio.subprocess.Process | None = None
    deaths: int = 0
    """How often it ended by itself and was started again."""


def parts(settings: Settings) -> list[Part]:
    """What `run` starts, in the order in which it is stopped: what takes work in first, what keeps it last."""
    command = [sys.executable, "-m", "workers"]
    environ = {"SYNCLINE_WORKSPACE": str(settings.workspace.resolve()), "SYNCLINE_HTTP": settings.http}
    found = [Part("gateway", [*command, "gateway"], environ), Part("worker", [*command, "worker"], environ)]
    if settings.embedded:
        found.append(Part("temporal", temporal_command(settings)))
    return found


class Supervisor:
    """Keeps the parts alive until it is told to stop."""

    def __init__(self, children: Sequence[Part]) -> None:
        self.children = list(children)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Begin to drain."""
        self._stopping.set()

    async def run(self) -> None:
        """Start all, restart what dies, and on `stop` end them one after the other."""
        keeping = [asyncio.create_task(self._keep(part)) for part in self.children]
        await self._stopping.wait()
        for part, task in zip(self.children, keeping, strict=True):
            await self._end(part)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _keep(self, part: Part) -> None:
        pause, loop = RESTART_FIRST_SECONDS, asyncio.get_running_loop()
        while not self._stopping.is_set():
            started = loop.time()
            part.process = await _start(part)
            code = await part.process.wait()
            if self._stopping.is_set():
                return
            part.deaths += 1
            pause = (
                RESTART_FIRST_SECONDS
                if loop.time() - started > CALM_SECONDS
                else min(pause * 2, RESTART_AT_MOST_SECONDS)
            )
            log.error("part died, it is started again", part=part.name, code=code, seconds=pause)
            await asyncio.sleep(pause)

    async def _end(self, part: Part) -> None:
        process = part.process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await process.wait()
        except TimeoutError:
            log.warning("part did not drain in time", part=part.name, seconds=DRAIN_SECONDS)
            process.kill()
            await process.wait()


async def _start(part: Part) -> asyncio.subprocess.Process:
    with part.output.open("ab") if part.output else nullcontext() as output:
        return await asyncio.create_subprocess_exec(
            *part.command,
            env={**os.environ, **part.environ},
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=partial(_die_with, os.getpid()),
        )


def _die_with(parent: int) -> None:
    """Ask the kernel to kill a child whose supervisor was killed, so that a restart finds the ports free (Linux).

    At once and for good: a part that is only starting may miss a gentler signal, and every part stands being killed.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), signal.SIGKILL)


async def run_all(settings: Settings) -> None:
    """Everything in one process tree, until SIGTERM or SIGINT."""
    supervisor = Supervisor(parts(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, supervisor.stop)
    await supervisor.run()
