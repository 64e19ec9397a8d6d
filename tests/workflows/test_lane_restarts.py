"""A lane does the same in every replay, whenever its workers come and go, and whoever looks at it meanwhile."""

import asyncio
from collections.abc import Callable

import pytest
from temporalio.worker import Replayer

from tests.conftest import Place
from tests.workflows.fake_sync import FakeSync, Track, lane, until
from workflows.lane import Lane

ROUNDS = 3


@pytest.fixture(scope="module")
def place(places: Callable[[], Place]) -> Place:
    return places()


async def carried(track: Track, ref: str) -> None:
    """Have a record carried, without looking at the lane."""
    await track.changed(ref)
    await until(lambda: [ref] in track.sync.refs(), f"the batch of {ref}")


async def told_while_down(track: Track, number: int) -> None:
    """Ask, tell, and only then start a worker: it takes up the question before the task of what was told."""
    async with track.worker(cached=0):
        await carried(track, f"a:b:{number}-before")
        await asyncio.sleep(0.6)  # nothing is due any more: a task in waiting would let the question wait for it
    asked = asyncio.gather(track.status(), return_exceptions=True)
    await asyncio.sleep(1.1)  # a `nudge` by the clock of before would have its sweep due at once
    await track.handle.signal(Lane.nudge)
    async with track.worker():
        await asked
        await carried(track, f"a:b:{number}-after")


async def test_restarts_replay_alike(place: Place) -> None:
    async with lane(place, FakeSync(), working=False) as track:
        for number in range(ROUNDS):
            await told_while_down(track, number)
        history = await track.handle.fetch_history()
    await Replayer(workflows=[Lane]).replay_workflow(history)


async def test_nudge_alone_sweeps(place: Place) -> None:
    async with lane(place, FakeSync()) as track:
        await track.reaches(lambda status: not status.sweeping, "an idle lane")
        await track.handle.signal(Lane.nudge)
        await until(lambda: track.sync.scans, "the sweep, without anything else happening")
