"""A lane on a real server, with activities whose bodies the test holds in its hands."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.conftest import Place
from tests.service import PATIENCE_SECONDS
from workers.lanes import lane_status
from workflows.lane import Lane
from workflows.messages import (
    Batch,
    BatchResult,
    Changes,
    Intervals,
    LaneInput,
    LaneState,
    LaneStatus,
    Note,
    PairRequest,
    PairResult,
    ScanPage,
    ScanRequest,
)
from workflows.steps import Sync

NEVER = 10_000_000.0


@dataclass
class FakeSync(Sync):
    """Remembers what it was asked; answers as told. While `gate` is shut, batches stay in flight."""

    answer: Callable[[Batch], BatchResult] = lambda _: BatchResult()
    page: Callable[[ScanRequest], ScanPage] = lambda _: ScanPage(cursor="end")
    pair: Callable[[PairRequest], PairResult] = lambda _: PairResult()
    batches: list[Batch] = field(default_factory=list)
    scans: list[ScanRequest] = field(default_factory=list)
    running: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    @activity.defn
    async def sync_batch(self, batch: Batch) -> BatchResult:
        self.batches.append(batch)
        refs = [note.ref for note in batch.notes]
        self.running.update(refs)
        self.most_at_once = max(self.most_at_once, *self.running.values())
        while not self.gate.is_set():
            activity.heartbeat()
            await asyncio.sleep(0.02)
        self.running.subtract(refs)
        return self.answer(batch)

    @activity.defn
    async def scan_page(self, request: ScanRequest) -> ScanPage:
        self.scans.append(request)
        return self.page(request)

    @activity.defn
    async def pair_records(self, request: PairRequest) -> PairResult:
        return self.pair(request)

    def refs(self) -> list[list[str]]:
        """The refs of each batch."""
        return [[note.ref for note in batch.notes] for batch in self.batches]


async def until(check: Callable[[], object], what: str) -> None:
    """Wait until it is true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not check():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.01)


@dataclass
class Track:
    """A lane under test."""

    sync: FakeSync
    handle: WorkflowHandle[Lane, None]
    skipper: TimeSkipper
    worker: Callable[..., Worker]
    """A further worker for it, see `_worker`."""

    async def changed(self, *refs: str, backfill: bool = False, aspects: Iterable[str] = ("fields",)) -> None:
        """Tell the lane that records changed."""
        await self.handle.signal(
            Lane.changed, Changes.of([Note(ref, list(aspects)) for ref in refs], backfill=backfill)
        )

    async def status(self) -> LaneStatus:
        """What it says."""
        return await lane_status(self.handle)

    async def reaches(
        self, check: Callable[[LaneStatus], object], what: str, *, signal: str | None = None
    ) -> LaneStatus:
        """The status once it is as wanted; `signal` is sent before each look."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            if signal is not None:
                await self.handle.signal(signal)
            status = await self.status()
            if check(status):
                return status
            assert time.monotonic() < deadline, f"{what}; it says: {status}"
            await asyncio.sleep(0.02)


@asynccontextmanager
async def lane(
    place: Place,
    sync: FakeSync,
    *,
    sweep: float = NEVER,
    asleep: bool = True,
    shut: bool = False,
    working: bool = True,
) -> AsyncIterator[Track]:
    """A lane, and while it is `working` a worker for it.

    `asleep`: its first sweep is not due yet; `shut`: with the gate shut.
    """
    if not shut:
        sync.gate.set()
    client = await Client.connect(place.address, namespace=place.namespace, identity="tests")
    skipper, queue, mapping = TimeSkipper(client), f"queue-{uuid.uuid4()}", f"lane-{uuid.uuid4()}"
    later = time.time() + sweep if asleep else 0.0
    start = LaneInput(mapping, Intervals(sweep, NEVER), LaneState(next_sweep=later, next_full=time.time() + NEVER))
    with skipper.with_time_skipping_disabled():
        handle = await skipper.client.start_workflow(Lane.run, start, id=f"sync/{mapping}", task_queue=queue)
    async with AsyncExitStack() as stack:
        if working:
            await stack.enter_async_context(_worker(client, queue, sync))
        try:
            # Without a run id: a lane that has continued as new is still the same lane.
            same = client.get_workflow_handle_for(Lane.run, handle.id)
            yield Track(sync, same, skipper, partial(_worker, client, queue, sync))
        finally:
            sync.gate.set()
            if (await client.get_workflow_handle(handle.id).describe()).close_time is None:
                await client.get_workflow_handle(handle.id).terminate()


def _worker(client: Client, queue: str, sync: FakeSync, cached: int = 100) -> Worker:
    """With none cached, a worker replays the lane for all that it does, and the lane does not wait for its return."""
    return Worker(
        client,
        task_queue=queue,
        workflows=[Lane],
        activities=[sync.sync_batch, sync.scan_page, sync.pair_records],
        # Without the sandbox, which has policies of its own: tests set other limits.
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=cached,
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=0.3),
    )
