"""What was measured, and the table and JSON that show it."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One number, with how long one of them took (`p50`, `p99`, in milliseconds) where that is known.

    `goal` is what the design promises on two cores, empty where it promises nothing.
    """

    measurement: str
    what: str
    value: float
    unit: str
    goal: str = ""
    p50: float | None = None
    p99: float | None = None


@dataclass(frozen=True)
class Cost:
    """Processor seconds by process, over so many wall seconds, for so many records, edits or webhooks.

    `idle` and `others` are shares (0 to 1) of all cores: what nobody wanted, and what programs beside us took.
    """

    what: str
    seconds: float
    units: int
    cpu: dict[str, float]
    idle: float
    others: float

    @property
    def together(self) -> float:
        """Processor seconds for one unit, all processes."""
        return sum(self.cpu.values()) / self.units

    @property
    def at_most(self) -> float:
        """Units a second if all cores did this alone and were never idle."""
        return (os.cpu_count() or 1) / max(self.together, 1e-6)


@dataclass
class Results:
    """Everything of one run."""

    rows: list[Row] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    """Measurements that broke, and what broke them."""
    profiles: list[str] = field(default_factory=list)
    """What processes were busy with, as text."""

    def add(self, *rows: Row) -> None:
        """Keep rows."""
        self.rows += rows

    def save(self, path: Path) -> None:
        """Write it as JSON, with what the machine is."""
        machine = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
        path.write_text(json.dumps({"machine": machine, **asdict(self)}, indent=1))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that a share (0 to 1) of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def timed(measurement: str, what: str, value: float, unit: str, seconds: Sequence[float], goal: str = "") -> Row:
    """A row with how long each took, given in seconds."""
    p50, p99 = (1000 * percentile(seconds, share) for share in (0.5, 0.99))
    return Row(measurement, what, value, unit, goal, p50, p99)


def table(results: Results) -> str:
    """The numbers beside their goals, then where the processor time went, then what broke."""
    lines = [("measurement", "what", "measured", "p50 ms", "p99 ms", "goal")]
    lines += [
        (row.measurement, row.what, f"{_number(row.value)} {row.unit}", _number(row.p50), _number(row.p99), row.goal)
        for row in results.rows
    ]
    parts = [_aligned(lines), ["", "processor milliseconds a record, edit or webhook, by process:"], _costs(results)]
    if results.failures:
        parts.append(["", *(f"FAILED {name}: {told}" for name, told in results.failures.items())])
    return "\n".join(line for part in parts for line in part)


def _costs(results: Results) -> list[str]:
    names = sorted({name for cost in results.costs for name in cost.cpu})
    lines = [("what", "wall s", "units", *names, "together", "at most/s", "idle", "others")]
    lines += [
        (cost.what, f"{cost.seconds:.1f}", f"{cost.units:,}",
         *(f"{1000 * cost.cpu.get(name, 0.0) / cost.units:.2f}" for name in names),
         f"{1000 * cost.together:.2f}", _number(cost.at_most), f"{cost.idle:.0%}", f"{cost.others:.0%}")
        for cost in results.costs
    ]  # fmt: skip
    return _aligned(lines)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}"


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
