"""Group commit: events for one lane that arrive while a signal to it is under way go out together in the next."""

import asyncio
from collections.abc import Sequence

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from workflows import names
from workflows.messages import Changes, Intervals, LaneInput, Note, merged

NOTES_AT_MOST = 2_000
"""Notes a signal: about 300 KB, well under Temporal's limit of 2 MB for one payload."""
GAP_SECONDS = 0.04
"""Between two signals to a lane: under load fewer and larger ones cost less, and a first one goes out at once."""
SIGNAL_SECONDS = 5.0
"""After this the sender is told to come again; the vendor's patience ends at 5 to 10 seconds."""


class Committer:
    """Hands notes to one lane. `commit` returns once Temporal has durably accepted them."""

    def __init__(self, client: Client, mapping: str, intervals: Intervals) -> None:
        self._client, self._mapping, self._intervals = client, mapping, intervals
        self._waiting: list[tuple[Note, asyncio.Future[None]]] = []
        self._sender: asyncio.Task[None] | None = None
        self._free_at = 0.0

    async def commit(self, notes: Sequence[Note]) -> None:
        """Raises what Temporal raised, where it did not accept."""
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[None]] = [loop.create_future() for _ in notes]
        self._waiting += zip(notes, futures, strict=True)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())
        await asyncio.gather(*futures)

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            await asyncio.sleep(self._free_at - loop.time())
            self._free_at = loop.time() + GAP_SECONDS
            group, self._waiting = self._waiting[:NOTES_AT_MOST], self._waiting[NOTES_AT_MOST:]
            try:
                async with asyncio.timeout(SIGNAL_SECONDS):
                    await self._signal(_by_ref([note for note, _ in group]))
            except Exception as error:  # noqa: BLE001 - whatever it was, each sender must hear of it
                for _, future in group:
                    if not future.done():
                        future.set_exception(error)
            else:
                for _, future in group:
                    if not future.done():
                        future.set_result(None)

    async def _signal(self, notes: list[Note]) -> None:
        await self._client.start_workflow(
            names.LANE,
            LaneInput(self._mapping, self._intervals),
            id=names.lane_id(self._mapping),
            task_queue=names.TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="changed",
            start_signal_args=[Changes.of(notes)],
        )


def _by_ref(notes: Sequence[Note]) -> list[Note]:
    """One note a ref: a burst of edits of one record is one entry."""
    by_ref: dict[str, Note] = {}
    for note in notes:
        before = by_ref.get(note.ref)
        by_ref[note.ref] = note if before is None else merged(before, note)
    return list(by_ref.values())
