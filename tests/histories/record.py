"""Records the histories that `tests/workflows/test_histories.py` replays: `python -m tests.histories.record`.

A recorded history stands for lanes that run somewhere now: where replaying one fails, the change of the lane would
break those. Record anew only for a new situation, or once no lane with the old order of commands can be running.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.conftest import Place
from tests.service import NAMESPACES, temporal
from tests.workflows.fake_sync import FakeSync, Track, lane
from workflows.lane import Lane
from workflows.messages import BatchResult, GivenBack, Note, PairResult, ScanPage, ScanRequest

HERE = Path(__file__).parent


async def _burst_and_backfill(track: Track) -> None:
    await track.handle.signal(Lane.pause)
    await track.changed(*(f"a:old:{number}" for number in range(120)), backfill=True)
    await track.changed("a:new:1", "a:new:2", "a:new:1")
    await track.handle.signal(Lane.resume)
    await track.reaches(lambda status: status.done == 122, "all done")


async def _given_back(track: Track) -> None:
    sync = track.sync
    sync.answer = lambda batch: BatchResult([GivenBack(batch.notes[0].ref, 0.2)] if len(sync.batches) < 4 else [])
    await track.changed("a:b:1")
    await track.reaches(lambda status: status.done == 1, "done at last")


async def _fill(track: Track) -> None:
    def page(request: ScanRequest) -> ScanPage:
        number = int(request.cursor or 0) + 1
        notes = [Note(f"side{request.side}:b:{number}", via="sweep")]
        return ScanPage(notes, str(number), 1, number < 3, request.side == 1)

    track.sync.page, track.sync.pair = page, lambda _: PairResult(records=6, paired=1)
    await track.handle.signal(Lane.apply)
    await track.reaches(lambda status: status.fill and status.fill.state == "done", "the end of the fill")


async def _renewed(track: Track) -> None:
    first = (await track.handle.describe()).run_id
    for number in range(400):
        await track.changed(f"a:b:{number}")
    await track.reaches(lambda status: status.done == 400, "all done")
    assert (await track.handle.describe()).run_id != first


async def _removed(track: Track) -> None:
    track.sync.answer = lambda _: BatchResult(removed=True)
    await track.changed("a:b:1")
    await track.handle.result()


SITUATIONS: dict[str, Callable[[Track], Awaitable[None]]] = {
    "lane__burst_and_backfill": _burst_and_backfill,
    "lane__given_back": _given_back,
    "lane__fill": _fill,
    "lane__renewed": _renewed,
    "lane__removed": _removed,
}


async def record(place: Place) -> None:
    """Play each situation and write its history beside this file."""
    for name, play in SITUATIONS.items():
        async with lane(place, FakeSync()) as track:
            await play(track)
            history = await track.handle.fetch_history()
        (HERE / f"{name}.json").write_text(history.to_json(), encoding="utf-8")


if __name__ == "__main__":
    with temporal() as address:
        asyncio.run(record(Place(address, NAMESPACES[0])))
