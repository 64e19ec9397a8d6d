"""The vendor's limits, enforced only where the control door sets them.

`requests_per_minute` (150 on free plans, 1500 on paid) or `requests_per_second` with `burst`, `search_per_minute` (60),
`concurrent_reads` (50) and `concurrent_writes` (15). They hold for each token; rejected calls count too.
"""

import time
from collections import Counter
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.standins.asana.errors import too_many_requests
from connectors.standins.control import Control

DEBT_SECONDS = 60.0
CONCURRENT_PAUSE_SECONDS = 1.0

Line = tuple[str, str]
"""Method and path of a call."""


@dataclass
class Bucket:
    """Tokens that refill over time; below zero for as long as a caller does not wait."""

    level: float
    at: float

    def take(self, cost: float, rate: float, burst: float, now: float) -> float:
        """Take what a call costs; returns the seconds to wait, 0 when it may go on."""
        self.level = min(burst, self.level + (now - self.at) * rate)
        self.at = now
        self.level = max(self.level - cost, -DEBT_SECONDS * rate)
        return -self.level / rate if self.level < 0 else 0.0


class Limits:
    """What each token has used up and has in flight."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._flying: Counter[tuple[bytes, str]] = Counter()

    def counting(self, app: ASGIApp) -> ASGIApp:
        """The application with every request counted as in flight from its arrival on, latency included."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            key = (_authorization(scope), _kind(scope["method"]))
            self._flying[key] += 1
            try:
                await app(scope, receive, send)
            finally:
                self._flying[key] -= 1

        return counted

    def check(self, scope: Scope, calls: list[Line]) -> None:
        """Let a request through that makes these calls: itself, or the actions of a batch. Raises ApiError 429."""
        if not self.control.limits:
            return
        token = _authorization(scope)
        self._check_rates(token.decode("latin-1"), calls)
        asked = Counter(_kind(method) for method, _ in calls)
        asked[_kind(scope["method"])] -= 1  # counted on arrival
        for kind, count in asked.items():
            if self._flying[token, kind] + count > self.control.limits.get(f"concurrent_{kind}", float("inf")):
                raise too_many_requests(CONCURRENT_PAUSE_SECONDS)

    def _check_rates(self, token: str, calls: list[Line]) -> None:
        limits = self.control.limits
        if "requests_per_minute" in limits:
            per_minute = limits["requests_per_minute"]
            self._spend(token, "minute", len(calls), per_minute / 60, per_minute)
        if "requests_per_second" in limits:
            rate = limits["requests_per_second"]
            self._spend(token, "second", len(calls), rate, limits.get("burst", max(rate, 1)))
        searches = sum(path.endswith("/tasks/search") for _, path in calls)
        if searches and "search_per_minute" in limits:
            per_minute = limits["search_per_minute"]
            self._spend(token, "search", searches, per_minute / 60, per_minute)

    def _spend(self, token: str, window: str, cost: int, rate: float, burst: float) -> None:
        now = time.monotonic()
        bucket = self._buckets.setdefault((token, window), Bucket(burst, now))
        wait = bucket.take(cost, rate, burst, now)
        if wait:
            raise too_many_requests(wait)


def _authorization(scope: Scope) -> bytes:
    return next((bytes(value) for name, value in scope["headers"] if name == b"authorization"), b"")


def _kind(method: str) -> str:
    return "reads" if method == "GET" else "writes"
