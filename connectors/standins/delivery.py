"""Outgoing webhooks of a stand-in: signed posts, the vendor's retries, and the misbehaviour set at the control door."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connectors.standins.control import Control
from connectors.standins.posting import Answer, Poster

POSTS_AT_ONCE = 50


@dataclass(frozen=True)
class Delivery:
    """One webhook post: where to, the exact bytes, and the headers of attempt N (0 is the first)."""

    url: str
    body: bytes
    headers: Callable[[int], Mapping[str, str]]


class Courier:
    """Posts deliveries in the background, at least once, in no guaranteed order, as vendors do.

    `retry_after` lists the seconds before each retry; `retry_on(status)` says whether an answer is worth another try
    (status 0 means no answer). `on_outcome(delivery, delivered)` is told once a delivery has ended.
    """

    def __init__(
        self,
        control: Control,
        retry_after: Sequence[float],
        retry_on: Callable[[int], bool],
        on_outcome: Callable[[Delivery, bool], None] = lambda _delivery, _delivered: None,
    ) -> None:
        self.control = control
        self.retry_after = retry_after
        self.retry_on = retry_on
        self.on_outcome = on_outcome
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(POSTS_AT_ONCE)
        self._poster = Poster()

    def send(self, delivery: Delivery) -> None:
        """Start a delivery, or lose it, as the control door says. Must be called on the server's event loop."""
        knobs = self.control.webhooks
        if knobs.lose_next > 0:
            knobs.lose_next -= 1
            return
        if knobs.lose and self.control.random.random() < knobs.lose:
            return
        copies = 2 if knobs.repeat and self.control.random.random() < knobs.repeat else 1
        for _ in range(copies):
            task = asyncio.create_task(self._deliver(delivery))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer | None:
        """One post, for handshakes and single attempts; None when there was no answer."""
        async with self._turns:
            return await self._poster.post(url, body, headers)

    async def close(self) -> None:
        """Give up what is still under way and close the connections."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._poster.close()

    async def _deliver(self, delivery: Delivery) -> None:
        knobs = self.control.webhooks
        late = knobs.disorder and self.control.random.random() < knobs.disorder
        await asyncio.sleep(knobs.delay + (self.control.random.uniform(0.05, 0.5) if late else 0.0))
        for attempt, pause in enumerate((*self.retry_after, None)):
            answer = await self.post(delivery.url, delivery.body, delivery.headers(attempt))
            status = answer.status_code if answer is not None else 0
            if 200 <= status < 300:
                self.on_outcome(delivery, True)
                return
            if pause is None or not self.retry_on(status):
                break
            await asyncio.sleep(pause * knobs.retry_scale)
        self.on_outcome(delivery, False)
