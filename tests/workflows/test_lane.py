"""The lane keeps its promises: bursts coalesced, records never twice at once, memory bounded, nothing forgotten."""

import time
from collections.abc import Callable

import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationError

from tests.conftest import Place
from tests.workflows.fake_sync import FakeSync, lane, until
from workflows import policies
from workflows.lane import Lane
from workflows.messages import Batch, BatchResult, GivenBack, Note, Pause, ScanPage, ScanRequest


@pytest.fixture(scope="module")
def place(places: Callable[[], Place]) -> Place:
    return places()


async def test_burst_becomes_one(place: Place) -> None:
    async with lane(place, FakeSync()) as track:
        await track.handle.signal(Lane.pause)
        for aspect in ("fields", "comments", "fields", "attachments"):
            await track.changed("a:b:1", aspects=[aspect])
        await track.reaches(lambda status: status.taken == 4, "taken in while paused")
        assert not track.sync.batches
        await track.handle.signal(Lane.resume)
        await track.reaches(lambda status: status.done == 1, "one done")
    assert track.sync.refs() == [["a:b:1"]]
    assert track.sync.batches[0].notes[0].aspects == ["attachments", "comments", "fields"]


async def test_record_never_runs_twice(place: Place) -> None:
    async with lane(place, FakeSync(), shut=True) as track:
        await track.changed("a:b:1")
        await until(lambda: track.sync.batches, "the first batch")
        await track.changed("a:b:1", "a:b:2")
        await until(lambda: len(track.sync.batches) == 2, "the other record's batch")
        assert track.sync.refs() == [["a:b:1"], ["a:b:2"]]
        track.sync.gate.set()
        await track.reaches(lambda status: status.done == 3, "the edit that came meanwhile")
    assert track.sync.refs()[2] == ["a:b:1"]
    assert track.sync.most_at_once == 1


async def test_edits_precede_backfill(place: Place) -> None:
    async with lane(place, FakeSync()) as track:
        await track.handle.signal(Lane.pause)
        await track.changed(*(f"a:old:{number}" for number in range(120)), backfill=True)
        await track.changed("a:new:1", "a:new:2", "a:old:119")
        await track.handle.signal(Lane.resume)
        await track.reaches(lambda status: status.done == 122, "all done")
    first = next(refs for refs in track.sync.refs() if "a:new:1" in refs)
    assert first[:3] == ["a:old:119", "a:new:1", "a:new:2"]
    assert max(map(len, track.sync.refs())) <= policies.BATCH_SIZE


async def test_given_back_waits(place: Place) -> None:
    sync = FakeSync()
    sync.answer = lambda batch: BatchResult([GivenBack(batch.notes[0].ref, 3600)] if len(sync.batches) == 1 else [])
    async with lane(place, sync) as track:
        await track.changed("a:b:1")
        await track.reaches(lambda status: sync.batches and status.pending and not status.in_flight, "given back")
        await track.changed("a:b:2")
        await track.reaches(lambda status: status.done == 1, "the other one done")
        assert sync.refs() == [["a:b:1"], ["a:b:2"]]
        assert await track.skipper.fast_forward(track.handle, 3700)
        await track.reaches(lambda status: status.done == 2, "done after its time")
    assert sync.refs()[2] == ["a:b:1"]


async def test_idle_lane_wakes_itself(place: Place) -> None:
    sync = FakeSync()
    sync.answer = lambda batch: BatchResult([GivenBack(batch.notes[0].ref, 0.2)] if len(sync.batches) < 4 else [])
    async with lane(place, sync) as track:
        await track.changed("a:b:1")
        await track.reaches(lambda status: status.done == 1, "the fourth attempt, without anything else happening")
    assert len(sync.batches) == 4


@pytest.mark.parametrize("signal", ["resume", "nudge"])
async def test_signal_ends_the_wait(place: Place, signal: str) -> None:
    sync = FakeSync()
    sync.answer = lambda batch: BatchResult([GivenBack(batch.notes[0].ref, 3600)] if len(sync.batches) == 1 else [])
    sync.page = lambda _: ScanPage(wait=3600.0, more=True) if len(sync.scans) == 1 else ScanPage(cursor="end")
    async with lane(place, sync) as track:
        await track.handle.signal(Lane.sweep, False)
        await track.changed("a:b:1")
        await track.reaches(lambda status: sync.batches and sync.scans and not status.in_flight, "told to wait")
        await track.reaches(lambda status: status.done == 1 and not status.sweeping, "done at once", signal=signal)


async def test_what_was_asked_for_shows_at_once(place: Place) -> None:
    """A command that follows another at once must not read of the time before it."""
    async with lane(place, FakeSync()) as track:
        for _ in range(5):
            await track.changed("a:b:1")
            await track.handle.signal(Lane.pause)
            assert (await track.status()).stopped
            await track.handle.signal(Lane.resume)
            assert not (await track.status()).stopped


async def test_second_fill_is_not_taken_for_the_first(place: Place) -> None:
    async with lane(place, FakeSync()) as track:
        started: list[float] = []
        for _ in range(3):
            await track.handle.signal(Lane.apply)
            fill = (await track.status()).fill
            assert fill is not None
            assert fill.started not in started
            started.append(fill.started)
            await track.reaches(lambda status: status.idle and status.fill and status.fill.over, "the end of the fill")


