"""A webhook target: echoes handshakes as told, and hands deliveries over as they come."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import orjson
from starlette.types import Receive, Scope, Send

from connectors.standins.server import read_body, running

SECRET = "x-hook-secret"


class Arrival(NamedTuple):
    """One delivery."""

    headers: dict[str, str]
    body: bytes

    @property
    def events(self) -> list[Any]:
        found: list[Any] = orjson.loads(self.body)["events"]
        return found


class Target:
    """Answers handshakes with the secret unless `mute`, and deliveries with `status`."""

    def __init__(self) -> None:
        self.mute = False
        self.status = 200
        self.url = ""
        self.secrets: list[str] = []
        self.arrivals: queue.Queue[Arrival] = queue.Queue()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for phase in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{phase}.complete"})
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = await read_body(receive)
        secret = headers.get(SECRET)
        answer = [] if secret is None or self.mute else [(SECRET.encode(), secret.encode())]
        await send({"type": "http.response.start", "status": 200 if secret else self.status, "headers": answer})
        await send({"type": "http.response.body", "body": b""})
        if secret is None:
            self.arrivals.put(Arrival(headers, body))
        else:
            self.secrets.append(secret)

    def next(self) -> Arrival:
        """The next delivery; fails when none comes."""
        return self.arrivals.get(timeout=60)

    def gather(self, count: int) -> list[Any]:
        """The next so many events, over however many deliveries."""
        events: list[Any] = []
        while len(events) < count:
            events += self.next().events
        return events


@contextmanager
def listening() -> Iterator[Target]:
    """A target on a port of its own."""
    target = Target()
    with running(target) as url:
        target.url = f"{url}/hooks/asana/1"
        yield target
