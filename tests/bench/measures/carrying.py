"""Edits made by the Jira stand-in itself, at an offered rate, until Asana shows them."""

from typing import Final

from tests.bench.measures.calls import calls, forget_calls
from tests.bench.results import Results, Row, timed
from tests.bench.rig import Edited, Rig
from tests.bench.sizes import Sizes

SPACED_RATE: Final = 5.0
REPEATED_RATE: Final = 2_000.0
STEP_SECONDS: Final = 10.0
SHARES: Final = (0.25, 0.5, 0.75)
STEPS: Final = (0.25, 0.5, 0.75, 0.9, 1.0, 1.25, 1.5, 2.0)
"""Shares of the rate that was carried when all was offered at once."""
KEEPS_UP: Final = 0.9


async def carry(rig: Rig, sizes: Sizes, results: Results) -> None:
    """Every change on another record, as fast as Jira makes them."""
    await forget_calls(rig)
    count = len(rig.tasks)
    async with rig.counted(results, "carry", count):
        edited = await rig.edited(list(rig.tasks))
    rig.saturated = edited.carried
    results.add(
        Row("carry", f"{count:,} changes, each on another record", edited.carried, "changes/s", "400"),
        Row("carry", "edits offered meanwhile", edited.offered, "edits/s"),
        *await calls(rig, "carry", count, "1.1"),
    )


async def repeats(rig: Rig, sizes: Sizes, results: Results) -> None:
    """Edits that repeat on few records; what counts is that the last one shows."""
    ids = list(rig.tasks)[: sizes.repeated]
    count = len(ids) * sizes.repeats
    await forget_calls(rig)
    async with rig.counted(results, "repeats", count):
        edited = await rig.edited(ids, REPEATED_RATE, sizes.repeats)
    results.add(
        timed("repeats", f"{count:,} edits of {len(ids):,} records, the last of each shown", edited.carried, "edits/s",
              edited.latencies, "2,000"),
        Row("repeats", "edits offered meanwhile", edited.offered, "edits/s", "2,000"),
        *await calls(rig, "repeats", count),
    )  # fmt: skip


async def latency(rig: Rig, sizes: Sizes, results: Results) -> None:
    """From a person's edit to the other side showing it: on an idle system, then beside a share of what it carries."""
    ids = list(rig.tasks)[: sizes.spaced]
    for system, other in (("jira", "asana"), ("asana", "jira")):
        async with rig.counted(results, f"latency, {system} to {other}", len(ids)):
            edited = await rig.edited(ids, SPACED_RATE, system=system)
        what = f"edit to edit, {system} to {other}, idle"
        results.add(timed("latency", what, edited.offered, "edits/s", edited.latencies, "p50 100, p99 300"))
    rate = await _saturated(rig)
    for share in SHARES:
        edited = await _step(rig, results, "latency", share * rate)
        what = f"edit to edit, jira to asana, at {share:.0%} of what is carried"
        results.add(timed("latency", what, edited.offered, "edits/s", edited.latencies))


async def saturation(rig: Rig, sizes: Sizes, results: Results) -> None:
    """Rates offered in steps, until they are carried no more."""
    rate = await _saturated(rig)
    for share in STEPS:
        edited = await _step(rig, results, "saturation", share * rate)
        what = f"carried of {edited.offered:,.0f} edits/s offered"
        results.add(timed("saturation", what, edited.carried, "changes/s", edited.latencies))
        if edited.carried < KEEPS_UP * edited.offered and share > 1:
            return


async def _step(rig: Rig, results: Results, name: str, rate: float) -> Edited:
    ids = list(rig.tasks)[: max(1, int(rate * STEP_SECONDS))]
    async with rig.counted(results, f"{name}, {rate:,.0f}/s", len(ids)):
        return await rig.edited(ids, rate)


async def _saturated(rig: Rig) -> float:
    """Changes a second that are carried; measured where it was not yet."""
    if not rig.saturated:
        rig.saturated = (await rig.edited(list(rig.tasks))).carried
        await rig.calm()
    return rig.saturated
