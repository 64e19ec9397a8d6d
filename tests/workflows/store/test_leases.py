"""Leases: one owner at a time, taken over by a later attempt of the same batch, and free once they have run out."""

import asyncio

import pytest

from workflows.store import leases
from workflows.store.database import Store

NOW = 1000.0


async def take(store: Store, *keys: str, owner: str = "one", attempt: int = 1, now: float = NOW) -> set[str]:
    async with store.begin() as tx:
        return await leases.take(tx, keys, owner, attempt, now, 60.0)


async def held(store: Store, key: str, owner: str = "one", attempt: int = 1, now: float = NOW) -> bool:
    async with store.read() as tx:
        return bool(await leases.held(tx, [key], owner, attempt, now))


async def test_second_owner_gains_nothing(store: Store) -> None:
    assert await take(store, "a", "b") == {"a", "b"}
    assert await take(store, "b", "c", owner="two") == {"c"}
    assert await held(store, "b")
    assert not await held(store, "b", owner="two")


async def test_later_attempt_takes_over(store: Store) -> None:
    await take(store, "a", attempt=1)
    assert await take(store, "a", attempt=2) == {"a"}
    assert not await held(store, "a", attempt=1)
    assert await held(store, "a", attempt=2)
    assert await take(store, "a", attempt=1) == set()


async def test_lease_runs_out(store: Store) -> None:
    await take(store, "a")
    assert await take(store, "a", owner="two", now=NOW + 59) == set()
    assert not await held(store, "a", now=NOW + 61)
    assert await take(store, "a", owner="two", now=NOW + 61) == {"a"}
    assert not await held(store, "a", now=NOW + 61)


@pytest.mark.parametrize(("attempt", "free"), [(1, False), (2, True), (3, True)])
async def test_release_frees_own_attempts(store: Store, attempt: int, free: bool) -> None:
    await take(store, "a", attempt=2)
    async with store.begin() as tx:
        await leases.release(tx, "one", attempt)
        await leases.release(tx, "two", 9)
    assert (await take(store, "a", owner="two") == {"a"}) is free


async def test_no_keys_gain_nothing(store: Store) -> None:
    assert await take(store) == set()


async def test_rivals_share_without_overlap(store: Store) -> None:
    keys = [f"key-{number}" for number in range(40)]
    gained = await asyncio.gather(*(take(store, *keys, owner=f"rival-{number}") for number in range(6)))
    assert sorted(key for one in gained for key in one) == sorted(keys)
