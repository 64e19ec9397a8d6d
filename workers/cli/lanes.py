"""Talking to a mapping's lane: its status, its signals, and following an apply."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workers.cli.output import CommandError
from workers.settings import Settings
from workflows import names
from workflows.messages import Fill, Intervals, LaneStatus

ANSWER = timedelta(seconds=5)
"""How long a lane may take to answer: longer means that no worker runs."""
POLL_SECONDS = 0.25
SILENCE_SECONDS = 30.0
"""How long an apply may be followed without an answer."""


@dataclass(frozen=True)
class Lane:
    """The lane of one mapping."""

    client: Client
    mapping: str

    async def ensure(self, settings: Settings) -> None:
        """Make sure that it runs."""
        from workers.lanes import ensure_lane

        await ensure_lane(self.client, self.mapping, Intervals(settings.sweep_seconds, settings.full_sweep_seconds))

    async def signal(self, name: str, *arguments: Any) -> None:
        """Send a signal. Raises CommandError where the lane does not run."""
        handle = self.client.get_workflow_handle(names.lane_id(self.mapping))
        try:
            await handle.signal(name, args=arguments, rpc_timeout=ANSWER)
        except RPCError as error:
            raise self._trouble(error) from error

    async def status(self) -> LaneStatus:
        """What it says of itself. Raises CommandError where it does not run, or no worker answers for it."""
        from workers.lanes import lane_status

        handle = self.client.get_workflow_handle(names.lane_id(self.mapping))
        try:
            return await lane_status(handle, ANSWER.total_seconds())
        except (RPCError, TimeoutError) as error:
            raise self._trouble(error) from error

    async def follow_fill(self, told: Callable[[Fill], None]) -> Fill:
        """Wait for the end of an apply, telling of it on the way. Raises CommandError where the lane falls silent."""
        heard = time.monotonic()
        while True:
            try:
                fill = (await self.status()).fill
                heard = time.monotonic()
            except CommandError:
                # A worker that was killed is back within seconds, and the apply goes on.
                if time.monotonic() - heard > SILENCE_SECONDS:
                    raise
                fill = None
            if fill is not None:
                told(fill)
                if fill.over:
                    return fill
            await asyncio.sleep(POLL_SECONDS)

    def _trouble(self, error: RPCError | TimeoutError) -> CommandError:
        if isinstance(error, RPCError) and error.status == RPCStatusCode.NOT_FOUND:
            return CommandError(
                f"mapping {self.mapping} is not running yet. Start the service with `syncline run`, then type "
                f"`syncline apply {self.mapping}`."
            )
        return CommandError(
            f"Temporal runs, but no worker answers for mapping {self.mapping}. Start one with `syncline run` or "
            "`syncline worker`."
        )
