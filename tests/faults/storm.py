"""One storm: people edit on all sides while things go wrong; afterwards all sides must hold what the model says.

`python -m tests.faults.storm --seed 7 --sides 3 --store postgresql` prints what happened, and for every fault found the
whole story of its item; it ends with 1 if there was one. The README beside this file says what each number means.
"""

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.disk import BALLAST, unable
from tests.faults.model import KINDS as VERDICTS
from tests.faults.model import NAMED, Finding, Record, Rules, judge
from tests.faults.parts import FULL_SWEEP_SECONDS, Parts
from tests.faults.people import FIELDS, ON_DELETE, Crowd, crowd
from tests.faults.product import Product, Told, read
from tests.faults.rig import SYNCLINE, rig
from tests.faults.weather import KINDS, Weather, forecast, places

CALM_SECONDS = FULL_SWEEP_SECONDS + 2.0
"""All must be well for longer than the product takes to look at everything once."""
ASKING_SECONDS = 4.0
"""Between questions to the product: each starts a process of its own."""
AT_ONCE = 4


@dataclass(frozen=True)
class Plan:
    """How large a storm is. `edits` are spread over `seconds`; `patience`: how long the end may take to come."""

    seed: int = 1
    sides: int = 2
    store: str = "sqlite"
    items: int = 25
    edits: int = 250
    seconds: float = 20.0
    patience: float = 180.0
    kinds: tuple[str, ...] = tuple(KINDS)

    @property
    def command(self) -> str:
        """What plays it again."""
        words = {"seed": self.seed, "sides": self.sides, "store": self.store, "items": self.items, "edits": self.edits,
                 "seconds": f"{self.seconds:g}"}  # fmt: skip
        chosen = "" if self.kinds == tuple(KINDS) else f" --faults {','.join(self.kinds)}"
        return "python -m tests.faults.storm " + " ".join(f"--{name} {value}" for name, value in words.items()) + chosen


@dataclass
class Report:
    """What happened. `faults` by kind; `verdict`: how much is wrong, by kind; `told`: what waits for a person."""

    plan: Plan
    histories: int = 0
    edits: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    deaths: dict[str, int] = field(default_factory=dict)
    verdict: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VERDICTS, 0))
    told: int = 0
    quiet_seconds: float = 0.0
    spared: str | None = None
    findings: list[Finding] = field(default_factory=list)
    stories: list[str] = field(default_factory=list)
    kept: str | None = None

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return all(one.kind == NAMED for one in self.findings)


async def storm(plan: Plan, product: Product | None = None, *, keep: bool = False) -> Report:
    """Play it. With `keep`, the logs and files of a product in which something was found stay."""
    report = Report(plan, spared=unable() if "disk_full" in plan.kinds else None)
    full = "disk_full" in plan.kinds and report.spared is None
    with rig(plan.sides, plan.store, product, small_disk=full) as (parts, small):
        await _play(plan, parts, Weather(parts.stage, parts, small), report)
        if keep and not report.good:
            report.kept = _kept(parts)
    return report


def _kept(parts: Parts) -> str:
    """Where the product's logs and files are kept, its database among them; everything is stopped first."""
    parts.stop()
    kept = Path(tempfile.mkdtemp(prefix="storm-kept-"))
    shutil.copytree(parts.logs, kept / "logs")
    shutil.copytree(parts.folder, kept / "product", ignore=shutil.ignore_patterns(BALLAST))
    return str(kept)


async def _play(plan: Plan, parts: Parts, weather: Weather, report: Report) -> None:
    await parts.up()
    await parts.begin()
    gusts = forecast(plan.seed, plan.seconds, places(parts.stage, parts, disk=weather.disk is not None), plan.kinds)
    weather.skew(gusts)
    supervising = asyncio.create_task(parts.supervise())
    try:
        async with crowd(parts.stage, plan.seed) as people:
            await asyncio.gather(_edit(people, plan), weather.blow(gusts))
            rules = Rules(tuple(parts.stage.tools), FIELDS, ON_DELETE, good_clocks=not weather.counted["clock_skew"])
            await _until_quiet(people, parts, rules, report)
    finally:
        supervising.cancel()
        with suppress(asyncio.CancelledError):
            await supervising
    report.faults, report.deaths = dict(sorted(weather.counted.items())), dict(parts.deaths)
    report.histories = len(people.items)
    report.edits = sum(not edit.first for item in people.items.values() for edit in item.history)


