"""Event streams and their sync tokens, as they are kept for `GET /events`."""

import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.standins.asana import model

MOST_EVENTS = 100
KEPT_EVENTS = 20_000
TOKEN_LIFETIME = timedelta(hours=24)

Listener = Callable[[model.Event], None]
Listeners = dict[str, list[Listener]]


@dataclass
class Stream:
    """What happened to one resource since somebody first asked; `first` is the number of the oldest kept event."""

    events: deque[model.Event] = field(default_factory=deque)
    first: int = 0

    def hear(self, event: model.Event) -> None:
        self.events.append(event)
        if len(self.events) > KEPT_EVENTS:
            self.events.popleft()
            self.first += 1

    def after(self, position: int) -> list[model.Event]:
        """The next events, as many as one token gives; none for a position beyond the end."""
        start = position - self.first
        return [self.events[at] for at in range(start, min(start + MOST_EVENTS, len(self.events)))]

    @property
    def end(self) -> int:
        return self.first + len(self.events)


class Streams:
    """The streams by gid, and what the tokens stand for: a gid, a position and the time until which they are good."""

    def __init__(self, listeners: Listeners, now: Callable[[], datetime]) -> None:
        self._listeners = listeners
        self._now = now
        self._streams: dict[str, Stream] = {}
        self._tokens: dict[str, tuple[str, int, datetime]] = {}
        self._next: dict[tuple[str, int], str] = {}

    def open(self, gid: str) -> Stream:
        """The stream of a resource, listening from now on at the latest."""
        if gid not in self._streams:
            stream = self._streams[gid] = Stream()
            self._listeners.setdefault(gid, []).append(stream.hear)
        return self._streams[gid]

    def token(self, gid: str, position: int) -> str:
        """The token for a position; the same one for as long as it is good."""
        known = self._next.get((gid, position))
        if known is not None and self._tokens[known][2] > self._now():
            return known
        token = secrets.token_hex(16)
        self._tokens[token] = (gid, position, self._now() + TOKEN_LIFETIME)
        self._next[gid, position] = token
        return token

    def position(self, gid: str, token: str) -> int | None:
        """Where a token points, none if it is not one of this resource or too old."""
        owner, position, expires = self._tokens.get(token, ("", 0, self._now()))
        good = owner == gid and expires > self._now() and position >= self._streams[gid].first
        return position if good else None

    def expire(self) -> None:
        """Make every token invalid at once."""
        self._tokens.clear()
        self._next.clear()
