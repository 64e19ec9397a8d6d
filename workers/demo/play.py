"""Playing the demo: until Ctrl-C, or the scenario once."""

import asyncio
import shutil
import signal
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from workers.cli.output import CommandError, out
from workers.demo.scene import Scene, StepFailed, disagreements, until
from workers.demo.steps import STEPS, Step, fill
from workers.demo.world import SYSTEMS, DemoError, World, running_world
from workers.logs import configure

SETTLE_SECONDS = 20.0


@dataclass(frozen=True)
class Outcome:
    """What came of a step."""

    name: str
    ok: bool
    seconds: float
    said: str

    def line(self, number: int) -> str:
        """Two lines for a person."""
        return f"{number:>2}. {self.name}  ({self.seconds:.1f} s)\n    {'ok' if self.ok else 'FAILED'}: {self.said}"


async def play(folder: Path | None, *, once: bool) -> bool:
    """Run the demo in this folder, or in a temporary one that is removed; whether all went well.

    SIGINT and SIGTERM end it in good order. Raises CommandError where it cannot start.
    """
    _end_on_signals()
    configure("CRITICAL")
    place = folder or Path(tempfile.mkdtemp(prefix="syncline-demo-"))
    well = False
    try:
        async with running_world(place) as world:
            well = await (_once(world) if once else _show(world))
    except DemoError as error:
        raise CommandError(f"{error} ({place})") from error
    except asyncio.CancelledError:
        out.say("", "ended; nothing is left running")
        well = not once
    finally:
        if folder is None and well:
            shutil.rmtree(place, ignore_errors=True)
        elif not well:
            out.say(f"the logs are in {place / 'logs'}")
    return well


def _end_on_signals() -> None:
    """Cancel what runs now at the first SIGINT or SIGTERM; further ones must not break the tidying up."""
    playing, loop = asyncio.current_task(), asyncio.get_running_loop()

    def end() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: None)
        if playing is not None:
            playing.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)


async def _show(world: World) -> bool:
    """Fill, tell what to open, and stay until the end is asked for."""
    said = await fill(Scene(world))
    addresses = {
        "jira": world.url("jira"), "asana": world.url("asana"), "service": f"http://{world.settings.http}",
    }  # fmt: skip
    out.lines(
        {**addresses, "workspace": str(world.settings.workspace)},
        f"Both tools are in step: {said}.",
        f"  Jira     {addresses['jira']}",
        f"  Asana    {addresses['asana']}",
        f"  Syncline {addresses['service']}/readyz",
        f"  files    {world.settings.workspace}",
        f"  look     SYNCLINE_HTTP={world.settings.http} syncline --workspace {world.settings.workspace} status",
        "Edit on one side and watch the other. Ctrl-C ends everything.",
    )
    await asyncio.Event().wait()
    return True


async def _once(world: World) -> bool:
    scene = Scene(world)
    outcomes = await _play_steps(scene, STEPS)
    records, found = await _agreement(scene)
    well = all(outcome.ok for outcome in outcomes) and not found
    if not well:
        await world.keep_requests()
    data: dict[str, Any] = {
        "ok": well, "records": records, "disagreements": found,
        "steps": [{"name": o.name, "ok": o.ok, "seconds": round(o.seconds, 2), "said": o.said} for o in outcomes],
    }  # fmt: skip
    failed = sum(not outcome.ok for outcome in outcomes)
    out.lines(data, *found, f"{len(outcomes)} steps, {failed} failed; {records} records on both sides, "
              f"{len(found)} disagreements")  # fmt: skip
    return well


async def _play_steps(scene: Scene, steps: Sequence[Step]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for step in steps:
        started, well = time.monotonic(), True
        try:
            said = await step.act(scene)
        except (StepFailed, CommandError, LookupError, httpx.HTTPError) as error:
            said, well = str(error), False
            await asyncio.gather(*(scene.world.bend(system, faults=[]) for system in SYSTEMS))
        outcomes.append(Outcome(step.name, well, time.monotonic() - started, said))
        out.say(outcomes[-1].line(len(outcomes)))
    return outcomes


async def _agreement(scene: Scene) -> tuple[int, list[str]]:
    """Compare everything, giving what is still under way a moment to arrive."""

    async def agreed() -> bool:
        return not (await disagreements(scene))[1]

    with suppress(StepFailed):
        await until(agreed, "both sides to agree", SETTLE_SECONDS)
    return await disagreements(scene)
