"""Requests that nobody answered, workers that stood still, and edits made in the sight of others."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Capability
from connectors.errors import Malformed, Unavailable
from tests.workflows.paper import Desk, mapping, on_paper
from workflows.messages import Note, ScanRequest, merged
from workflows.sync import batch
from workflows.sync.batch import sync_batch
from workflows.sync.scanning import scan_page
from workflows.sync.writing import announce

pytestmark = pytest.mark.asyncio


async def cut() -> None:
    """The request may have left."""
    raise Unavailable("the connection broke")


async def garbled() -> None:
    """It was carried out, and the answer cannot be read."""
    raise Malformed("no JSON")


async def overtaken_by_answer(desk: Desk) -> dict[str, str]:
    """A first write to b had no answer; a second one, of another value, did. Ids by side."""
    ids = await desk.paired(due="2026-12-01")
    desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])
    desk.systems["b"].before["update"] = cut
    await desk.sync(f"a:{ids['a']}")
    desk.systems["a"].put({"due": "2026-12-03"}, id_=ids["a"])
    await desk.sync(f"a:{ids['a']}")
    assert desk.values("due")["b"] == ["2026-12-03"]
    return ids


@pytest.mark.parametrize(("by", "then"), [("bot", "2026-12-03"), ("Ana", "2026-12-02")])
async def test_late_request_is_no_edit(empty_url: str, by: str, then: str) -> None:
    async with on_paper(empty_url, mapping()) as desk:
        ids = await overtaken_by_answer(desk)
        desk.systems["b"].put({"due": "2026-12-02"}, by=by, id_=ids["b"])  # the late request, or a person
        await desk.sync(f"b:{ids['b']}", via="sweep")
        assert desk.values("due") == {"a": [then], "b": [then]}


@pytest.mark.parametrize("policy", ["latest", "prefer b", "prefer a"])
async def test_stalled_update_overwrites_nothing(empty_url: str, policy: str) -> None:
    async with on_paper(empty_url, mapping(due=policy)) as desk:
        ids = await desk.paired(due="2026-12-01")

        async def second_attempt() -> None:
            desk.tick(10.0)
            desk.systems["a"].put({"due": "2026-12-03"}, id_=ids["a"])
            await desk.sync(f"a:{ids['a']}", attempt=2)
            desk.tick(10.0)

        desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])
        desk.systems["b"].before["update"] = second_attempt
        await desk.sync(f"a:{ids['a']}", attempt=1)
        await desk.sync(f"b:{ids['b']}", via="sweep", owner="later")
        assert desk.values("due") == {"a": ["2026-12-03"], "b": ["2026-12-03"]}


async def test_stalled_create_doubles_nothing(empty_url: str) -> None:
    async with on_paper(empty_url, mapping()) as desk:
        origin = desk.systems["a"].put({"title": "One"})

        async def second_attempt() -> None:
            desk.tick(30.0)
            for attempt in (2, 3):
                await desk.sync(f"a:{origin}", attempt=attempt)

        desk.systems["b"].before["create"] = second_attempt
        await desk.sync(f"a:{origin}", attempt=1)
        # A note that comes right then knows nothing of the takeover but what the store says.
        assert (await desk.sync(f"a:{origin}", owner="soon")).given_back
        assert not desk.systems["b"].records
        desk.tick(30.0)
        await desk.sync(f"a:{origin}", owner="later")
        assert desk.values("title")["b"] == ["One"]


@pytest.mark.parametrize("side", ["a", "b"])
async def test_half_told_edit_is_taken_back(empty_url: str, side: str) -> None:
    async with on_paper(empty_url, mapping("abc", due="prefer a")) as desk:
        ids = await desk.paired(due="2026-12-01")
        desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])
        desk.systems["c"].before["update"] = cut
        await desk.sync(f"a:{ids['a']}")
        desk.systems[side].put({"due": "2026-12-01"}, id_=ids[side])
        await desk.sync(f"{side}:{ids[side]}")
        assert desk.values("due") == {each: ["2026-12-01"] for each in "abc"}


async def test_edit_of_new_copy_survives(empty_url: str) -> None:
    async with on_paper(empty_url, mapping()) as desk:
        origin = desk.systems["a"].put({"title": "One", "due": "2026-12-01"})
        desk.systems["b"].after["create"] = garbled
        await desk.sync(f"a:{origin}")
        copy = next(iter(desk.systems["b"].records))
        desk.systems["b"].put({"due": "2026-12-24"}, id_=copy)
        for _ in range(3):
            desk.tick(10.0)
            await desk.sync(f"a:{origin}", f"b:{copy}", via="sweep")
        assert desk.values("due") == {"a": ["2026-12-24"], "b": ["2026-12-24"]}


async def test_second_copy_is_no_record(empty_url: str) -> None:
    async with on_paper(empty_url, mapping("abc")) as desk:
        ids = await desk.paired(due="2026-12-01")
        link = await desk.link("a", ids["a"])
        double = desk.systems["b"].put({"title": "One"}, by="bot", marker=link.id)
        await desk.sync(f"b:{double}")
        assert len(desk.systems["a"].records) == len(desk.systems["c"].records) == 1
        assert [one.ref for one in await desk.parked()] == [f"b:issue:{double}"]


async def test_unstorable_record_harms_itself(empty_url: str) -> None:
    async with on_paper(empty_url, mapping()) as desk:
        bad, good = await desk.paired(), await desk.paired()
        a = desk.systems["a"]
        for ids in (bad, good):
            a.put({"due": "2026-12-02"}, id_=ids["a"])
        a.records[bad["a"]] = replace(a.records[bad["a"]], url="http://a.example/\ud800")
        await desk.sync(*(f"a:{ids['a']}" for ids in (bad, good)))
        assert not (await desk.link("a", good["a"])).announced
        assert [one.ref for one in await desk.parked()] == [f"a:issue:{bad['a']}"]


async def test_full_sweep_finds_hidden_comment(empty_url: str) -> None:
    async with on_paper(empty_url, mapping()) as desk:
        ids = await desk.paired()
        desk.systems["a"].say(ids["a"], "Hello")
        desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])
        await desk.sync(f"b:{ids['b']}", aspects=["fields"])
        page = await scan_page(await desk.run(), ScanRequest("m", 0, None, full=True, scan="one"))
        assert [note.aspects for note in page.notes] == [["attachments", "comments"]]


async def test_late_turn_looks_again(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that waited for its turn goes out only if nobody has edited the record meanwhile."""
    async with on_paper(empty_url, mapping()) as desk:
        ids = await desk.paired(due="2026-12-01")
        desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])

        async def announce_late(*told: Any) -> None:
            await announce(*told)
            desk.tick(5.0)
            desk.systems["b"].put({"due": "2026-12-24"}, id_=ids["b"])
            monkeypatch.undo()

        monkeypatch.setattr(batch, "announce", announce_late)
        assert (await desk.sync(f"a:{ids['a']}")).given_back
        await desk.sync(f"a:{ids['a']}")
        assert desk.values("due") == {"a": ["2026-12-24"], "b": ["2026-12-24"]}


