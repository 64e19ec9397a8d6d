"""One run: the measurements that share one filled workspace, then those that start their own."""

import sys
import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from tests.bench.measures.acks import webhooks
from tests.bench.measures.carrying import carry, latency, repeats, saturation
from tests.bench.measures.filling import equal, fill, fills
from tests.bench.measures.memory import memory, resident
from tests.bench.measures.parts import parts
from tests.bench.measures.scaling import scaling
from tests.bench.measures.store import store
from tests.bench.results import Results, Row
from tests.bench.rig import Rig
from tests.bench.sizes import Sizes
from tests.bench.starting import logged, started

START_GOAL: Final = "5"

SHARED: Final[dict[str, Callable[[Rig, Sizes, Results], Awaitable[None]]]] = {
    "carry": carry, "latency": latency, "saturation": saturation, "repeats": repeats, "webhooks": webhooks,
    "memory": memory,
}  # fmt: skip
"""On one rig, filled before."""

ALONE: Final[dict[str, Callable[[Sizes, Results], Awaitable[None]]]] = {
    "fills": fills, "store": store, "scaling": scaling, "parts": parts,
}  # fmt: skip
"""Each with processes of its own."""

MEASUREMENTS: Final = (*SHARED, *ALONE)


async def run(sizes: Sizes, names: Sequence[str]) -> Results:
    """Take these measurements; what breaks is told in the results, and the others go on."""
    results = Results()
    shared = [name for name in names if name in SHARED]
    if shared:
        await guarded("fill", _on_one_rig(sizes, shared, results), results)
    for name in names:
        if name in ALONE:
            await guarded(name, ALONE[name](sizes, results), results)
    return results


async def _on_one_rig(sizes: Sizes, names: Sequence[str], results: Results) -> None:
    async with started() as rig:
        results.add(
            Row("start", "`syncline run` to ready", rig.ready_seconds, "s", START_GOAL),
            Row("start", "`syncline run` to the worker's first answer", rig.working_seconds, "s"),
            *resident(rig, "start"),
        )
        await fill(rig, sizes.records, results)
        for name in names:
            await guarded(name, _logged(rig, SHARED[name](rig, sizes, results)), results)
        results.add(*await equal(rig, "all"))


async def _logged(rig: Rig, measuring: Awaitable[None]) -> None:
    with logged(rig.folder):
        await measuring


async def guarded(name: str, measuring: Awaitable[None], results: Results) -> None:
    """Await a measurement; what breaks it is told at once, and kept in the results."""
    print(f"measuring: {name}", file=sys.stderr)
    try:
        await measuring
    except Exception as error:  # noqa: BLE001 - whatever broke, the others go on
        traceback.print_exception(error)
        results.failures[name] = f"{type(error).__name__}: {error}"