async def _edit(people: Crowd, plan: Plan) -> None:
    started, left = time.monotonic(), iter(range(plan.edits))

    async def work() -> None:
        for number in left:
            pause = started + number * plan.seconds / plan.edits - time.monotonic()
            await asyncio.sleep(max(pause, 0.0))
            await people.act(plan.items)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def _until_quiet(people: Crowd, parts: Parts, rules: Rules, report: Report) -> None:
    """Until all has been well for a while, or patience ends; what is wrong then is."""
    started = asked = time.monotonic()
    calm_since: float | None = None
    told: list[Told] = []
    while True:
        shown = await people.look()
        found = [one for one in _judged(people, rules, shown, told) if one.kind != NAMED]
        now = time.monotonic()
        calm_since = None if found else calm_since or now
        if (calm_since and now - calm_since > CALM_SECONDS) or now - started > report.plan.patience:
            break
        if found and now - asked > ASKING_SECONDS:
            told, asked = await _asked(parts), time.monotonic()
        await asyncio.sleep(0.5)
    told = await _asked(parts)
    shown = await people.look()
    report.findings = _judged(people, rules, shown, told)
    report.told, report.quiet_seconds = len(told), time.monotonic() - started
    report.verdict.update(Counter(finding.kind for finding in report.findings))
    for number in sorted({finding.item for finding in report.findings}):
        report.stories.append(_story(people, number, shown, told, report))


async def _asked(parts: Parts) -> list[Told]:
    """What waits for a person; nothing, as long as the product cannot say."""
    try:
        return await parts.told()
    except (RuntimeError, TimeoutError):
        return []


def _judged(people: Crowd, rules: Rules, shown: dict[str, list[Record]], told: Sequence[Told]) -> list[Finding]:
    owners, found = people.owners(), []
    for number, item in people.items.items():
        own = {side: _of(people, number, side, records) for side, records in shown.items()}
        overwritten = _told_of(people, number, [one for one in told if one.overwritten])
        found += judge(rules, item.history, own, owners, _told_of(people, number, told), overwritten)
    strangers = [(side, one) for side, records in shown.items() for one in _of(people, 0, side, records)]
    found += [Finding("silent", 0, "record", f"{side} has {one.id}, which nobody made") for side, one in strangers]
    return found


def _of(people: Crowd, number: int, side: str, records: Sequence[Record]) -> list[Record]:
    return [record for record in records if people.known.get((side, record.id), 0) == number]


def _told_of(people: Crowd, number: int, told: Sequence[Told]) -> Collection[str]:
    return {one.field or "record" for one in told if number in {people.known.get(record) for record in one.records}}


def _story(people: Crowd, number: int, shown: dict[str, list[Record]], told: Sequence[Told], report: Report) -> str:
    """Everything about one item: what people did, what each side shows, what is wrong."""
    item = people.items.get(number)
    wrong = [finding for finding in report.findings if finding.item == number]
    names = {finding.field for finding in wrong}
    edits = item.history if item else []
    lines = [f"item {number}; to play it again: {report.plan.command}"]
    lines += [f"  {one.kind}: {one.field}: {one.text}" for one in wrong]
    lines += [
        f"  edit {edit.at:.3f} {edit.side} {edit.field}: {edit.saw!r} -> {edit.value!r} ({edit.by})"
        for edit in edits
        if edit.field in names or edit.field == "record" or "record" in names
    ]
    for side, records in shown.items():
        for record in _of(people, number, side, records):
            said = [one.text for one in record.comments]
            lines.append(f"  shows {side} {record.id}: {dict(record.fields)!r} comments {said!r}")
    lines += [
        f"  told {one.field or 'record'}: {one.reason}"
        for one in told
        if number in {people.known.get(record) for record in one.records}
    ]
    return "\n".join(lines)


def as_json(report: Report) -> dict[str, Any]:
    """The report for programs."""
    return {**asdict(report), "good": report.good, "command": report.plan.command}


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.storm", description=__doc__)
    usual = Plan()
    for name in ("seed", "items", "edits"):
        parser.add_argument(f"--{name}", type=int, default=getattr(usual, name))
    parser.add_argument("--sides", type=int, choices=(2, 3, 4), default=usual.sides)
    parser.add_argument("--store", default=usual.store, help="a name under `stores` of the product; postgresql is run")
    parser.add_argument("--seconds", type=float, default=usual.seconds)
    parser.add_argument("--patience", type=float, default=usual.patience)
    parser.add_argument("--faults", default=",".join(KINDS), help="the kinds that may happen")
    parser.add_argument("--product", type=Path, default=SYNCLINE, help="the description of the product")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def main() -> int:
    """The command."""
    # What was started is ended too when this is.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asked = parsed()
    kinds = tuple(kind for kind in asked.faults.split(",") if kind)
    if unknown := set(kinds) - set(KINDS):
        print(f"no faults {', '.join(sorted(unknown))}; there are: {', '.join(KINDS)}", file=sys.stderr)
        return 2
    plan = Plan(asked.seed, asked.sides, asked.store, asked.items, asked.edits, asked.seconds, asked.patience, kinds)
    report = asyncio.run(storm(plan, read(asked.product), keep=True))
    if asked.json:
        print(json.dumps(as_json(report), indent=1))
    else:
        print("\n".join(report.stories))
        told = {name: value for name, value in as_json(report).items() if name not in ("stories", "findings", "plan")}
        print("\n".join(f"{name:14} {value}" for name, value in told.items()))
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main())
