"""The product's processes, each one to be killed, frozen and started again, with a line between any two of them."""

import asyncio
import os
import signal
import subprocess
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.faults.product import DATABASE, TOLD, Product, Scene, Told, fields, filled, side
from tests.faults.relay import Network
from tests.faults.stage import Stage
from tests.postgresql import SUPERUSER, Server
from workers.demo.ports import any_port

ROOT = Path(__file__).parents[2]
READY_SECONDS = 90.0
COMMAND_SECONDS = 120.0
SWEEP_SECONDS = 3.0
FULL_SWEEP_SECONDS = 6.0
READ_TIMEOUT = 2.0
SETTLE_SECONDS = 12.0
"""Longer than a request may be on its way: held in a silent line, with a frozen sender, at a slow vendor."""


@dataclass
class Parts:
    """Everything of the product that runs. `folder` is its own; logs are in `logs`, which no fault fills."""

    product: Product
    folder: Path
    logs: Path
    store: str
    network: Network
    stage: Stage
    server: Server | None = None
    deaths: Counter[str] = field(default_factory=Counter)
    """How often a part ended by itself, and was started again."""

    def __post_init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._down: set[str] = set()
        self._at = {name: f"127.0.0.1:{any_port()}" for name, part in self.product.parts.items() if part.listens}
        self._database = ""

    @property
    def names(self) -> list[str]:
        """All parts, with the database where the suite runs it."""
        return [*self.product.parts, *([DATABASE] if self.server else [])]

    async def up(self) -> None:
        """Prepare, start everything, and wait until the product is ready. Raises TimeoutError."""
        if self.server is not None:
            await asyncio.to_thread(self.server.start)
            self._database = self.server.create()
            self._at[DATABASE] = f"127.0.0.1:{self.server.port}"
        # Every line is laid before it is needed: what is cut is chosen from all of them.
        for name in self.product.parts:
            self._words(name, self.network)
        (self.folder / "scene.json").write_text(self._scene().model_dump_json(), encoding="utf-8")
        await self._ask(self.product.prepare)
        for name in self.product.parts:
            self._launch(name)
        # One may lose a port that it has just found free to a stranger.
        supervising = asyncio.create_task(self.supervise())
        try:
            await self.wait()
        finally:
            supervising.cancel()
        self.deaths.clear()

    async def wait(self) -> None:
        """Until the product says that it is ready. Raises TimeoutError, with the end of each log."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                while not await asyncio.to_thread(self._ready):
                    await asyncio.sleep(0.1)
        except TimeoutError as error:
            ends = "\n".join(f"{log.name}: {log.read_text(errors='replace')[-2000:]}" for log in self.logs.iterdir())
            raise TimeoutError(f"not ready in {READY_SECONDS:g} s\n{ends}") from error

    async def begin(self) -> None:
        """Have all sides brought in step, and kept so from then on; it may end with 1 where something was told."""
        await self._ask(self.product.begin, good=(0, 1))

    def _ready(self) -> bool:
        """Whether the product says that it is."""
        with suppress(httpx.HTTPError):
            return httpx.get(filled(self.product.ready, self._words("", None)), timeout=2).status_code == 200
        return False

    async def told(self) -> list[Told]:
        """What the product has told people of."""
        printed = await self._ask(self.product.told) if self.product.told else ""
        return TOLD.validate_json(printed or "[]")

    async def kill(self, name: str) -> None:
        """`kill -9`; it stays down until `start`."""
        self._down.add(name)
        if name == DATABASE and self.server is not None:
            await asyncio.to_thread(self.server.kill)
        else:
            _end(self._processes[name])

    async def start(self, name: str) -> None:
        """Start it again. Raises RuntimeError where the database does not come up."""
        if name == DATABASE and self.server is not None:
            await asyncio.to_thread(self.server.start)
        else:
            self._launch(name)
        self._down.discard(name)

    def freeze(self, name: str) -> None:
        """SIGSTOP."""
        os.killpg(self._processes[name].pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """SIGCONT."""
        with suppress(ProcessLookupError):
            os.killpg(self._processes[name].pid, signal.SIGCONT)

    async def supervise(self) -> None:
        """Start again what ended by itself, as any service manager does, for as long as this runs."""
        while True:
            await asyncio.sleep(0.5)
            for name, process in list(self._processes.items()):
                if process.poll() is not None and name not in self._down:
                    self.deaths[name] += 1
                    self._launch(name)
            if self.server is not None and DATABASE not in self._down and not self.server.alive:
                self.deaths[DATABASE] += 1
                with suppress(RuntimeError, OSError):  # its disk may still be full
                    await asyncio.to_thread(self.server.start)

    def stop(self) -> None:
        """End everything."""
        for process in self._processes.values():
            _end(process)
        if self.server is not None:
            self.server.close()

    def _launch(self, name: str) -> None:
        part, words = self.product.parts[name], self._words(name, self.network)
        command = [filled(word, words) for word in part.command]
        environ = self._environ({**self.product.environ, **part.environ}, words)
        with (self.logs / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, stdout=log, stderr=log, env=environ, cwd=ROOT, start_new_session=True
            )

    def _environ(self, told: dict[str, str], words: dict[str, str]) -> dict[str, str]:
        return {**os.environ, **{key: filled(text, words) for key, text in told.items()}}

    def _words(self, name: str, network: Network | None) -> dict[str, str]:
        """The words for a part's texts; without a network, all lines lead straight to where they end."""
        words = {
            "folder": str(self.folder), "scene": str(self.folder / "scene.json"),
            "port": self._at.get(name, "").rpartition(":")[2],
            "sweep_seconds": str(SWEEP_SECONDS), "full_sweep_seconds": str(FULL_SWEEP_SECONDS),
        }  # fmt: skip
        for other, at in self._at.items():
            words[f"at_{other}"] = at
            asker = "tools" if other == self.product.entrance else name
            to = network.lay(f"{asker}->{other}", at) if network and asker != other else at
            words[f"to_{other}"] = f"{SUPERUSER}@{to}/{self._database}" if other == DATABASE else to
        return {**words, "database": filled(self.product.stores[self.store], words)}

    def _scene(self) -> Scene:
        at = self._at[self.product.entrance]
        sides = {}
        for name, tool in self.stage.tools.items():
            line = self.network.lay(f"product->{name}", tool.url.removeprefix("http://"))
            sides[name] = side(tool.system, name, f"http://{line}")
        return Scene(
            hooks=f"http://{self.network.lay(f'tools->{self.product.entrance}', at)}",
            sides=sides, fields=fields(), sweep_seconds=SWEEP_SECONDS, full_sweep_seconds=FULL_SWEEP_SECONDS,
            settle_seconds=SETTLE_SECONDS, read_timeout=READ_TIMEOUT,
        )  # fmt: skip

    async def _ask(self, command: tuple[str, ...], good: tuple[int, ...] = (0,)) -> str:
        """Run one of the product's commands; what it printed. Raises RuntimeError with what it complained of."""
        if not command:
            return ""
        words = self._words("", None)
        process = await asyncio.create_subprocess_exec(
            *(filled(word, words) for word in command), cwd=ROOT, env=self._environ(self.product.environ, words),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(COMMAND_SECONDS):
            out, complaint = await process.communicate()
        if process.returncode not in good:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {(out + complaint)[-2000:]!r}")
        return out.decode()


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
