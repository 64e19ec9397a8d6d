"""Many storms, one for each seed, over all numbers of sides and both stores: `make storm ARGS="--seeds 1-56"`.

Each is written to a file as it ends, one JSON object a line; seeds that are in there already are not played again.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.faults.model import KINDS as VERDICTS
from tests.faults.product import read
from tests.faults.rig import SYNCLINE
from tests.faults.storm import Plan, as_json, storm

SIDES = (2, 3, 4)
WIDTH = max(map(len, VERDICTS))
STORES = ("sqlite", "postgresql")
USUAL = Plan(items=40, edits=450, seconds=30.0, patience=300.0)


def plan_of(seed: int) -> Plan:
    """The storm of a seed: six in a row go once over all numbers of sides and both stores."""
    return replace(USUAL, seed=seed, sides=SIDES[seed % 3], store=STORES[seed // 3 % 2])


def seeds_of(text: str) -> range:
    """`1-56`, or one number."""
    first, _, end = text.partition("-")
    return range(int(first), int(end or first) + 1)


def table(reports: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each number of sides and store, then everything, then how often each fault struck."""
    yield f"{'sides':>5} {'store':10} {'storms':>6} {'histories':>9} {'edits':>7} {'faults':>6} " + " ".join(
        f"{kind:>{WIDTH}}" for kind in (*VERDICTS, "told", "deaths")
    )
    groups: dict[tuple[Any, str], list[Mapping[str, Any]]] = {}
    for report in reports:
        groups.setdefault((report["plan"]["sides"], report["plan"]["store"]), []).append(report)
    for (sides, store), some in sorted(groups.items()):
        yield _row(sides, store, some)
    yield _row("all", "", reports)
    for kind, count in sorted(sum((Counter(report["faults"]) for report in reports), Counter[str]()).items()):
        yield f"  {kind:24} {count:>6}"


def _row(sides: Any, store: str, reports: Sequence[Mapping[str, Any]]) -> str:
    def total(name: str) -> int:
        return sum(report[name] if isinstance(report[name], int) else sum(report[name].values()) for report in reports)

    verdicts = [sum(report["verdict"].get(kind, 0) for report in reports) for kind in VERDICTS]
    numbers = " ".join(f"{number:>{WIDTH}}" for number in (*verdicts, total("told"), total("deaths")))
    counts = f"{total('histories'):>9} {total('edits'):>7} {total('faults'):>6}"
    return f"{sides:>5} {store:10} {len(reports):>6} {counts} {numbers}"


def main() -> int:
    """The command."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="python -m tests.faults.storms", description=__doc__)
    parser.add_argument("--seeds", type=seeds_of, default=seeds_of("1-54"))
    parser.add_argument("--out", type=Path, default=Path("build/storms.jsonl"))
    parser.add_argument("--product", type=Path, default=SYNCLINE)
    asked = parser.parse_args()
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    done = [json.loads(line) for line in asked.out.read_text().splitlines()] if asked.out.exists() else []
    reports = {report["plan"]["seed"]: report for report in done}
    for seed in asked.seeds:
        if seed in reports:
            continue
        reports[seed] = as_json(asyncio.run(storm(plan_of(seed), read(asked.product), keep=True)))
        with asked.out.open("a") as out:
            out.write(json.dumps(reports[seed]) + "\n")
        print(f"seed {seed}: {reports[seed]['verdict']}", *reports[seed]["stories"], sep="\n", flush=True)
    chosen = [report for seed, report in sorted(reports.items()) if seed in asked.seeds]
    print("\n".join(table(chosen)))
    return 0 if all(report["good"] for report in chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
