"""Requests of one connection: spaced, also where several processes share the rate, and never in a burst."""

import asyncio
import time

import pytest

from connectors.errors import RateLimited
from connectors.guard import NotOurs, guard
from connectors.throttle import OwnQuota, Throttle

pytestmark = pytest.mark.asyncio


class Counted(OwnQuota):
    """Says how often it was asked, and for how much."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []
        self.rests: list[float] = []

    async def reserve(self, starts: int, gap: float) -> float:
        self.asked.append(starts)
        return await super().reserve(starts, gap)

    async def rest(self, seconds: float) -> None:
        self.rests.append(seconds)


def throttle(rate: float | None, quota: OwnQuota) -> Throttle:
    made = Throttle(rate, 8)
    made.share(quota)
    return made


async def started(throttles: list[Throttle], calls: int) -> list[float]:
    """When each call started, in order."""
    moments: list[float] = []
    each = (one.call(lambda: moments.append(time.monotonic())) for one in throttles for _ in range(calls))
    await asyncio.gather(*each)
    for one in throttles:
        one.close()
    return sorted(moments)


@pytest.mark.parametrize("workers", [1, 3])
async def test_all_together_keep_rate(workers: int) -> None:
    quota = Counted()
    moments = await started([throttle(50.0, quota) for _ in range(workers)], 90 // workers)
    # 90 starts are 89 gaps of 0.02 s; a machine that is busy makes them more, never fewer.
    assert 1.2 < moments[-1] - moments[0] < 20
    assert len(quota.asked) <= 12 * workers


async def test_no_rate_asks_nobody() -> None:
    quota = Counted()
    await started([throttle(None, quota)], 20)
    assert quota.asked == []


async def test_lapsed_starts_are_lost() -> None:
    quota = Counted()
    one = throttle(10.0, quota)
    await asyncio.gather(*(one.call(time.monotonic) for _ in range(8)))
    time.sleep(2.0)  # the whole process stands still, as when it is stopped
    moments = await started([one], 8)
    assert moments[-1] - moments[0] > 0.3


async def test_rest_stops_further_requests() -> None:
    def limited() -> None:
        raise RateLimited("slow down", 30.0)

    quota = Counted()
    one = throttle(50.0, quota)
    for function in (limited, time.monotonic):
        with pytest.raises(RateLimited):
            await one.call(function)
    assert quota.rests == [30.0]
    one.close()


async def test_other_workers_rest_too() -> None:
    class Resting(Counted):
        async def reserve(self, starts: int, gap: float) -> float:
            await super().reserve(starts, gap)
            raise RateLimited("it rests", 30.0)

    quota = Resting()
    one = throttle(50.0, quota)
    for _ in range(5):
        with pytest.raises(RateLimited):
            await one.call(time.monotonic)
    assert quota.asked == [2]
    one.close()


class Keeper:
    """Fresh as often as it is told; then it must be asked, and `ours` decides."""

    def __init__(self, fresh: list[bool], *, ours: bool) -> None:
        self.fresh, self.ours = fresh, ours

    def is_fresh(self) -> bool:
        return self.fresh.pop(0)

    async def renew(self) -> None:
        if not self.ours:
            raise NotOurs


@pytest.mark.parametrize(
    ("fresh", "ours", "sent"),
    [([True, True], False, True), ([False, True], True, True), ([False], False, False), ([True, False], True, False)],
)
async def test_lost_work_sends_nothing(fresh: list[bool], *, ours: bool, sent: bool) -> None:
    one = throttle(None, Counted())
    calls: list[bool] = []
    guard.set(Keeper(fresh, ours=ours))
    try:
        await one.call(calls.append, True)
    except NotOurs:
        assert not sent
    assert bool(calls) is sent
    one.close()
