"""Whether the work that a request is for is still ours, asked at the last moment before the request goes out.

A process that stood still does not know it: stopped, swapped out, or on a machine that was paused. When it goes on,
another may long have taken its work over, and what it was about to send is old.
"""

from contextvars import ContextVar
from typing import Protocol


class NotOurs(Exception):
    """Another process has taken the work over: nothing may be sent, or stored, for it any more."""


class Guard(Protocol):
    """Knows whose work it is."""

    def is_fresh(self) -> bool:
        """Whether that was made sure of so shortly ago that nobody can have taken it over. Asked in any thread."""

    async def renew(self) -> None:
        """Make sure again. Raises NotOurs."""


guard: ContextVar[Guard | None] = ContextVar("guard", default=None)
"""Set by whoever works under a lease; every request made in its context is held against it."""
