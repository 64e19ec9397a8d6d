"""What is kept beside links: parked records and conflicts, the journal, copies of remarks, hooks and cursors."""

import asyncio

import pytest

from workflows.store import cursors, hooks, journal, links, parking, remarks
from workflows.store.database import Store
from workflows.store.journal import Entry, Kind
from workflows.store.links import Link, Member
from workflows.store.parking import Parked
from workflows.store.remarks import Row


async def test_parking_keeps_the_date(store: Store) -> None:
    first = Parked("m", "l", "a", "title", "c:o:1", "too long", "x" * 300)
    async with store.begin() as tx:
        await parking.park(tx, [first, Parked("m", "l", "b", "", "c:o:2", "refused")], 10.0)
        await parking.park(tx, [Parked("m", "l", "a", "title", "c:o:1", "still too long", "y")], 20.0)
        rows = await parking.listed(tx, "m")
        assert [(row.side, row.reason, row.value, row.since) for row in rows] == [
            ("a", "still too long", "y", 10.0),
            ("b", "refused", None, 10.0),
        ]
        assert sorted((await parking.of_links(tx, ["l"]))["l"], key=lambda row: row.id) == rows
        await parking.drop(tx, [rows[0].id])
        assert await parking.counted(tx, "m") == (1, 0)


async def test_conflict_opens_and_closes(store: Store) -> None:
    async with store.begin() as tx:
        await links.add(tx, [Link("l", "m", members={"a": Member("a", "1")})], 1.0)
        await parking.open_conflict(tx, "m", "l", "effort", {"a": 1, "b": 2}, 1.0)
        await parking.open_conflict(tx, "m", "l", "effort", {"a": 1, "b": 3}, 2.0)
        assert await parking.open_fields(tx, ["l"]) == {"l": {"effort"}}
        assert await parking.counted(tx, "m") == (0, 1)
        await parking.close_conflicts(tx, "l", ["effort"])
        assert await parking.open_fields(tx, ["l"]) == {}


async def test_journal_tells_the_newest(store: Store) -> None:
    told = [Entry(Kind.WROTE, "m", "l", "a", "c:o:1", field, {"after": field}) for field in ("x", "y", "x")]
    told.append(Entry(Kind.LINKED, "m", "l", data={"reason": "paired"}))
    async with store.begin() as tx:
        await journal.write(tx, told, 5.0)
        await journal.write(tx, [], 6.0)
        assert [entry.field for entry in await journal.of_link(tx, "l", None, 3)] == ["y", "x", None]
        of_x = await journal.of_link(tx, "l", "x", 10)
    assert [(entry.kind, entry.field, entry.at) for entry in of_x] == [
        (Kind.WROTE, "x", 5.0),
        (Kind.WROTE, "x", 5.0),
        (Kind.LINKED, None, 5.0),
    ]


@pytest.mark.parametrize("kind", ["comments", "attachments"])
async def test_remark_row_is_replaced(store: Store, kind: str) -> None:
    intended = Row("a", "1", "b", "digest", None, 3.0)
    done = Row("a", "1", "b", "digest-2", "99")
    async with store.begin() as tx:
        await links.add(tx, [Link("l", "m", members={"a": Member("a", "1")})], 1.0)
        await remarks.put(tx, "l", kind, intended)
        assert await remarks.of_link(tx, "l", kind) == [intended]
        await remarks.put(tx, "l", kind, done)
        assert await remarks.of_link(tx, "l", kind) == [done]
        assert await remarks.of_link(tx, "l", "other") == []
        await remarks.forget(tx, "l", kind, [done])
        assert await remarks.of_link(tx, "l", kind) == []


async def test_handshake_needs_expectation(store: Store) -> None:
    async with store.begin() as tx:
        assert not await hooks.hand_over(tx, "c", "h", "planted", 10.0)
        await hooks.expect(tx, "c", "h", 20.0)
        assert not await hooks.hand_over(tx, "c", "h", "late", 21.0)
        assert await hooks.hand_over(tx, "c", "h", "good", 19.0)
        await hooks.registered(tx, "c", "h", "77")
        assert not await hooks.hand_over(tx, "c", "h", "later", 19.0)
        await hooks.expect(tx, "c", "h", 40.0)
        assert await hooks.secret(tx, "c", "h") == "good"
        await hooks.forget(tx, "c", "h")
        assert await hooks.secret(tx, "c", "h") is None


async def test_cursor_and_fingerprint_replace(store: Store) -> None:
    async with store.begin() as tx:
        assert await cursors.fingerprint(tx, "m") is None
        for now, word in ((1.0, "one"), (2.0, "two")):
            await cursors.accept(tx, "m", "a", word, now)
            await cursors.apply(tx, "m", word, now)
        assert await cursors.swept(tx, "m") == {"a": 2.0}
        assert await cursors.fingerprint(tx, "m") == "two"


async def half_a_write(store: Store) -> None:
    async with store.begin() as tx:
        await cursors.apply(tx, "m", "half", 1.0)
        raise RuntimeError


async def test_raising_block_keeps_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError):
        await half_a_write(store)
    async with store.read() as tx:
        assert await cursors.fingerprint(tx, "m") is None


async def test_writers_wait_for_another(store: Store) -> None:
    async def write(number: int) -> None:
        async with store.begin() as tx:
            await cursors.swept(tx, "m")
            await journal.write(tx, [Entry(Kind.WROTE, "m", "l", data={"number": number})], 1.0)

    await asyncio.gather(*(write(number) for number in range(20)))
    async with store.read() as tx:
        told = await journal.of_link(tx, "l", None, 100)
    assert sorted(entry.data["number"] for entry in told) == list(range(20))
