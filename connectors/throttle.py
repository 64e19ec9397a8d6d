"""The other side's quota: how many requests a connection may have under way, and how many it may start a second."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, ParamSpec, Protocol, TypeVar

from connectors.errors import RateLimited
from connectors.guard import NotOurs, guard

P = ParamSpec("P")
T = TypeVar("T")

BLOCK_SECONDS: Final = 0.5
"""How far ahead starts are reserved at most: two questions a second, and others wait no longer for their turn."""
LATE_SECONDS: Final = 0.1
"""A start that nobody took is good for this long: longer, and what was saved up while we stood still is a burst."""


class Quota(Protocol):
    """Who hands out the moments at which requests of one connection may start, `gap` seconds apart."""

    async def reserve(self, starts: int, gap: float) -> float:
        """Seconds from now until the first of so many starts. Raises RateLimited while the connection rests."""

    async def rest(self, seconds: float) -> None:
        """Tell all others that nobody may start for so long, because the system said so."""


class OwnQuota:
    """The quota of a process that shares its connection with no other."""

    def __init__(self) -> None:
        self._next = 0.0

    async def reserve(self, starts: int, gap: float) -> float:
        """See `Quota`."""
        now = time.monotonic()
        first = max(now, self._next)
        self._next = first + starts * gap
        return first - now

    async def rest(self, seconds: float) -> None:
        """Nothing: there is nobody else to tell."""


class Throttle:
    """Spaces the requests of one connection and runs a blocking client's calls in threads of its own.

    `requests_per_second` None leaves the rate to what the vendor answers; `concurrency` bounds requests under way.
    """

    def __init__(self, requests_per_second: float | None, concurrency: int) -> None:
        self._gap = 1.0 / requests_per_second if requests_per_second else 0.0
        self._quota: Quota = OwnQuota()
        self._asking = asyncio.Lock()
        self._starts: list[float] = []
        self._block = 1
        self._rests_until = 0.0
        self._slots = asyncio.Semaphore(concurrency)
        self._threads = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="connector")

    def share(self, quota: Quota) -> None:
        """Keep the rate, where there is one, together with all who use this quota."""
        self._quota = quota

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a place and for the next moment that the rate allows. Raises RateLimited."""
        async with self._slots:
            if self._gap:
                await asyncio.sleep(await self._start() - time.monotonic())
            yield

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking call within the quota, and only while the work is ours. Raises NotOurs, RateLimited."""
        keeper = guard.get()

        def run() -> T:
            if keeper is not None and not keeper.is_fresh():
                raise NotOurs("the process stood still right before a request, which is not sent")
            return function(*args, **kwargs)

        async with self.slot():
            if keeper is not None and not keeper.is_fresh():
                await keeper.renew()
            try:
                return await asyncio.get_running_loop().run_in_executor(self._threads, run)
            except RateLimited as error:
                if self._gap and not error.ref_only:
                    self._rests_until = time.monotonic() + error.retry_after
                    await self._quota.rest(error.retry_after)
                raise

    def close(self) -> None:
        """Let running calls end and give back the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _start(self) -> float:
        """The next reserved moment, by the clock of this process."""
        async with self._asking:
            now = time.monotonic()
            if now < self._rests_until:
                raise RateLimited("the connection rests, as its system asked for", self._rests_until - now)
            good = [start for start in self._starts if start > now - max(LATE_SECONDS, self._gap)]
            if not good:
                good = await self._reserve(all_taken=not self._starts)
            start, *self._starts = good
            return start

    async def _reserve(self, *, all_taken: bool) -> list[float]:
        """More at a time while all are taken, fewer when they lapse: others may want them."""
        most = max(int(BLOCK_SECONDS / self._gap), 1)
        self._block = min(self._block * 2, most) if all_taken else max(self._block // 2, 1)
        self._starts = []
        try:
            wait = await self._quota.reserve(self._block, self._gap)
        except RateLimited as error:
            self._rests_until = time.monotonic() + error.retry_after
            raise
        # Taken after the answer: what the question took may make a start late, never early.
        first = time.monotonic() + wait
        return [first + number * self._gap for number in range(self._block)]
