"""Answers kept for a while, loaded once however many ask at the same time."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

MIN_AGE_SECONDS = 5.0
"""An answer younger than this is not loaded anew: a thousand records with one unknown name cost one refresh."""


class Cache(Generic[T]):
    """Answers by key, each good for `ttl` seconds."""

    def __init__(self, ttl: float) -> None:
        self._ttl = ttl
        self._kept: dict[str, tuple[float, T]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, key: str, load: Callable[[], Awaitable[T]], *, fresh: bool = False) -> T:
        """The kept answer, or a new one where it is too old, or `fresh` is asked and it is not brand-new."""
        async with self._locks[key]:
            kept = self._kept.get(key)
            if kept is not None and time.monotonic() - kept[0] < (MIN_AGE_SECONDS if fresh else self._ttl):
                return kept[1]
            value = await load()
            self._kept[key] = (time.monotonic(), value)
            return value

    def forget(self, key: str) -> None:
        """Load it anew when it is next asked for."""
        self._kept.pop(key, None)
