"""The worker process: lanes and their activities, and the care for what mappings need (a lane, a hook)."""

import asyncio
import signal
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from workers.connections import WorkspaceConnections
from workers.garbage import spare_the_collector
from workers.lanes import ensure_lane
from workers.registering import register_hooks
from workers.settings import Settings
from workers.temporal import connect
from workers.workspace import WorkspaceFolder
from workflows import names
from workflows.activities import SyncActivities
from workflows.lane import Lane
from workflows.messages import Intervals
from workflows.store.database import Store, wait_for_store
from workflows.store.quotas import SharedQuota
from workflows.sync.live import LiveMappings

CARE_SECONDS = 1.0
"""How soon a changed file is noticed."""
LANE_SECONDS = 60.0
"""How often every lane is made sure of: one may have ended while its file was away for a moment."""
HOOK_SECONDS = 600.0
"""How often registered hooks are looked after; after a failure, sooner."""
HOOK_RETRY_SECONDS = 15.0
FINISH = timedelta(seconds=15)
"""What is in hand may take this long to end on SIGTERM; less than `run` waits before it kills (`DRAIN_SECONDS`)."""
STICKY = timedelta(seconds=2)
"""After a worker was killed, its lanes wait this long for it before another worker may take them."""

log = structlog.get_logger()


def make_worker(
    client: Client, settings: Settings, store: Store, folder: WorkspaceFolder, connections: WorkspaceConnections
) -> Worker:
    """A worker with every workflow and activity that we have."""
    activities = SyncActivities(store, LiveMappings(folder.current, connections), settings.attachment_limit)
    return Worker(
        client,
        task_queue=names.TASK_QUEUE,
        workflows=[Lane],
        activities=[activities.sync_batch, activities.scan_page, activities.pair_records],
        max_concurrent_activities=20,
        graceful_shutdown_timeout=FINISH,
        sticky_queue_schedule_to_start_timeout=STICKY,
        # The sandbox would be half of what a lane costs. That lanes stay deterministic is held by import contracts and
        # by the replays of recorded histories, which do run in the sandbox.
        workflow_runner=UnsandboxedWorkflowRunner(),
    )


class Carer:
    """Keeps a lane for every mapping, and, with a public URL, a hook for every connection."""

    def __init__(
        self,
        client: Client,
        settings: Settings,
        store: Store,
        folder: WorkspaceFolder,
        connections: WorkspaceConnections,
    ) -> None:
        self._client, self._settings, self._store = client, settings, store
        self._folder, self._connections = folder, connections
        self._lanes: dict[str, str] = {}
        self._lanes_due = self._hooks_due = 0.0

    async def run(self) -> None:
        """For as long as the worker lives."""
        trouble = ""
        while True:
            try:
                await self._care()
            except Exception as error:
                if trouble != (trouble := repr(error)):
                    log.exception("care failed; it is tried again")
            else:
                trouble = ""
            await asyncio.sleep(CARE_SECONDS)

    async def _care(self) -> None:
        workspace = self._folder.current()
        intervals = Intervals(self._settings.sweep_seconds, self._settings.full_sweep_seconds)
        wanted = {name: loaded.version for name, loaded in workspace.mappings.items()}
        changed = {name for name, version in wanted.items() if self._lanes.get(name) != version}
        now = asyncio.get_running_loop().time()
        for name in sorted(wanted if now >= self._lanes_due else changed):
            await ensure_lane(self._client, name, intervals, nudge=name in changed)
        for name in sorted(changed):
            log.info("mapping in force", mapping=name, version=wanted[name])
        self._lanes = wanted
        self._lanes_due = now + LANE_SECONDS if now >= self._lanes_due else self._lanes_due
        await self._care_for_hooks(changed=bool(changed))

    async def _care_for_hooks(self, *, changed: bool) -> None:
        now = asyncio.get_running_loop().time()
        if self._settings.public_url is None or (now < self._hooks_due and not changed):
            return
        failed = await register_hooks(self._folder.current(), self._connections, self._store, self._settings.public_url)
        self._hooks_due = now + (HOOK_RETRY_SECONDS if failed else HOOK_SECONDS)


async def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what is in hand."""
    folder = WorkspaceFolder(settings.workspace)
    store, client = await asyncio.gather(wait_for_store(settings.store_url), connect(settings))
    connections = WorkspaceConnections(folder.current, partial(SharedQuota, store))
    # Only from here on is there anything to finish: before, a signal ends the process at once.
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    carer = Carer(client, settings, store, folder, connections)
    async with make_worker(client, settings, store, folder, connections):
        caring = asyncio.create_task(carer.run())
        spare_the_collector()
        log.info("worker ready")
        await stop.wait()
        caring.cancel()
        with suppress(asyncio.CancelledError):
            await caring
    await connections.close()
    await store.close()
