"""Which deaths to die: every step that a scenario walks through, at its first and at its last passing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from tests.faults.crash.orders import DIED, Death, Passed
from tests.faults.crash.playing import Player, player
from tests.faults.crash.scenarios import Scenario
from tests.faults.crash.steps import Step, every_step

Deaths = tuple[Death, ...]
WARM = 2
"""Rounds before the one that counts: the first ones also learn what a worker then remembers."""


async def walk(scenarios: Sequence[Scenario]) -> dict[str, list[Passed]]:
    """The steps that each scenario walks through when nobody dies, or after its first death.

    Raises RuntimeError where one goes wrong already then.
    """
    async with player() as one:
        return {scenario.name: await _walk(one, scenario) for scenario in scenarios}


async def _walk(one: Player, scenario: Scenario) -> list[Passed]:
    items = await one.prepare(scenario, WARM + 1)
    rounds = [await one.play(scenario, item, first_deaths(scenario)) for item in items]
    faults = [fault for played in rounds for fault in played.faults]
    if faults:
        raise RuntimeError(f"{scenario.name} goes wrong without any further death: {'; '.join(faults)}")
    passed = rounds[-1].passed
    return passed[[step.step for step in passed].index(DIED) + 1 :] if scenario.first else passed


def first_deaths(scenario: Scenario) -> Deaths:
    """The death with which a scenario `again` begins."""
    return (Death("worker", step_of(scenario.first).name),) if scenario.first else ()


def step_of(call: str) -> Step:
    """The step after the one call of this text in `workflows/sync`. Raises LookupError where there is not just one."""
    awaits = (step for step in every_step() if step.module.startswith("workflows.sync.") and step.kind == "after")
    found = [step for step in awaits if f"await {call}" in step.text or f", {call}" in step.text]
    if len(found) != 1:
        raise LookupError(f"expected one step in workflows/sync that awaits {call!r}, found {found}")
    return found[0]


def plan(scenario: Scenario, passed: Sequence[Passed], known: Iterable[Passed] = (), *, moments: bool) -> list[Deaths]:
    """The deaths of each round: at each step, or at one step of each moment.

    Of a scenario `again`, those at steps that are not `known` from the one without a first death.
    """
    first = first_deaths(scenario)
    old = {(one.part, one.step) for one in known}
    counts: Counter[tuple[str, str]] = Counter()
    places: dict[tuple[str, ...], list[Death]] = {}
    for _, group in groupby(
        sorted(passed, key=lambda one: one.part), lambda one: (one.part, one.moment) if moments else one
    ):
        steps = list(group)
        counts.update((one.part, one.step) for one in steps)
        last = steps[-1]
        death = Death(last.part, last.step, counts[last.part, last.step])
        if any((one.part, one.step) not in old for one in steps):
            places.setdefault((last.part, *(one.step for one in steps)), []).append(death)
    ends = [sorted({deaths[0], deaths[-1]}, key=lambda death: death.passing) for deaths in places.values()]
    return [(*first, death) for deaths in ends for death in (deaths[:1] if first else deaths)]


def thinned(deaths: Sequence[Deaths], sample: int) -> list[Deaths]:
    """At most so many of them, spread evenly; 0 leaves all."""
    if not sample or len(deaths) <= sample:
        return list(deaths)
    return [deaths[number * len(deaths) // sample] for number in range(sample)]
