"""The bodies of the activities: Temporal on one side, the sync steps on the other."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from temporalio import activity

from connectors.errors import ConnectorError
from mappings.bind import BindError
from workflows.messages import Batch, BatchResult, GivenBack, PairRequest, PairResult, Pause, ScanPage, ScanRequest
from workflows.steps import Sync
from workflows.store.database import Store
from workflows.sync.batch import sync_batch
from workflows.sync.live import Live, LiveMappings
from workflows.sync.pairing import pair_records
from workflows.sync.run import UNAVAILABLE_SECONDS, Run
from workflows.sync.scanning import scan_page

HEARTBEAT_SECONDS = 1.5
MISFIT_SECONDS = 30.0
"""How often a mapping that does not fit the live systems is tried again, until somebody mends it."""

log = structlog.get_logger()


@dataclass
class _Misfit(Exception):
    """The mapping cannot be used now, and why; `removed` where there is none."""

    reason: str
    seconds: float
    removed: bool = False


class SyncActivities(Sync):
    """What a worker registers."""

    def __init__(self, store: Store, mappings: LiveMappings, attachment_bytes: int) -> None:
        self._store = store
        self._mappings = mappings
        self._attachment_bytes = attachment_bytes

    @activity.defn
    async def sync_batch(self, batch: Batch) -> BatchResult:
        """Bring the links of these refs in step; safe to repeat."""
        structlog.contextvars.bind_contextvars(mapping=batch.mapping)
        async with _heartbeat():
            try:
                run = await self._run(batch.mapping, batch.skip)
            except _Misfit as misfit:
                back = [] if misfit.removed else [GivenBack(note.ref, misfit.seconds) for note in batch.notes]
                paused = {} if misfit.removed else {"mapping": Pause(time.time() + misfit.seconds, misfit.reason)}
                return BatchResult(given_back=back, paused=paused, removed=misfit.removed)
            return await sync_batch(run, batch.notes)

    @activity.defn
    async def scan_page(self, request: ScanRequest) -> ScanPage:
        """Read one page of what changed on a side."""
        structlog.contextvars.bind_contextvars(mapping=request.mapping)
        async with _heartbeat():
            try:
                run = await self._run(request.mapping, [])
            except _Misfit as misfit:
                alert = None if misfit.removed else misfit.reason
                return ScanPage(
                    more=True, cursor=request.cursor, wait=misfit.seconds, alert=alert, removed=misfit.removed
                )
            return await scan_page(run, request)

    @activity.defn
    async def pair_records(self, request: PairRequest) -> PairResult:
        """Pair what exists on the sides by the mapping's `match`; safe to repeat."""
        structlog.contextvars.bind_contextvars(mapping=request.mapping)
        async with _heartbeat():
            try:
                run = await self._run(request.mapping, [])
            except _Misfit as misfit:
                return PairResult(error=misfit.reason)
            return await pair_records(run, activity.heartbeat)

    async def _run(self, mapping: str, skip: list[str]) -> Run:
        info = activity.info()
        return Run(
            live=await self._live(mapping),
            store=self._store,
            owner=f"{info.workflow_id}/{info.workflow_run_id}/{info.activity_id}",
            attempt=info.attempt,
            now=time.time,
            attachment_bytes=self._attachment_bytes,
            skip=frozenset(skip),
        )

    async def _live(self, mapping: str) -> Live:
        try:
            live = await self._mappings.get(mapping)
        except BindError as error:
            raise _Misfit(f"the mapping does not fit the live systems: {error}", MISFIT_SECONDS) from error
        except ConnectorError as error:
            raise _Misfit(str(error), UNAVAILABLE_SECONDS) from error
        except KeyError as error:
            raise _Misfit(f"connection {error} cannot be used; see `syncline check`", MISFIT_SECONDS) from error
        if live is None:
            raise _Misfit("there is no such mapping in the workspace", MISFIT_SECONDS, removed=True)
        return live


@asynccontextmanager
async def _heartbeat() -> AsyncIterator[None]:
    """Tell Temporal that we live, so that a crash is noticed long before the time budget ends."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            activity.heartbeat()

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
