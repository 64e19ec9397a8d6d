"""What falls between two steps of a batch: a death, a second attempt, an edit, another version of the file."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.errors import Malformed
from tests.workflows.paper import Desk, Killed, die, mapping, on_paper
from workflows.messages import ScanRequest
from workflows.store import links
from workflows.sync.pairing import pair_records
from workflows.sync.scanning import scan_page

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def desk(empty_url: str) -> AsyncIterator[Desk]:
    """Two sides; where both changed the due date, b wins."""
    async with on_paper(empty_url, mapping(due="prefer b")) as made:
        yield made


async def test_removed_side_harms_nothing(empty_url: str) -> None:
    async with on_paper(empty_url, mapping("abc")) as desk:
        ids = await desk.paired(due="2026-12-01")
        desk.file = mapping("ab")
        desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])
        assert not (await desk.sync(f"a:{ids['a']}")).given_back
        assert desk.values("due") == {"a": ["2026-12-02"], "b": ["2026-12-02"], "c": ["2026-12-01"]}
        assert not await desk.parked()


async def test_first_merge_knows_own_write(desk: Desk) -> None:
    ids = await desk.paired(due="2026-12-01")
    link = await desk.link("a", ids["a"])
    link.base = None
    link.announced = {"b": {"due": ["2026-12-01"]}}
    async with desk.store.begin() as tx:
        await links.settle(tx, [link], 1.0)
    desk.systems["a"].put({"due": "2026-12-09"}, id_=ids["a"])
    await desk.sync(f"a:{ids['a']}", attempt=2)
    assert desk.values("due") == {"a": ["2026-12-09"], "b": ["2026-12-09"]}


async def test_overtaken_attempt_stores_nothing(desk: Desk) -> None:
    ids = await desk.paired(due="2026-12-01")

    async def second_attempt() -> None:
        desk.systems["a"].put({"due": "2026-12-03"}, id_=ids["a"])
        await desk.sync(f"a:{ids['a']}", attempt=2)

    desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])
    desk.systems["b"].after["update"] = second_attempt
    await desk.sync(f"a:{ids['a']}", attempt=1)
    assert (await desk.link("a", ids["a"])).base["due"] == "2026-12-03"  # type: ignore[index]


async def test_overtaken_attempt_comments_once(desk: Desk) -> None:
    ids = await desk.paired()
    for text in ("Hello", "Again"):
        desk.systems["a"].say(ids["a"], text)

    async def second_attempt() -> None:
        desk.tick(100.0)
        await desk.sync(f"a:{ids['a']}", attempt=2)

    desk.systems["b"].before["add_comment"] = second_attempt
    await desk.sync(f"a:{ids['a']}", attempt=1)
    # The request that was under way could not be called back; nothing follows it.
    assert ["Again" in comment.body for comment in desk.systems["b"].talk[ids["b"]]].count(True) == 1


async def test_edit_behind_write_survives(desk: Desk) -> None:
    ids = await desk.paired(due="2026-12-01")
    desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])
    desk.systems["b"].after["update"] = desk.edit("b", ids["b"], due="2026-12-24")
    result = await desk.sync(f"a:{ids['a']}")
    assert result.given_back
    await desk.sync(f"a:{ids['a']}")
    assert desk.values("due") == {"a": ["2026-12-24"], "b": ["2026-12-24"]}


async def test_unreadable_record_harms_itself(desk: Desk) -> None:
    ids = await desk.paired()
    bad = desk.systems["a"].put({"title": "Bad"})
    desk.systems["a"].unreadable.add(bad)
    desk.systems["a"].put({"title": "Two"}, id_=ids["a"])
    result = await desk.sync(f"a:{ids['a']}", f"a:{bad}")
    assert [back.ref for back in result.given_back] == [f"a:issue:{bad}"]
    assert desk.values("title")["b"] == ["Two"]
    assert [(one.ref, one.field) for one in await desk.parked()] == [(f"a:issue:{bad}", "")]


async def test_unreadable_member_is_parked(desk: Desk) -> None:
    ids = await desk.paired()
    desk.systems["b"].unreadable.add(ids["b"])
    await desk.sync(f"a:{ids['a']}")
    assert [one.ref for one in await desk.parked()] == [f"b:issue:{ids['b']}"]
    desk.systems["b"].unreadable.clear()
    await desk.sync(f"a:{ids['a']}")
    assert not await desk.parked()


async def test_unknown_screen_parks_status(empty_url: str) -> None:
    empty = "string(1 / (size(record.fields.title) - size(record.fields.title)))"
    status = f"  status: {{a: status, b: {{field: status, screen: {{Done: {{due: '={empty}'}}}}}}}}\n"
    async with on_paper(empty_url, mapping().replace("comments:", f"{status}comments:")) as desk:
        ids = await desk.paired(status="To Do")
        desk.systems["a"].put({"status": "Done", "title": "Two"}, id_=ids["a"])
        assert not (await desk.sync(f"a:{ids['a']}")).given_back
        assert desk.values("title")["b"] == ["Two"]
        assert [one.field for one in await desk.parked()] == ["status"]


async def test_stale_join_keeps_base(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = await desk.paired(due="2026-12-01")
    link = await desk.link("a", ids["a"])
    copy = desk.systems["c"].put({"title": "One"}, marker=link.id)
    desk.file = mapping("abc", due="prefer b")
    await desk.apply()

    async def meanwhile() -> None:
        desk.systems["a"].put({"due": "2026-12-05"}, id_=ids["a"])
        await desk.sync(f"a:{ids['a']}", owner="another")

    begin, begun = desk.store.begin, itertools.count()

    @asynccontextmanager
    async def begin_late() -> AsyncIterator[AsyncConnection]:
        if next(begun) == 1:
            await meanwhile()
        async with begin() as tx:
            yield tx

    monkeypatch.setattr(desk.store, "begin", begin_late)
    await desk.sync(f"c:{copy}")
    assert (await desk.link("a", ids["a"])).base["due"] == "2026-12-05"  # type: ignore[index]


async def test_death_behind_create_copies_once(desk: Desk) -> None:
    origin = desk.systems["a"].put({"title": "One"})
    desk.systems["b"].after["create"] = die
    with pytest.raises(Killed):
        await desk.sync(f"a:{origin}")
    desk.tick(30.0)
    await desk.sync(f"a:{origin}", attempt=2)
    await desk.sync(f"a:{origin}", attempt=2)
    assert desk.values("title") == {"a": ["One"], "b": ["One"]}


async def test_returning_side_brings_nothing_old(empty_url: str) -> None:
    async with on_paper(empty_url, mapping("abc")) as desk:
        ids = await desk.paired(due="2026-12-01")
        for sides, due in (("ab", "2026-12-02"), ("ab", "2026-12-03")):
            desk.file = mapping(sides)
            desk.systems["a"].put({"due": due}, id_=ids["a"])
            await desk.sync(f"a:{ids['a']}")
        desk.file = mapping("abc")
        await desk.apply()
        await desk.sync(f"c:{ids['c']}", via="apply")
        assert desk.values("due") == {side: ["2026-12-03"] for side in "abc"}


async def test_restored_record_is_in_step(desk: Desk) -> None:
    ids = await desk.paired(due="2026-12-01")
    deleted = desk.systems["b"].records.pop(ids["b"])
    await desk.sync(f"b:{ids['b']}", aspects=["deleted"])
    assert (await desk.link("a", ids["a"])).state == "ended"
    desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])
    assert not (await desk.sync(f"a:{ids['a']}", f"b:{ids['b']}")).written
    desk.systems["b"].records[ids["b"]] = deleted
    await desk.sync(f"b:{ids['b']}")
    assert desk.values("due") == {"a": ["2026-12-02"], "b": ["2026-12-02"]}


async def test_garbled_answer_copies_once(desk: Desk) -> None:
    async def garbled() -> None:
        raise Malformed("no JSON")

    origin = desk.systems["a"].put({"title": "One"})
    desk.systems["b"].after["create"] = garbled
    assert (await desk.sync(f"a:{origin}")).given_back
    for _ in range(2):
        await desk.sync(f"a:{origin}")
    assert desk.values("title")["b"] == ["One"]


async def test_unreadable_page_is_told(desk: Desk) -> None:
    async def broken() -> None:
        raise ValueError("no record")

    desk.systems["a"].before["scan"] = broken
    page = await scan_page(await desk.run(), ScanRequest("m", 0, "here", full=False, scan="one"))
    assert (page.more, page.cursor) == (True, "here")
    assert page.wait
    assert page.alert is not None
    assert "side a cannot be swept" in page.alert


async def test_renamed_side_pairs_nothing(desk: Desk) -> None:
    await desk.paired()
    desk.file = mapping("cb").replace("connection: c", "connection: a")
    result = await pair_records(await desk.run(), lambda _: None)
    assert result.error is not None
    assert "the sides a, which the file no longer names" in result.error
    desk.file = mapping("abc")
    assert (await pair_records(await desk.run(), lambda _: None)).error is None


async def test_failing_side_leaves_nothing_running(empty_url: str) -> None:
    async def fails() -> None:
        raise ValueError("a fault of the connector")

    async with on_paper(empty_url, mapping("abc")) as desk:
        ids = await desk.paired(due="2026-12-01")
        desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])
        desk.systems["b"].before["update"] = fails
        desk.systems["c"].before["update"] = lambda: asyncio.sleep(0)
        assert (await desk.sync(f"a:{ids['a']}")).given_back
        assert desk.values("due") == {"a": ["2026-12-02"], "b": ["2026-12-01"], "c": ["2026-12-02"]}
        await desk.sync(f"a:{ids['a']}")
        assert desk.values("due")["b"] == ["2026-12-02"]


async def test_scan_outlives_removed_side(empty_url: str) -> None:
    async with on_paper(empty_url, mapping("abc")) as desk:
        desk.file = mapping("ab")
        page = await scan_page(await desk.run(), ScanRequest("m", 2, None, full=False, scan="one"))
        assert (page.more, page.last) == (False, True)
        assert page.alert is not None
