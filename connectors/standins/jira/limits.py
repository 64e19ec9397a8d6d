"""The vendor's rate limits: a token bucket an endpoint and method, and windows of writes an issue.

Enforced while `limits` at the control door is not empty; its keys are `requests_per_second`, `burst`,
`issue_writes_2s` and `issue_writes_30s`.
"""

import math
import time
from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from connectors.standins.control import Control

DEFAULT_RATE: Final = 100.0
WINDOWS: Final = ((2.0, "issue_writes_2s", 20.0), (30.0, "issue_writes_30s", 100.0))
NEARLY: Final = 0.2


@dataclass
class Bucket:
    """What is left of a burst, as of a moment of the monotonic clock."""

    left: float
    at: float


class Limiter:
    """Counts requests; answers with the vendor's headers, and whether to refuse."""

    def __init__(self, control: Control, *, cloud: bool) -> None:
        self.control = control
        self.cloud = cloud
        self.buckets: dict[str, Bucket] = {}
        self.writes: dict[str, deque[float]] = {}

    def check(self, endpoint: str, issue: str) -> tuple[bool, dict[str, str]]:
        """Count a request to `METHOD template`; `issue` names the issue it writes to, empty for none."""
        now = time.monotonic()
        refused, headers = self._burst(endpoint, now)
        wait = 0.0 if refused or not issue or not self.cloud else self._issue_wait(issue, now)
        if wait:
            return True, {**headers, "Retry-After": _seconds(wait), "RateLimit-Reason": "jira-per-issue-on-write"}
        return refused, headers

    def _burst(self, endpoint: str, now: float) -> tuple[bool, dict[str, str]]:
        limits = self.control.limits
        rate = limits.get("requests_per_second", DEFAULT_RATE)
        size = max(1.0, limits.get("burst", rate))
        bucket = self.buckets.setdefault(endpoint, Bucket(size, now))
        bucket.left = min(size, bucket.left + (now - bucket.at) * rate)
        bucket.at = now
        refused = bucket.left < 1
        if not refused:
            bucket.left -= 1
        wait = (1 - bucket.left) / rate if refused else 0.0
        return refused, self._headers(size, bucket.left, rate, wait)

    def _headers(self, size: float, left: float, rate: float, wait: float) -> dict[str, str]:
        shown = {"X-RateLimit-Limit": str(int(size)), "X-RateLimit-Remaining": str(int(left))}
        if not self.cloud:
            refill = {"X-RateLimit-Interval-Seconds": "1", "X-RateLimit-FillRate": str(int(rate))}
            return {**shown, **refill, "Retry-After": _seconds(wait) if wait else "0"}
        shown["X-RateLimit-NearLimit"] = str(left < size * NEARLY).lower()
        if wait:
            reset = self.control.now() + timedelta(seconds=wait)
            shown["X-RateLimit-Reset"] = reset.strftime("%Y-%m-%dT%H:%MZ")
            shown["Retry-After"] = _seconds(wait)
            shown["RateLimit-Reason"] = "jira-burst-based"
        return shown

    def _issue_wait(self, issue: str, now: float) -> float:
        """Seconds until the issue takes another write; 0 when this one is taken, and counted."""
        writes = self.writes.setdefault(issue, deque())
        while writes and writes[0] <= now - WINDOWS[-1][0]:
            writes.popleft()
        for seconds, name, default in WINDOWS:
            recent = [at for at in writes if at > now - seconds]
            if len(recent) >= self.control.limits.get(name, default):
                return recent[0] + seconds - now
        writes.append(now)
        return 0.0


def _seconds(wait: float) -> str:
    return str(max(1, math.ceil(wait)))
