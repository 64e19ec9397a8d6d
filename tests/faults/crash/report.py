"""What the rounds showed, as a table by scenario, and which steps no scenario walks through."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import takewhile
from typing import Any

from tests.faults.crash.orders import DIED, Passed
from tests.faults.crash.playing import Round
from tests.faults.crash.steps import Step, every_step

OFF_THE_WAY: Mapping[str, str] = {
    "workflows.activities:SyncActivities.scan_page": "sweeps",
    "workflows.activities:SyncActivities.pair_records": "apply",
    "workflows.sync.scanning": "sweeps",
    "workflows.sync.pairing": "apply",
    "workflows.store.database:Store.close": "start and stop",
    "workflows.store.database:open_store": "start and stop",
    "workflows.store.database:wait_for_store": "start and stop",
    "workflows.store.hooks": "hooks registering",
    "workers.receiving:HookDesk._shake_hands": "hooks registering",
    "workers.receiving:HookDesk._known_secrets": "hooks registering",
    "workers.lanes:ensure_lane": "start and stop",
    "workers.gateway:_parts": "start and stop",
    "workers.gateway:run_gateway": "start and stop",
    "workers.gateway:build.readyz": "health",
    "workers.connections": "start and stop",
    "connectors.jira.subscribe": "hooks registering",
    "connectors.asana.subscribe": "hooks registering",
    "connectors.asana.scan": "sweeps",
}
"""Module, or module and function, of steps that lead from no webhook to a commit, and what they belong to."""


@dataclass
class Row:
    """Of one scenario: how many different steps it walks through, how many of these a death hit, and what came of it.

    `missed`: rounds in which all went right and the step was not reached so often. `wrong`: lost, or otherwise not as
    a person left it.
    """

    scenario: str
    steps: int = 0
    hit: int = 0
    deaths: int = 0
    missed: int = 0
    doubled: int = 0
    wrong: int = 0
    seconds: float = 0.0


@dataclass
class Report:
    """`walks`: what each scenario walks through when nobody dies. `broken`: why a whole scenario came to nothing."""

    walks: dict[str, list[Passed]] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def rows(self) -> list[Row]:
        """By scenario."""
        return [self._row(name, passed) for name, passed in self.walks.items()]

    def _row(self, name: str, passed: Sequence[Passed]) -> Row:
        rounds = [one for one in self.rounds if one.scenario == name]
        steps = {(one.part, one.step) for one in passed}
        return Row(
            name,
            steps=len(steps),
            hit=len(steps & {place for one in rounds for place in _hit(one)}),
            deaths=sum(one.died for one in rounds),
            missed=sum(one.died < len(one.deaths) for one in rounds),
            doubled=sum(one.doubled for one in rounds),
            wrong=sum(bool(one.faults) and not one.doubled for one in rounds),
            seconds=sum(one.seconds for one in rounds),
        )

    def untouched(self) -> dict[str, list[Step]]:
        """The steps that no scenario walks through, by why."""
        walked = {one.step for passed in self.walks.values() for one in passed}
        found: dict[str, list[Step]] = {}
        for step in every_step():
            if step.name not in walked:
                found.setdefault(_why(step), []).append(step)
        return found

    def faults(self) -> list[str]:
        """What went wrong, and how to see it again."""
        return self.broken + [
            f"{'; '.join(one.faults)}  [--scenario {one.scenario} --step {one.deaths[-1].step} "
            f"--passing {one.deaths[-1].passing} --part {one.deaths[-1].part}]"
            for one in self.rounds
            if one.faults and one.deaths
        ]

    def as_json(self) -> dict[str, Any]:
        """Everything but the single passings."""
        return {
            "scenarios": [asdict(row) for row in self.rows()],
            "faults": self.faults(),
            "untouched": {why: [step.name for step in steps] for why, steps in self.untouched().items()},
        }

    def as_text(self) -> str:
        """The table."""
        head = f"{'scenario':24}{'steps':>7}{'hit':>6}{'deaths':>8}{'missed':>8}{'doubled':>9}{'wrong':>7}"
        lines = [head]
        lines += [
            f"{row.scenario:24}{row.steps:7}{row.hit:6}{row.deaths:8}{row.missed:8}{row.doubled:9}{row.wrong:7}"
            for row in self.rows()
        ]
        walked = {one.step for passed in self.walks.values() for one in passed}
        if walked:
            hit = {step for one in self.rounds for _, step in _hit(one)}
            lines.append(f"{len(every_step())} steps in the source; walked through {len(walked)}, died at {len(hit)}")
            lines += [f"not walked through, {why}: {len(steps)}" for why, steps in self.untouched().items()]
        return "\n".join([*lines, *self.faults()])


def _hit(played: Round) -> set[tuple[str, str]]:
    """Where the last death of a round was died: all steps of its moment."""
    if played.died < len(played.deaths) or not played.deaths:
        return set()
    part = played.deaths[-1].part
    there = [one for one in played.passed if one.part == part]
    end = max(place for place, one in enumerate(there) if one.step == DIED)
    moment = takewhile(lambda one: one.moment == there[end - 1].moment, reversed(there[:end]))
    return {(part, one.step) for one in moment}


def _why(step: Step) -> str:
    for place in (f"{step.module}:{step.function}", step.module):
        if place in OFF_THE_WAY:
            return OFF_THE_WAY[place]
    return "only where a tool refuses or fails"


def listed(steps: Iterable[Step]) -> str:
    """A line for each step."""
    return "\n".join(f"{step.name}  {step.function}  {step.text[:100]}" for step in steps)
