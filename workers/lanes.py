"""From a connection's changes to the lanes that they concern."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from connectors.contract import Aspect, Change
from mappings.workspace import Workspace
from workers.committing import Committer
from workflows import names
from workflows.messages import STATUS, Intervals, LaneInput, LaneStatus, Note

ANSWER_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 0.02


class Lanes:
    """Which lanes a connection's changes concern, and the group commit to each."""

    def __init__(self, client: Client, intervals: Intervals) -> None:
        self._client, self._intervals = client, intervals
        self._committers: dict[str, Committer] = {}

    async def commit(self, workspace: Workspace, connection: str, changes: Sequence[Change]) -> None:
        """Returns once every lane concerned has durably accepted; raises where one did not."""
        for name, loaded in workspace.mappings.items():
            objects = {side.object for side in loaded.mapping.sides.values() if side.connection == connection}
            notes = [_note(connection, change) for change in changes if change.object in objects]
            if notes:
                await self.committer(name).commit(notes)

    def committer(self, mapping: str) -> Committer:
        """The one group commit of a lane."""
        if mapping not in self._committers:
            self._committers[mapping] = Committer(self._client, mapping, self._intervals)
        return self._committers[mapping]


def _note(connection: str, change: Change) -> Note:
    aspects = sorted(str(aspect) for aspect in change.aspects or {Aspect.FIELDS})
    at = change.at.timestamp() if change.at else None
    as_of = change.as_of.timestamp() if change.as_of else None
    return Note(f"{connection}:{change.object}:{change.id}", aspects, "webhook", at, change.by, as_of)


async def lane_status(handle: WorkflowHandle[Any, Any], patience: float = ANSWER_SECONDS) -> LaneStatus:
    """What a lane says of itself, once it has taken in all that it was told so far.

    Raises TimeoutError where no worker takes it in, RPCError where there is no such lane or no Temporal.
    """
    async with asyncio.timeout(patience):
        while True:
            told = await handle.describe()
            if not told.raw_description.HasField("pending_workflow_task"):
                status: LaneStatus | None = await told.memo_value(STATUS, None, type_hint=LaneStatus)
                if status is not None:
                    return status
            await asyncio.sleep(LOOK_SECONDS)


async def ensure_lane(client: Client, mapping: str, intervals: Intervals, *, nudge: bool = True) -> None:
    """Make sure that a mapping's lane runs; with `nudge`, let it look again."""
    await client.start_workflow(
        names.LANE,
        LaneInput(mapping, intervals),
        id=names.lane_id(mapping),
        task_queue=names.TASK_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal="nudge" if nudge else None,
    )
