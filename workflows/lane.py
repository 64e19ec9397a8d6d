"""The lane: the durable owner of one mapping."""

import asyncio
import copy
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from workflows import names, pending, policies
    from workflows.messages import (
        STATUS,
        Batch,
        BatchResult,
        Changes,
        Fill,
        GivenBack,
        LaneInput,
        LaneStatus,
        Pace,
        PairRequest,
        PairResult,
        Scan,
        ScanPage,
        ScanRequest,
        Waiting,
        rows_of,
    )
    from workflows.steps import Sync
    from workflows.whole_tasks import WholeTasks

PUBLISH_SECONDS = 0.25
"""Between two looks that others are given: under load each would be an event of the history."""
FAILED_SECONDS = 30.0
"""After an activity that Temporal will not repeat by itself, because somebody at its console ended it for instance."""


@workflow.defn(name=names.LANE)
class Lane:
    """Holds what is pending of one mapping and dispatches it; id `sync/<mapping>`, so at most one runs.

    Handlers and activities' results only change the state and have `run` look, which acts: only it starts activities,
    sets the alarm, and ends. It continues as new when its history grows, and ends when the mapping is removed from the
    workspace.
    """

    @workflow.init
    def __init__(self, start: LaneInput) -> None:
        self.start = start
        self.state = start.state
        self.busy: set[str] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.reading = False
        self.removed = False
        self.look = False
        self.whole_tasks = WholeTasks()
        self.published: LaneStatus | None = None
        self.published_at = 0.0
        self.unpublished = False
        self.alarm: asyncio.Task[None] | None = None
        self.alarm_at: float | None = None

    @workflow.signal
    def changed(self, changes: Changes) -> None:
        """Records changed, or may have: who tells so knows the mapping, even if it was gone for a moment."""
        self.removed = False
        now, notes = self._now(), changes.notes
        for note in notes:
            pending.add(self.state, note, backfill=changes.backfill, now=now, limit=self.start.pace.pending)
        self.state.taken += len(notes)
        self.look = True

    @workflow.signal
    def sweep(self, full: bool) -> None:
        """Sweep now."""
        self.state.next_sweep = 0.0
        if full:
            self.state.next_full = 0.0
        self._heed()

    @workflow.signal
    def apply(self) -> None:
        """Pair what exists and create the rest."""
        if self.state.fill is None or self.state.fill.over:
            self.state.fill = Fill(started=self._now())
        self._heed()

    @workflow.signal
    def pause(self) -> None:
        """Stop dispatching; changes are still taken in."""
        self.state.stopped = True
        self._heed()

    @workflow.signal
    def resume(self) -> None:
        """Go on, also with what was told to wait."""
        self.state.stopped = False
        self._heed()
        self._wait_no_longer()

    @workflow.signal
    def nudge(self) -> None:
        """Look again: the mapping file changed, or a worker started."""
        self.removed = False
        self._wait_no_longer()
        self.state.next_sweep = min(self.state.next_sweep, self._now() + 1.0)

    def _heed(self) -> None:
        """Somebody asked for something, and is to see at once that it was heard."""
        self.published_at = 0.0
        self.look = True

    def _wait_no_longer(self) -> None:
        self.state.paused.clear()
        for waiting in self.state.pending.values():
            waiting.not_before = 0.0
        if self.state.scan is not None:
            self.state.scan.not_before = 0.0
        self.look = True

    @workflow.run
    async def run(self, start: LaneInput) -> None:
        """Dispatch until the history is long enough or the mapping is gone."""
        while True:
            self.whole_tasks.check()
            self.look = False
            if not self.removed and not workflow.info().is_continue_as_new_suggested():
                self._lift_pauses()
                self._dispatch()
            elif not self.tasks:
                break
            self._publish()
            self._set_alarm()
            await workflow.wait_condition(lambda: self.look)
        if not self.removed:
            workflow.continue_as_new(replace(start, state=self.state, pace=Pace()))

    def _publish(self) -> None:
        """Show in the memo how it stands: a query would have to replay a lane that no worker has at hand."""
        status, shown = self._status(), self.published
        self.unpublished = status != shown
        # Who waits until it has nothing to do must be told at once that it has, and that it has no longer.
        turned = shown is None or shown.idle != status.idle
        if turned or (self.unpublished and self._now() >= self.published_at + PUBLISH_SECONDS):
            workflow.upsert_memo({STATUS: status})
            self.published, self.published_at, self.unpublished = copy.deepcopy(status), self._now(), False

    def _status(self) -> LaneStatus:
        state = self.state
        return LaneStatus(
            mapping=self.start.mapping,
            pending=len(state.pending),
            in_flight=len(self.busy),
            oldest=min((waiting.since for waiting in state.pending.values()), default=None),
            paused=state.paused,
            stopped=state.stopped,
            sweeping=state.scan is not None,
            fill=state.fill,
            taken=state.taken,
            done=state.done,
            written=state.written,
            missed=state.missed,
            alert=state.alert,
        )

    def _now(self) -> float:
        return workflow.now().timestamp()

    def _may_pair(self) -> bool:
        fill = self.state.fill
        return fill is not None and fill.state == "asked" and not self.tasks and not self.state.stopped

    def _may_batch(self) -> bool:
        fill, now = self.state.fill, self._now()
        held = self.state.stopped or (fill is not None and fill.state in ("asked", "pairing"))
        if held or len(self.tasks) >= self.start.pace.at_once + self.reading:
            return False
        # While others are under way, what comes in gathers: a batch costs much the same for one record as for many.
        worth = self.start.pace.worth if self.busy else 1
        return pending.is_ready(self.state, self.busy, now, worth, self.start.pace.gather)

    def _may_scan(self) -> bool:
        state, now = self.state, self._now()
        if state.stopped or self.reading or (state.fill is not None and state.fill.state in ("asked", "pairing")):
            return False
        if len(state.pending) >= self.start.pace.watermark:
            return False
        return state.scan.not_before <= now if state.scan is not None else self._next_sweep() <= now

    def _next_sweep(self) -> float:
        return 0.0 if self.state.overflowed else min(self.state.next_sweep, self.state.next_full)

    def _dispatch(self) -> None:
        if self._may_pair():
            self._start(self._pair())
        while self._may_batch():
            taken = pending.take(self.state, self.start.pace.batch, self.busy, self._now())
            self.busy.update(waiting.note.ref for waiting in taken)
            self._start(self._sync(taken))
        if self._may_scan():
            self.reading = True
            self._start(self._scan())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """What came of it may have a time of its own to wait for, and only `run` sets the alarm."""
        self.tasks.discard(task)
        self.look = True

    async def _sync(self, taken: list[Waiting]) -> None:
        notes = [waiting.note for waiting in taken]
        batch = Batch(self.start.mapping, rows_of(notes), sorted(self.state.paused))
        try:
            result = await workflow.execute_activity_method(Sync.sync_batch, batch, **policies.BATCH)
        except ActivityError:
            result = BatchResult([GivenBack(note.ref, FAILED_SECONDS) for note in notes])
        self.busy.difference_update(note.ref for note in notes)
        self._take_in(taken, result)

    def _take_in(self, taken: list[Waiting], result: BatchResult) -> None:
        now = self._now()
        back = {given.ref: given.seconds for given in result.given_back}
        for waiting in taken:
            if waiting.note.ref in back:
                pending.give_back(self.state, waiting, now + back[waiting.note.ref])
            elif waiting.backfill and self.state.fill is not None:
                self.state.fill.done += 1
        self.state.done += len(taken) - len(back)
        self.state.written += result.written
        for connection in result.answered:
            self.state.paused.pop(connection, None)
        self.state.paused.update(result.paused)
        self.removed = self.removed or result.removed
        self._finish_fill()

    async def _pair(self) -> None:
        fill = self.state.fill or Fill()
        fill.state = "pairing"
        try:
            result = await workflow.execute_activity_method(
                Sync.pair_records, PairRequest(self.start.mapping), **policies.PAIR
            )
        except ActivityError as error:
            result = PairResult(error=f"{error.cause or error}")
        fill.records, fill.paired, fill.ambiguous = result.records, result.paired, result.ambiguous
        if result.error is not None:
            fill.state, fill.error, fill.finished = "failed", result.error, self._now()
            return
        if result.wait:
            self.look = True  # so that this waking, too, is checked
            await workflow.sleep(result.wait)
            fill.state = "asked"
            return
        fill.state = "filling"
        self.state.scan = self._new_scan(full=True)

    async def _scan(self) -> None:
        scan = self.state.scan or self._new_scan(full=self.state.overflowed or self.state.next_full <= self._now())
        self.state.scan = scan
        if not scan.begun:
            scan.cursor, scan.begun = None if scan.full else self.state.cursors.get(str(scan.side)), True
        request = ScanRequest(
            self.start.mapping, scan.side, scan.cursor, scan.full, scan.id, self._filling(), scan.started
        )
        try:
            page = await workflow.execute_activity_method(Sync.scan_page, request, **policies.SCAN)
        except ActivityError as error:
            page = ScanPage(wait=FAILED_SECONDS, alert=f"a sweep failed: {error.cause or error}")
        self.reading = False
        self.removed = self.removed or page.removed
        if self.state.scan is scan:
            self._take_page(scan, page)

    def _filling(self) -> bool:
        return self.state.fill is not None and self.state.fill.state == "filling"

    def _new_scan(self, *, full: bool) -> Scan:
        # At its beginning: what is dropped while it runs may lie behind it.
        self.state.overflowed = self.state.overflowed and not full
        return Scan(full=full, id=str(workflow.uuid4()), started=self._now())

    def _take_page(self, scan: Scan, page: ScanPage) -> None:
        state, now = self.state, self._now()
        if page.alert is not None:
            scan.alert = state.alert = page.alert
        if page.wait:
            scan.not_before = now + page.wait
            return
        self._take_notes(scan, page, now)
        scan.cursor = page.cursor
        if page.more:
            return
        if page.cursor is not None:
            state.cursors[str(scan.side)] = page.cursor
        if not page.last:
            scan.side, scan.begun = scan.side + 1, False
            return
        self._end_scan(scan, now)

    def _take_notes(self, scan: Scan, page: ScanPage, now: float) -> None:
        state = self.state
        if state.fill is not None and self._filling():
            state.fill.scanned += page.listed
        for note in page.notes:
            if note.ref not in state.pending and note.ref not in self.busy:
                state.missed += not self._filling()
            pending.add(state, note, backfill=scan.full, now=now, limit=self.start.pace.pending)

    def _end_scan(self, scan: Scan, now: float) -> None:
        self.state.scan = None
        self.state.alert = scan.alert
        self.state.next_sweep = now + self.start.intervals.sweep
        if scan.full:
            self.state.next_full = now + self.start.intervals.full
        self._finish_fill()

    def _finish_fill(self) -> None:
        fill = self.state.fill
        if fill is None or fill.state != "filling" or self.state.scan is not None:
            return
        if not self.busy and not any(waiting.backfill for waiting in self.state.pending.values()):
            fill.state, fill.finished = "done", self._now()

    def _lift_pauses(self) -> None:
        now = self._now()
        self.state.paused = {name: pause for name, pause in self.state.paused.items() if pause.until > now}

    def _set_alarm(self) -> None:
        """The one timer, for the next moment at which anything becomes due: a timer a loop would double the history."""
        moments = [pending.next_moment(self.state, self.busy, self._now(), self.start.pace.gather)]
        moments.append(self.state.scan.not_before if self.state.scan else self._next_sweep())
        if self.unpublished:
            moments.append(self.published_at + PUBLISH_SECONDS)
        due = min((moment for moment in moments if moment is not None and moment > self._now()), default=None)
        if due is not None and (self.alarm_at is None or due < self.alarm_at):
            if self.alarm is not None:
                self.alarm.cancel()
            self.alarm, self.alarm_at = asyncio.create_task(self._ring(due)), due

    async def _ring(self, due: float) -> None:
        await workflow.sleep(timedelta(seconds=max(0.001, due - self._now())))
        self.look = True
        self.alarm, self.alarm_at = None, None
