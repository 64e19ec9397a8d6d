"""Links, their members and intents."""

import pytest
from sqlalchemy.exc import IntegrityError

from workflows.store import links
from workflows.store.database import Store
from workflows.store.links import Link, Member

VALUES = {"title": "Launch 启动 🚀", "due": None, "effort": 2.5, "done": True, "labels": ["a", "ü"]}


async def added(store: Store, id_: str, **members: str) -> Link:
    """A stored link with these members, and an intent for side `new`."""
    link = Link(id_, "m", members={side: Member(side, external_id) for side, external_id in members.items()})
    link.intents = {"new": None}
    async with store.begin() as tx:
        await links.add(tx, [link], 1.0)
    return link


async def loaded(store: Store, id_: str) -> Link:
    async with store.read() as tx:
        return (await links.load(tx, [id_]))[id_]


async def test_link_reads_as_stored(store: Store) -> None:
    link = await added(store, "one", a="1", b="2")
    link.base, link.shown, link.announced = dict(VALUES), {"a": {"due": "2026-01-01"}}, {"b": {"title": ["x", None]}}
    link.members["a"].version, link.members["b"].gone, link.state = "v7", True, "ended"
    async with store.begin() as tx:
        await links.settle(tx, [link], 2.0)
    again = await loaded(store, "one")
    assert again == link


async def test_announcement_reads_as_stored(store: Store) -> None:
    link = await added(store, "one", a="1")
    link.announced, link.base = {"a": {"title": ["old", "new"]}}, {"title": "old"}
    async with store.begin() as tx:
        await links.announce(tx, [link])
    again = await loaded(store, "one")
    assert (again.announced, again.base, again.shown) == (link.announced, link.base, {})


async def test_record_has_one_link(store: Store) -> None:
    await added(store, "one", a="1")
    with pytest.raises(IntegrityError):
        await added(store, "two", a="1")
    async with store.read() as tx:
        assert await links.load(tx, ["two"]) == {}
        assert await links.find(tx, "m", [("a", "1"), ("a", "2")]) == {("a", "1"): "one"}
        assert await links.find(tx, "other", [("a", "1")]) == {}


async def test_joining_fulfils_the_intent(store: Store) -> None:
    one, two = await added(store, "one", a="1"), await added(store, "two", a="2")
    async with store.begin() as tx:
        await links.attempt(tx, [("one", "new")], 5.0)
        assert (await links.load(tx, ["one"]))["one"].intents == {"new": 5.0}
        assert await links.join(tx, one, Member("new", "9"))
        assert not await links.join(tx, two, Member("new", "9"))
        assert not await links.join(tx, one, Member("new", "10"))
    assert (await loaded(store, "one")).intents == {}
    assert (await loaded(store, "two")).intents == {"new": None}


async def test_many_links_are_found(store: Store) -> None:
    many = [Link(f"l{number}", "m", members={"a": Member("a", str(number))}) for number in range(1000)]
    async with store.begin() as tx:
        await links.add(tx, many, 1.0)
        found = await links.find(tx, "m", [("a", str(number)) for number in range(1200)])
        assert len(found) == 1000
        assert len(await links.load(tx, found.values())) == 1000
        assert await links.count(tx, "m") == {"active": 1000}


async def test_full_scan_tells_unseen(store: Store) -> None:
    for number in range(3):
        await added(store, f"l{number}", a=str(number))
    async with store.begin() as tx:
        await links.mark_seen(tx, "m", "a", ["0", "2", "77"], "scan-1")
        assert await links.unseen(tx, "m", "a", "scan-1", started=2.0) == (["1"], 3)
        assert await links.unseen(tx, "m", "a", "scan-1", started=0.5) == ([], 0)
        assert await links.versions(tx, "m", "a", ["0", "77"]) == {"0": links.Seen("", "", 0.0)}
