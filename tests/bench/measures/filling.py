"""The first fill: every issue gets its task."""

import time

from tests.bench import processes
from tests.bench.measures.calls import calls, forget_calls
from tests.bench.results import Results, Row
from tests.bench.rig import A_RECORD_SECONDS, Rig, until
from tests.bench.sizes import Sizes
from tests.bench.starting import started


async def fill(rig: Rig, records: int, results: Results) -> None:
    """Seed an empty Jira, and apply the mapping."""
    await rig.ask("jira", "seed", {"count": records})
    await forget_calls(rig)
    for pid in rig.python_pids():
        processes.forget_peak(pid)
    async with rig.counted(results, f"fill {records:,}", records):
        begun = time.monotonic()
        await rig.lane.signal("apply")
        await until(lambda: _filled(rig), "the first fill", 60 + records * A_RECORD_SECONDS, pause=0.25)
        seconds = time.monotonic() - begun
    issues, tasks = await rig.ask("jira", "titles"), await rig.ask("asana", "titles")
    by_title = {title: gid for gid, title in tasks.items()}
    rig.tasks = {id_: by_title[title] for id_, title in issues.items()}
    peak = sum(map(processes.peak_mb, rig.python_pids()))
    results.add(
        Row("fill", f"first fill of {records:,}", records / seconds, "records/s"),
        Row("fill", f"time a record, of {records:,}", 1000 * seconds / records, "ms", "linear"),
        Row("fill", f"peak memory of all Python processes, {records:,}", peak, "MB", "400"),
        *await calls(rig, "fill", records),
    )


async def _filled(rig: Rig) -> bool:
    told = (await rig.status()).fill
    if told is None:
        return False
    if told.state == "failed":
        raise RuntimeError(f"the first fill failed: {told.error}")
    return told.state == "done"


async def fills(sizes: Sizes, results: Results) -> None:
    """First fills of several sizes, each in a workspace of its own."""
    for records in sizes.fills:
        async with started() as rig:
            await fill(rig, records, results)
            results.add(*await equal(rig, f"a first fill of {records:,}"))


async def equal(rig: Rig, after: str) -> list[Row]:
    """How many pairs show one title on both sides, after what was done."""
    await rig.calm()
    issues, tasks = await rig.ask("jira", "titles"), await rig.ask("asana", "titles")
    same = sum(tasks.get(rig.tasks.get(id_, "")) == title for id_, title in issues.items())
    extra = len(issues) + len(tasks) - 2 * same
    return [
        Row("equal", f"pairs with the same title after {after}", same, "pairs", f"{len(issues):,}"),
        Row("equal", f"records that have no equal after {after}", extra, "records", "0"),
    ]
