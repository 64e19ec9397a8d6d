"""The control door of a stand-in: what a test or a demo may bend, without changing how the vendor's API behaves.

`GET /__control` shows the knobs, `PUT /__control` merges new values into them, `GET /__control/log` lists the requests
served, `DELETE /__control/log` empties the list. Faults are rules; the first that matches a request is used up first.
"""

import asyncio
import dataclasses
import re
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Literal

LOG_LENGTH = 100_000


@dataclass
class Fault:
    """One rule: what to do with the next `times` requests whose `METHOD /path` matches; `times` 0 means all of them.

    `status` answers with that code instead of doing the work; `cut_before` drops the connection before the work is
    done, `cut_after` once it is committed; `slow` waits `seconds` before the work.
    """

    match: str
    do: Literal["status", "cut_before", "cut_after", "slow"]
    times: int = 1
    status: int = 500
    retry_after: float | None = None
    seconds: float = 0.0

    def covers(self, line: str) -> bool:
        """Whether this rule is meant for the request `METHOD /path`."""
        return re.search(self.match, line) is not None


@dataclass
class Webhooks:
    """How deliveries misbehave: probabilities from 0 to 1, times in seconds, `lose_next` counts down."""

    delay: float = 0.01
    lose: float = 0.0
    lose_next: int = 0
    repeat: float = 0.0
    disorder: float = 0.0
    retry_scale: float = 1.0


@dataclass
class Control:
    """Everything that can be bent. Times in seconds; `skew` moves the stand-in's clock away from the real one."""

    latency: float = 0.0
    skew: float = 0.0
    index_lag: float = 0.0
    webhooks: Webhooks = field(default_factory=Webhooks)
    faults: list[Fault] = field(default_factory=list)
    limits: dict[str, float] = field(default_factory=dict)
    random: Random = field(default_factory=lambda: Random(1))
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))

    def now(self) -> datetime:
        """The stand-in's own clock, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.skew)

    def shown(self) -> dict[str, Any]:
        """The knobs as JSON."""
        return {
            "latency": self.latency,
            "skew": self.skew,
            "index_lag": self.index_lag,
            "webhooks": dataclasses.asdict(self.webhooks),
            "faults": [dataclasses.asdict(fault) for fault in self.faults],
            "limits": dict(self.limits),
        }

    def bend(self, wanted: dict[str, Any]) -> None:
        """Merge new values; `faults` replaces the list. Raises ValueError or TypeError for a knob that is not there."""
        for name, value in wanted.items():
            match name:
                case "latency" | "skew" | "index_lag":
                    setattr(self, name, float(value))
                case "webhooks":
                    self.webhooks = dataclasses.replace(self.webhooks, **value)
                case "faults":
                    self.faults = [Fault(**rule) for rule in value]
                case "limits":
                    self.limits = {str(key): float(number) for key, number in value.items()}
                case _:
                    raise ValueError(f"no knob {name!r}; there are: {', '.join(self.shown())}")

    def next_fault(self, line: str) -> Fault | None:
        """The fault that this request meets, used up by one."""
        fault = next((fault for fault in self.faults if fault.covers(line)), None)
        if fault is not None and fault.times:
            fault.times -= 1
            if not fault.times:
                self.faults.remove(fault)
        return fault

    async def wait_latency(self) -> None:
        """Wait as long as the vendor's network and server would take."""
        if self.latency:
            await asyncio.sleep(self.latency)

    def record(self, method: str, path: str, query: str, status: int, started: float) -> None:
        """Remember a request that was served; status 0 means that the connection was cut."""
        self.log.append(
            {
                "at": datetime.now(UTC).isoformat(),
                "method": method,
                "path": path,
                "query": query,
                "status": status,
                "seconds": time.monotonic() - started,
            }
        )
