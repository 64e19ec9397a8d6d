"""Acting on mappings: `apply`, `sweep`, `pause`, `resume`."""

import asyncio
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers.cli.output import FAILED, out
from workers.cli.session import find_mapping, find_temporal, opened_store, read_settings, read_workspace

if TYPE_CHECKING:
    from workers.cli.lanes import Lane
    from workers.settings import Settings
    from workflows.messages import Fill
    from workflows.store.database import Store

MappingName = Annotated[str, typer.Argument(metavar="MAPPING", help="The mapping's name.")]


def apply(mapping: MappingName) -> None:
    """Pair what exists on the sides, create what is missing, and show how far it is."""
    settings = read_settings()
    find_mapping(read_workspace(settings), mapping)
    try:
        summary = asyncio.run(_apply(settings, mapping))
    except KeyboardInterrupt:
        out.lines({"mapping": mapping, "state": "running"},
                  f"The apply goes on without this window; `syncline apply {mapping}` shows it again.")  # fmt: skip
        raise typer.Exit(0) from None
    _show(summary)
    if summary["state"] == "failed" or summary["parked"]:
        raise typer.Exit(FAILED)


async def _apply(settings: "Settings", mapping: str) -> dict[str, Any]:
    from workers.cli.lanes import Lane

    lane = Lane(await find_temporal(settings), mapping)
    await lane.ensure(settings)
    await lane.signal("apply")
    fill = await (lane.follow_fill(lambda _: None) if out.as_json else _watched(lane))
    async with opened_store(settings) as store:
        return await summarise(store, mapping, fill)


async def _watched(lane: "Lane") -> "Fill":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:<10}"), BarColumn(30), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out.console) as progress:
        bar = progress.add_task("asked", total=None)
        return await lane.follow_fill(
            lambda fill: progress.update(
                bar, description=fill.state, total=fill.records or None, completed=_carried(fill)
            )
        )


def _carried(fill: "Fill") -> int:
    """Records that are through; the two of a pair go as one, so that the last count may fall short of all."""
    return fill.records if fill.state == "done" else min(fill.done, fill.records)


async def summarise(store: "Store", mapping: str, fill: "Fill") -> dict[str, Any]:
    """What came of an apply: counts, seconds, and the error where it failed."""
    from workers.cli import reading
    from workflows.store import parking

    async with store.read() as tx:
        parked, conflicts = await parking.counted(tx, mapping)
        created = await reading.created_since(tx, mapping, fill.started)
    return {
        "mapping": mapping, "state": fill.state, "records": fill.records, "paired": fill.paired, "created": created,
        "ambiguous": fill.ambiguous, "parked": parked, "conflicts": conflicts,
        "seconds": round(max(0.0, (fill.finished or time.time()) - fill.started), 1), "error": fill.error,
    }  # fmt: skip


def _show(summary: dict[str, Any]) -> None:
    words = ("records", "paired", "created", "ambiguous", "parked", "conflicts")
    lines = [", ".join(f"{summary[word]} {word}" for word in words) + f", in {summary['seconds']} s"]
    if summary["error"]:
        lines = [f"{summary['mapping']} could not be applied: {summary['error']}"]
    elif summary["parked"]:
        lines.append("`syncline parked list` shows what waits for a person, and why.")
    out.lines(summary, *lines)


def sweep(
    mapping: MappingName,
    full: Annotated[bool, typer.Option("--full", help="List everything, and find what vanished.")] = False,
) -> None:
    """Look now for changes that no webhook told."""
    _signal(mapping, "sweep", full)
    out.lines({"mapping": mapping, "sweep": "full" if full else "changes"},
              f"A {'full ' if full else ''}sweep of {mapping} begins. `syncline status` shows it.")  # fmt: skip


def pause(mapping: MappingName) -> None:
    """Stop carrying changes; they are still taken in, and wait."""
    _signal(mapping, "pause")
    out.lines({"mapping": mapping, "paused": True},
              f"{mapping} is paused; `syncline resume {mapping}` lets it go on.")  # fmt: skip


def resume(mapping: MappingName) -> None:
    """Go on after a pause, also with connections that were left alone."""
    _signal(mapping, "resume")
    out.lines({"mapping": mapping, "paused": False}, f"{mapping} goes on.")


def _signal(mapping: str, name: str, *arguments: object) -> None:
    settings = read_settings()
    find_mapping(read_workspace(settings), mapping)

    async def send() -> None:
        from workers.cli.lanes import Lane

        await Lane(await find_temporal(settings), mapping).signal(name, *arguments)

    asyncio.run(send())
