"""Requests of the service's own account, as the stand-ins count them; people's edits are not among them."""

from typing import Final

from tests.bench.results import Row
from tests.bench.rig import Rig

LISTED: Final = 4


async def forget_calls(rig: Rig) -> None:
    """Let the counting begin anew."""
    for system in ("jira", "asana"):
        await rig.ask(system, "calls")


async def calls(rig: Rig, measurement: str, changes: int, goal: str = "") -> list[Row]:
    """Calls for each record since they were last asked for: the most frequent, by system, and together."""
    rows, total = [], 0.0
    for system in ("jira", "asana"):
        counted: dict[str, int] = await rig.ask(system, "calls")
        rows += [Row(measurement, f"calls a record, {system} {call}", number / changes, "calls")
                 for call, number in sorted(counted.items(), key=lambda item: -item[1])[:LISTED]]  # fmt: skip
        total += sum(counted.values())
    return [*rows, Row(measurement, "calls a record, together", total / changes, "calls", goal)]
