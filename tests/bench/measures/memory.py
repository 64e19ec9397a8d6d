"""Resident memory over a run of many events, and what Temporal keeps of it."""

from dataclasses import replace
from typing import Final

from tests.bench import processes
from tests.bench.results import Results, Row
from tests.bench.rig import MAPPING, Rig
from tests.bench.sizes import Sizes
from workflows import names

POINTS: Final = 10


def resident(rig: Rig, measurement: str) -> list[Row]:
    """Resident memory of each process of the service, now."""
    ours = [name for name, pid in rig.pids.items() if pid in rig.service_pids()]
    rows = [Row(measurement, f"resident, {name}", processes.resident_mb(rig.pids[name]), "MB") for name in ours]
    return [*rows, Row(measurement, "resident, all of these", processes.total_mb(rig.service_pids()), "MB", "500")]


async def memory(rig: Rig, sizes: Sizes, results: Results) -> None:
    """Edits of all records over and over; after each tenth, once all is calm, what the processes hold."""
    ids, points = list(rig.tasks), list[list[Row]]()
    tenth = max(1, sizes.events // POINTS)
    async with rig.counted(results, f"memory, {sizes.events:,} events", sizes.events):
        for number in range(POINTS):
            at_once = min(len(ids), tenth)
            await rig.edited(ids[:at_once], rounds=tenth // at_once)
            await rig.calm()
            points.append(resident(rig, "memory"))
            results.add(replace(points[-1][-1], what=f"resident after {(number + 1) * tenth:,} events"))
    for rows in zip(*points[POINTS // 2 :], strict=True):
        growth = _slope([row.value for row in rows]) * 10_000 / tenth
        results.add(Row("memory", f"growth in the second half, {rows[0].what}", growth, "MB for 10,000 events", "0"))
    results.add(*await _kept(rig), *points[-1])


def _slope(values: list[float]) -> float:
    """How much a value grows from one to the next: the line that fits best."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    squares = sum((place - middle) ** 2 for place in range(len(values)))
    return sum((place - middle) * (value - mean) for place, value in enumerate(values)) / squares


async def _kept(rig: Rig) -> list[Row]:
    """The lane's own history now, how often it began anew, and the files."""
    info = (await rig.lane.describe()).raw_description.workflow_execution_info
    query = f'WorkflowId = "{names.lane_id(MAPPING)}"'
    lives = (await rig.temporal.count_workflows(query)).count
    files = {
        name: sum(file.stat().st_size for file in rig.folder.glob(f"{name}*")) for name in ("temporal", "syncline")
    }
    return [
        Row("memory", "history of the lane", info.history_length, "events"),
        Row("memory", "history of the lane, size", info.history_size_bytes / 1024, "KB"),
        Row("memory", "lives of the lane (it continues as new)", lives, "lives"),
        *(Row("memory", f"file of {name}", size / 2**20, "MB") for name, size in files.items()),
    ]
