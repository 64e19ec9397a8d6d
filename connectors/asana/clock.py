"""Asana's clock as seen from here."""

from datetime import UTC, datetime, timedelta

_SECOND = timedelta(seconds=1)


class Clock:
    """How far Asana's clock is ahead of ours.

    An answer's `Date` tells whole seconds, so each bounds the difference from both sides, and many narrow it down to
    about the time of the quickest answer.
    """

    def __init__(self) -> None:
        self._bounds: tuple[timedelta, timedelta] | None = None

    def hear(self, date: datetime, sent: datetime, received: datetime) -> None:
        """Take in the `Date` of an answer, with the times of our clock at which it was asked and came."""
        low, high = date - received, date + _SECOND - sent
        known_low, known_high = self._bounds or (low, high)
        narrow = max(known_low, low), min(known_high, high)
        # Where they exclude each other, one of the two clocks was set.
        self._bounds = narrow if narrow[0] <= narrow[1] else (low, high)

    @property
    def ahead(self) -> timedelta:
        """Nothing, as long as Asana has not answered."""
        low, high = self._bounds or (timedelta(), timedelta())
        return low + (high - low) / 2

    def now(self) -> datetime:
        """The time at Asana."""
        return datetime.now(UTC) + self.ahead
