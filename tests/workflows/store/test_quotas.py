"""A connection's rate, kept by several processes on one store."""

import asyncio
from itertools import pairwise

import pytest
from sqlalchemy import update

from connectors.errors import RateLimited
from workflows.store.database import Store, open_store
from workflows.store.quotas import SharedQuota
from workflows.store.tables import quotas

pytestmark = pytest.mark.asyncio

GAP = 10.0
"""So long that the test's own time hardly counts."""


async def test_reservations_follow_each_other(store: Store, empty_url: str) -> None:
    other = await open_store(empty_url)
    shared = [SharedQuota(opened, "eng-jira") for opened in (store, other)]
    waits = sorted(await asyncio.gather(*(shared[number % 2].reserve(2, GAP) for number in range(8))))
    await other.close()
    assert waits[0] == 0.0
    assert all(later - before > GAP for before, later in pairwise(waits))
    assert waits[-1] <= 7 * 2 * GAP


async def test_connections_wait_for_themselves(store: Store) -> None:
    assert await SharedQuota(store, "a").reserve(5, GAP) == 0.0
    assert await SharedQuota(store, "b").reserve(5, GAP) == 0.0


async def test_unused_time_is_lost(store: Store) -> None:
    quota = SharedQuota(store, "a")
    await quota.reserve(1, 0.01)
    await asyncio.sleep(0.1)
    assert await quota.reserve(1, GAP) == 0.0
    assert await quota.reserve(1, GAP) > GAP / 2


async def test_rest_is_known_to_all(store: Store) -> None:
    await SharedQuota(store, "a").rest(60.0)
    with pytest.raises(RateLimited, match="a rests") as caught:
        await SharedQuota(store, "a").reserve(1, GAP)
    assert 30 < caught.value.retry_after <= 60
    assert await SharedQuota(store, "b").reserve(1, GAP) == 0.0


async def test_clock_set_back_stops_nothing(store: Store) -> None:
    quota = SharedQuota(store, "a")
    await quota.reserve(1, GAP)
    async with store.begin() as tx:
        await tx.execute(update(quotas).values(next_at=1e12, rests_until=1e12))
    assert await quota.reserve(1, GAP) == 0.0