async def test_value_may_be_put_back(empty_url: str) -> None:
    """Our write took effect, and nobody told us; then somebody puts back what was there before."""
    async with on_paper(empty_url, mapping(due="prefer a")) as desk:
        ids = await desk.paired(due="2026-12-01")
        desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])
        desk.systems["b"].after["update"] = cut
        await desk.sync(f"a:{ids['a']}")
        assert desk.values("due")["b"] == ["2026-12-02"]
        desk.tick(1.0)
        desk.systems["b"].put({"due": "2026-12-01"}, id_=ids["b"])
        await desk.sync(f"b:{ids['b']}", f"a:{ids['a']}")
        assert desk.values("due") == {"a": ["2026-12-01"], "b": ["2026-12-01"]}


async def test_own_echo_is_no_second_copy(empty_url: str) -> None:
    """The webhook of a copy overtakes the commit that makes it a member."""
    async with on_paper(empty_url, mapping()) as desk:
        origin = desk.systems["a"].put({"title": "One"})

        async def echo() -> None:
            copy = next(iter(desk.systems["b"].records))
            desk.systems["b"].before["fetch"] = lambda: first.wait()  # type: ignore[assignment, return-value]
            echoes.append(asyncio.create_task(desk.sync(f"b:{copy}", owner="echo")))
            await asyncio.sleep(0.05)

        first, echoes = asyncio.Event(), list[asyncio.Task[Any]]()
        desk.systems["b"].after["create"] = echo
        await desk.sync(f"a:{origin}")
        first.set()
        assert (await echoes[0]).given_back
        assert not await desk.parked()