async def test_paused_connection_is_skipped(place: Place) -> None:
    def answer(batch: Batch) -> BatchResult:
        match batch.notes[0].ref:
            case "a:b:down":
                return BatchResult(paused={"a": Pause(time.time() + 3600, "429")})
            case "a:b:up":
                return BatchResult(answered=["a"])
        return BatchResult()

    async with lane(place, FakeSync(answer)) as track:
        for done, ref in enumerate(("a:b:down", "a:b:1", "a:b:up", "a:b:2"), 1):
            await track.changed(ref)
            await track.reaches(lambda status, done=done: status.done == done, ref)  # type: ignore[misc]
    assert [batch.skip for batch in track.sync.batches] == [[], ["a"], ["a"], []]


async def test_overflow_calls_a_sweep(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "PENDING_AT_MOST", 20)
    async with lane(place, FakeSync()) as track:
        await track.handle.signal(Lane.pause)
        await track.changed(*(f"a:b:{number}" for number in range(60)))
        assert (await track.reaches(lambda status: status.taken == 60, "taken")).pending == 20
        await track.handle.signal(Lane.resume)
        await until(lambda: track.sync.scans, "the sweep")
        await track.reaches(lambda status: status.done == 20 and not status.sweeping, "an idle lane")
    assert [scan.full for scan in track.sync.scans] == [True]


async def test_renewal_keeps_everything(place: Place) -> None:
    async with lane(place, FakeSync()) as track:
        first = (await track.handle.describe()).run_id
        sent = [f"a:b:{number}" for number in range(400)]
        for ref in sent:
            await track.changed(ref)
        status = await track.reaches(lambda status: status.done == len(sent), "all done")
        assert status.taken == len(sent)
        assert (await track.handle.describe()).run_id != first
    assert sorted(ref for refs in track.sync.refs() for ref in refs) == sorted(sent)


async def test_removed_mapping_ends_lane(place: Place) -> None:
    async with lane(place, FakeSync(lambda _: BatchResult(removed=True))) as track:
        await track.changed("a:b:1")
        await track.handle.result()
        description = await track.handle.describe()
    assert description.status is not None
    assert description.status.name == "COMPLETED"


async def test_removed_while_sweeping(place: Place) -> None:
    async with lane(place, FakeSync(page=lambda _: ScanPage(removed=True)), asleep=False) as track:
        await track.handle.result()
    assert not track.sync.batches


async def test_vanished_notes_are_told(place: Place) -> None:
    def page(request: ScanRequest) -> ScanPage:
        return ScanPage([Note("a:b:1", ["deleted"], "sweep")], "end", alert="3 of 9 are missing")

    async with lane(place, FakeSync(page=page), asleep=False) as track:
        status = await track.reaches(lambda status: status.done == 1, "the vanished one")
    assert (status.alert, status.missed) == ("3 of 9 are missing", 1)


async def test_ended_activity_loses_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.lane.FAILED_SECONDS", 0.1)

    def refuse(batch: Batch) -> BatchResult:
        if len(sync.batches) == 1:
            raise ApplicationError("ended at the console", non_retryable=True)
        return BatchResult()

    sync = FakeSync(refuse)
    async with lane(place, sync) as track:
        await track.changed("a:b:1")
        await until(lambda: sync.batches, "the first batch")
        await track.reaches(lambda status: status.done == 1, "the second")
    assert sync.refs() == [["a:b:1"]] * 2


async def test_failing_sweep_is_repeated(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.lane.FAILED_SECONDS", 0.1)

    def refuse(_: ScanRequest) -> ScanPage:
        if len(sync.scans) == 1:
            raise ApplicationError("ended at the console", non_retryable=True)
        return ScanPage(cursor="end")

    sync = FakeSync(page=refuse)
    async with lane(place, sync, asleep=False):
        await until(lambda: len(sync.scans) == 2, "the second")


async def test_change_revives_removed_lane(place: Place) -> None:
    class Blinking(FakeSync):
        @activity.defn(name="sync_batch")
        async def sync_batch(self, batch: Batch) -> BatchResult:
            if [note.ref for note in batch.notes] == ["a:b:gone"]:
                return BatchResult(removed=True)
            return await super().sync_batch(batch)

    async with lane(place, Blinking(), shut=True) as track:
        await track.changed("a:b:slow")
        await until(lambda: track.sync.batches, "a batch under way")
        await track.changed("a:b:gone")
        await track.reaches(lambda status: status.done == 1, "the look at which the file was gone")
        await track.changed("a:b:new")
        track.sync.gate.set()
        await until(lambda: ["a:b:new"] in track.sync.refs(), "the change that came after")


async def test_overflow_behind_sweep_counts(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "PENDING_AT_MOST", 20)

    def page(request: ScanRequest) -> ScanPage:
        return ScanPage(cursor="end", last=request.side == 1, wait=3600.0 if len(sync.scans) == 2 else 0.0)

    sync = FakeSync(page=page)
    async with lane(place, sync, asleep=False) as track:
        await until(lambda: len(sync.scans) == 2, "the second side")
        await track.handle.signal(Lane.pause)
        await track.changed(*(f"a:b:{number}" for number in range(60)))
        await track.handle.signal(Lane.resume)
        await until(lambda: len(sync.scans) == 5, "another sweep")
    assert [(scan.side, scan.full) for scan in sync.scans[2:]] == [(1, False), (0, True), (1, True)]
