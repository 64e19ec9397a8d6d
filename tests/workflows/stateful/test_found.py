"""What long histories found, each as the few steps that it takes."""

from dataclasses import replace

import pytest

from connectors.errors import Malformed, Unavailable
from tests.workflows.paper import Desk, mapping, on_paper
from workflows.sync.pairing import pair_records

pytestmark = pytest.mark.asyncio


async def cut() -> None:
    """The connection breaks."""
    raise Unavailable("the connection broke")


async def garbled() -> None:
    """What comes back is no answer."""
    raise Malformed("no JSON")


async def broken() -> None:
    """The connector has a fault."""
    raise ValueError("a fault of the connector")


async def look(desk: Desk, ids: dict[str, str]) -> None:
    """Everything is looked at until it is in step."""
    for _ in range(3):
        desk.tick(10.0)
        await desk.sync(*(f"{side}:{id_}" for side, id_ in ids.items()), via="sweep")


@pytest.mark.parametrize("policy", ["prefer a", "latest", "ask"])
async def test_answer_beats_what_it_answers(empty_url: str, policy: str) -> None:
    async with on_paper(empty_url, mapping("abc", due=policy)) as desk:
        ids = await desk.paired(due="2026-12-01")
        desk.systems["a"].put({"due": "2026-12-02"}, id_=ids["a"])
        desk.systems["c"].before["update"] = cut
        await desk.sync(f"a:{ids['a']}")
        desk.systems["b"].put({"due": "2026-12-24"}, id_=ids["b"])
        await look(desk, ids)
        assert desk.values("due") == {side: ["2026-12-24"] for side in "abc"}


@pytest.mark.parametrize("policy", ["prefer a", "ask"])
async def test_edit_of_new_copy_survives(empty_url: str, policy: str) -> None:
    async with on_paper(empty_url, mapping(due=policy)) as desk:
        origin = desk.systems["a"].put({"title": "One", "due": "2026-12-01"})
        desk.systems["b"].after["create"] = garbled
        await desk.sync(f"a:{origin}")
        copy = next(iter(desk.systems["b"].records))
        desk.systems["b"].put({"due": "2026-12-24"}, id_=copy)
        await look(desk, {"a": origin, "b": copy})
        assert desk.values("due") == {"a": ["2026-12-24"], "b": ["2026-12-24"]}


async def test_broken_listing_is_told(empty_url: str) -> None:
    async with on_paper(empty_url, mapping()) as desk:
        desk.systems["a"].before["scan"] = broken
        result = await pair_records(await desk.run(), lambda _: None)
        assert result.error or result.wait


async def test_found_comment_gets_new_text(empty_url: str) -> None:
    async with on_paper(empty_url, mapping()) as desk:
        ids = await desk.paired()
        said = desk.systems["a"].say(ids["a"], "Hello")
        desk.systems["b"].after["add_comment"] = cut
        await desk.sync(f"a:{ids['a']}")
        desk.systems["a"].talk[ids["a"]] = [replace(said, body="Hello again")]
        await look(desk, ids)
        assert [comment.body.endswith("Hello again") for comment in desk.systems["b"].talk[ids["b"]]] == [True]
