"""Whether a batch is still ours: its leases renewed while it lives, and asked for again before a request goes out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from connectors.guard import NotOurs, guard
from workflows.policies import FRESH_SECONDS, LEASE_SECONDS
from workflows.store import leases
from workflows.sync.run import Run

KEEP_SECONDS = LEASE_SECONDS / 4


class LeaseGuard:
    """The guard of one batch; see `connectors.guard.Guard`."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._seen = run.leased
        self._asking = asyncio.Lock()

    def is_fresh(self) -> bool:
        return 0.0 <= self._run.now() - self._seen < FRESH_SECONDS

    async def renew(self) -> None:
        async with self._asking:
            if self.is_fresh():
                return
            asked = self._run.now()
            async with self._run.store.begin() as tx:
                if not await leases.keep(tx, self._run.owner, self._run.attempt, asked, LEASE_SECONDS):
                    raise NotOurs("another worker has taken this batch over")
            self._seen = asked

    async def keep(self) -> None:
        """Renew for as long as the batch lives, or until it is not ours."""
        with suppress(NotOurs):
            while True:
                await asyncio.sleep(KEEP_SECONDS)
                await self.renew()


@asynccontextmanager
async def guarded(run: Run) -> AsyncIterator[None]:
    """Every request that is made in this block goes out only while the batch is ours."""
    keeper = LeaseGuard(run)
    token = guard.set(keeper)
    keeping = asyncio.create_task(keeper.keep())
    try:
        yield
    finally:
        keeping.cancel()
        guard.reset(token)