@pytest.mark.parametrize("heard", [True, False])
@pytest.mark.parametrize("history", [True, False])
async def test_label_added_beside_ours_survives(empty_url: str, *, heard: bool, history: bool) -> None:
    """Sets are told what to add: what a person added between our look and our write is still there, and theirs."""
    async with on_paper(empty_url, mapping(labels="union")) as desk:
        ids = await desk.paired(labels=["old"])
        b = desk.systems["b"]
        if not history:
            b.capabilities = b.capabilities - {Capability.HISTORY}
        desk.systems["a"].put({"labels": ["ours"]}, id_=ids["a"])
        b.before["update"] = desk.edit("b", ids["b"], labels=["old", "theirs"])
        if not heard:
            b.after["update"] = cut
        for _ in range(3):
            desk.tick(10.0)
            await desk.sync(f"a:{ids['a']}", f"b:{ids['b']}", via="sweep")
        for side in "ab":
            (record,) = desk.systems[side].records.values()
            labels = record.fields["labels"]
            assert isinstance(labels, list)
            assert set(labels) == {"ours", "theirs"}


async def test_write_taken_back_at_once_stays_so(empty_url: str) -> None:
    """Somebody removes what we wrote before we have read what it left, which looks as if we had written nothing."""
    async with on_paper(empty_url, mapping()) as desk:
        ids = await desk.paired(due="2026-12-01")
        b = desk.systems["b"]
        desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])

        async def take_back() -> None:
            desk.tick(1.0)
            b.put({"due": "2026-12-01"}, id_=ids["b"])

        b.after["update"] = take_back
        for _ in range(3):
            await desk.sync(f"a:{ids['a']}", f"b:{ids['b']}", via="sweep")
        assert desk.values("due") == {"a": ["2026-12-01"], "b": ["2026-12-01"]}


async def test_overwritten_edit_is_told(empty_url: str) -> None:
    """No system writes on condition: what was entered between our look and our write is named, by its webhook."""
    async with on_paper(empty_url, mapping()) as desk:
        ids = await desk.paired(due="2026-12-01")
        desk.tick(60.0)
        desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])
        b = desk.systems["b"]

        async def edit() -> None:
            desk.tick(0.1)
            b.put({"due": "2026-12-24"}, id_=ids["b"])
            heard.append(b.records[ids["b"]].updated.timestamp())
            desk.tick(0.1)

        heard: list[float] = []
        b.before["update"] = edit
        await desk.sync(f"a:{ids['a']}")
        edited = Note(f"b:issue:{ids['b']}", by="Bo", as_of=heard[0])
        echo = Note(edited.ref, by="Syncline Bot", as_of=b.records[ids["b"]].updated.timestamp())
        await sync_batch(await desk.run(), [merged(edited, echo)])
        for via in ("webhook", "sweep"):
            await desk.sync(f"b:{ids['b']}", via=via)
            ((one),) = await desk.parked()
            assert (one.side, one.field) == ("b", "due")
            assert one.reason.startswith("Bo edited it at ")
        await desk.sync(f"b:{ids['b']}", via="retry")
        assert not await desk.parked()


async def test_edit_before_the_second_telling_is_no_answer_to_it(empty_url: str) -> None:
    """Two writes to b went unanswered; what was entered there between them saw the first at most."""
    async with on_paper(empty_url, mapping("abc", due="prefer a")) as desk:
        ids = await desk.paired(due="2026-12-01")
        a, b = desk.systems["a"], desk.systems["b"]
        for day in ("2026-12-02", "2026-12-03"):
            desk.tick(5.0)
            a.put({"due": day}, id_=ids["a"])
            b.before["update"] = cut
            if day == "2026-12-03":
                b.put({"due": "2026-12-24"}, id_=ids["b"])
            desk.tick(5.0)
            await desk.sync(f"a:{ids['a']}")
        for _ in range(3):
            desk.tick(10.0)
            await desk.sync(f"a:{ids['a']}", f"b:{ids['b']}", via="sweep")
        assert desk.values("due") == {side: ["2026-12-03"] for side in "abc"}
