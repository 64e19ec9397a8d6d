"""Sweeps and fills as a lane runs them: page by page, from where the last one ended, no faster than it carries."""

from collections.abc import Callable

import pytest

from tests.conftest import Place
from tests.workflows.fake_sync import FakeSync, lane, until
from workflows import policies
from workflows.lane import Lane
from workflows.messages import Note, PairResult, ScanPage, ScanRequest

SIDES, PAGES, PER_PAGE = 2, 3, 10


@pytest.fixture(scope="module")
def place(places: Callable[[], Place]) -> Place:
    return places()


def pages(request: ScanRequest) -> ScanPage:
    """Two sides of three pages; the cursor counts them."""
    number = int(request.cursor or 0) + 1
    notes = [Note(f"side{request.side}:b:{number}-{one}", via="sweep") for one in range(PER_PAGE)]
    return ScanPage(notes, str(number), PER_PAGE, number < PAGES, request.side + 1 == SIDES)


async def test_sweep_pages_every_side(place: Place) -> None:
    async with lane(place, FakeSync(page=pages), asleep=False) as track:
        await track.reaches(lambda status: status.done == SIDES * PAGES * PER_PAGE, "all done")
    asked = [(scan.side, scan.cursor) for scan in track.sync.scans]
    assert asked == [(side, cursor) for side in range(SIDES) for cursor in (None, "1", "2")]


async def test_next_sweep_continues(place: Place) -> None:
    async with lane(place, FakeSync(), sweep=600, asleep=False) as track:
        await until(lambda: track.sync.scans, "the first sweep")
        await track.reaches(lambda status: not status.sweeping, "its end")
        assert await track.skipper.fast_forward(track.handle, 700)
        await until(lambda: len(track.sync.scans) >= 2, "the second sweep")
    first, second = track.sync.scans[:2]
    assert (first.cursor, second.cursor) == (None, "end")
    assert first.scan != second.scan


async def test_full_sweep_starts_over(place: Place) -> None:
    async with lane(place, FakeSync(), asleep=False) as track:
        await until(lambda: track.sync.scans, "the first sweep")
        await track.reaches(lambda status: not status.sweeping, "its end")
        await track.handle.signal(Lane.sweep, True)
        await until(lambda: len(track.sync.scans) == 2, "the full sweep")
    assert [(scan.full, scan.cursor) for scan in track.sync.scans] == [(False, None), (True, None)]


async def test_pages_wait_for_room(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "SCAN_WATERMARK", 5)
    monkeypatch.setattr(policies, "BATCHES_AT_ONCE", 1)
    monkeypatch.setattr(policies, "BATCH_SIZE", 4)
    async with lane(place, FakeSync(page=pages), asleep=False, shut=True) as track:
        await track.reaches(lambda status: status.in_flight == 4 and status.pending == 6, "one page and one batch")
        assert len(track.sync.scans) == 1
        track.sync.gate.set()
        status = await track.reaches(lambda status: status.done == SIDES * PAGES * PER_PAGE, "all done")
    assert status.pending == 0


async def test_failing_page_is_repeated(place: Place) -> None:
    sync = FakeSync()
    sync.page = lambda request: ScanPage(wait=3600.0, more=True) if len(sync.scans) == 1 else pages(request)
    async with lane(place, sync, asleep=False) as track:
        await until(lambda: sync.scans, "the first attempt")
        assert await track.skipper.fast_forward(track.handle, 3700)
        await track.reaches(lambda status: status.done == SIDES * PAGES * PER_PAGE, "all done")
    assert [scan.cursor for scan in sync.scans[:2]] == [None, None]


async def test_fill_tells_its_progress(place: Place) -> None:
    sync = FakeSync(page=pages, pair=lambda _: PairResult(records=60, paired=7, ambiguous=1))
    async with lane(place, sync) as track:
        await track.handle.signal(Lane.apply)
        status = await track.reaches(lambda status: status.fill and status.fill.state == "done", "the end of the fill")
    fill = status.fill
    assert fill is not None
    assert (fill.records, fill.paired, fill.ambiguous) == (60, 7, 1)
    assert (fill.scanned, fill.done, status.missed) == (60, 60, 0)
    assert fill.finished >= fill.started > 0
    assert {(scan.full, scan.again) for scan in sync.scans} == {(True, True)}


async def test_failed_fill_says_why(place: Place) -> None:
    async with lane(place, FakeSync(pair=lambda _: PairResult(error="no project ENG"))) as track:
        await track.handle.signal(Lane.apply)
        status = await track.reaches(lambda status: status.fill and status.fill.state == "failed", "the failure")
        assert status.fill is not None
        assert status.fill.error == "no project ENG"
        await track.changed("a:b:1")
        await track.reaches(lambda status: status.done == 1, "the lane goes on")


async def test_unavailable_fill_is_repeated(place: Place) -> None:
    answers = iter([PairResult(wait=3600.0), PairResult(records=5)])
    async with lane(place, FakeSync(pair=lambda _: next(answers))) as track:
        await track.handle.signal(Lane.apply)
        await track.reaches(lambda status: status.fill and status.fill.state == "pairing", "the first attempt")
        assert await track.skipper.fast_forward(track.handle, 3700)
        status = await track.reaches(lambda status: status.fill and status.fill.state == "done", "the end of the fill")
    assert status.fill is not None
    assert status.fill.records == 5
