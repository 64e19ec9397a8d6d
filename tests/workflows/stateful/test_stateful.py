"""Short histories in every test run, the same each time; `tests.workflows.stateful.run` plays long ones from a seed."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.postgresql import NONE_HERE, programs
from tests.workflows.stateful.playing import emptied, opened, play
from tests.workflows.stateful.processes import SteppedStore
from tests.workflows.stateful.run import drawn
from tests.workflows.stateful.steps import take_step
from tests.workflows.stateful.verdict import judge
from tests.workflows.stateful.world import Terms

HISTORIES, STEPS = 150, 25
NUMBER = st.integers(0, 999)
NUMBERS = st.tuples(NUMBER, NUMBER, NUMBER, NUMBER)
EDITS = ("edit", "edit", "edit", "edit", "create", "say", "resay", "unsay")
TERMS = st.builds(
    Terms,
    sides=st.sampled_from(["ab", "abc", "abcd"]),
    skews=st.sampled_from([(0.0, 0.0, 0.0, 0.0), (-300.0, 0.0, 400.0, 3.0)]),
    lag=st.sampled_from([0.0, 1.5]),
    history=st.booleans(),
    on_delete=st.sampled_from(["unlink", "delete", "ignore"]),
    number=st.sampled_from(["ask", "latest"]),
)


class Histories(RuleBasedStateMachine):
    """A history; what it leaves is judged when it ends."""

    runner: asyncio.Runner
    store: SteppedStore

    @initialize(terms=TERMS, side=NUMBER)
    def begin(self, terms: Terms, side: int) -> None:
        """Empty systems, an empty store, one record."""
        self.world = self.runner.run(emptied(self.store, terms))
        self.step("create", (side, 0, 0, 0))

    def step(self, name: str, numbers: tuple[int, int, int, int]) -> None:
        """One step, as those of the long runs."""
        self.runner.run(take_step(self.world, (name, *numbers)))

    @rule(name=st.sampled_from(EDITS), numbers=NUMBERS)
    def people(self, name: str, numbers: tuple[int, int, int, int]) -> None:
        """A person writes, comments, or takes a comment back."""
        self.step(name, numbers)

    @rule(name=st.sampled_from(["delete", "restore", "tick", "tick"]), numbers=NUMBERS)
    def passing(self, name: str, numbers: tuple[int, int, int, int]) -> None:
        """Records go and come back, and time passes."""
        self.step(name, numbers)

    @rule(name=st.sampled_from(["mail", "deliver", "deliver", "sweep"]), numbers=NUMBERS)
    def news(self, name: str, numbers: tuple[int, int, int, int]) -> None:
        """Webhooks come, or do not."""
        self.step(name, numbers)

    @rule(numbers=NUMBERS)
    def trouble(self, numbers: tuple[int, int, int, int]) -> None:
        """A request to come will fail."""
        self.step("fault", numbers)

    @rule(name=st.sampled_from(["run", "start", "go", "go", "finish"]), numbers=NUMBERS)
    def work(self, name: str, numbers: tuple[int, int, int, int]) -> None:
        """A batch begins, or goes on."""
        self.step(name, numbers)

    @rule(name=st.sampled_from(["kill", "overtake"]), numbers=NUMBERS)
    def death(self, name: str, numbers: tuple[int, int, int, int]) -> None:
        """A process dies, or stands still for too long."""
        self.step(name, numbers)

    def teardown(self) -> None:
        """All faults end, everything comes to rest, and the sides are judged."""
        if hasattr(self, "world"):
            found = self.runner.run(judge(self.world))
            assert not found, "\n".join([*map(str, found), *self.world.story])


def test_short_histories(tmp_path: Path) -> None:
    few = settings(
        max_examples=HISTORIES, stateful_step_count=STEPS, deadline=None, derandomize=True, database=None
    )  # fmt: skip
    with asyncio.Runner() as Histories.runner:
        opening = opened("sqlite", tmp_path)
        Histories.store = Histories.runner.run(opening.__aenter__())
        try:
            run_state_machine_as_test(Histories, settings=few)
        finally:
            Histories.runner.run(opening.__aexit__(None, None, None))


async def test_seed_replays_to_letter(tmp_path: Path) -> None:
    async with opened("sqlite", tmp_path) as store:
        stories = [(await play(store, *drawn("replay", 3, 60)))[0].story for _ in range(2)]
    assert stories[0] == stories[1]


@pytest.mark.skipif(programs() is None, reason=NONE_HERE)
async def test_histories_on_postgresql(tmp_path: Path) -> None:
    async with opened("postgresql", tmp_path) as store:
        for number in range(6):
            world, found = await play(store, *drawn(f"postgresql/{number}", 2 + number % 3, 40))
            assert not found, "\n".join([*map(str, found), *world.story])
