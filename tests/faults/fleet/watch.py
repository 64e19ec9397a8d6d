"""What our bot wrote into a system, in the order in which it took effect there."""

import re
import time
from base64 import b64encode
from collections import defaultdict
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BOT = {b"Bearer bot-token", b"Basic " + b64encode(b"bot@acme.example:bot-token")}
TITLE = re.compile(r'"(?:summary|name)": ?"Item \d+ v(\d+)"')
DUE = re.compile(r'"(?:duedate|due_on)": ?"(\d{4}-\d\d-\d\d)"')
RECORD = re.compile(r"/(?:issue|tasks)/(\d+)$")


@dataclass
class Write:
    """One field of one record; `value` can be compared, and people only ever make it greater."""

    side: str
    record: str
    field: str
    value: str
    at: float


@dataclass
class Watch:
    """Stands before the stand-ins."""

    writes: list[Write] = field(default_factory=list)
    requests: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """When each request of our bot arrived, by side."""

    def over(self, side: str, app: ASGIApp) -> ASGIApp:
        """The same application, watched."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            body: list[bytes] = []
            ours = scope["type"] == "http" and BOT.intersection(value for _, value in scope["headers"])
            if ours:
                self.requests[side].append(time.monotonic())

            async def reading() -> Message:
                message = await receive()
                body.append(message.get("body", b""))
                return message

            await app(scope, reading, send)
            if ours:
                self._note(side, scope["method"], scope["path"], b"".join(body).decode("utf-8", "replace"))

        return watched

    def _note(self, side: str, method: str, path: str, body: str) -> None:
        record = RECORD.search(path)
        if method != "PUT" or record is None:
            return
        for name, pattern in (("title", TITLE), ("due", DUE)):
            found = pattern.search(body)
            if found:
                self.writes.append(Write(side, record[1], name, found[1].rjust(10, "0"), time.monotonic()))

    def turned_back(self) -> list[str]:
        """Writes of an older value behind a newer one."""
        return [
            f"{there}: {new.value} behind {old.value}" for there, old, new in self._pairs() if new.value < old.value
        ]

    def repeated(self) -> list[str]:
        """Writes of the very value that was written before."""
        return [f"{there}: {new.value} again" for there, old, new in self._pairs() if new.value == old.value]

    def _pairs(self) -> list[tuple[str, Write, Write]]:
        last: dict[str, Write] = {}
        pairs = []
        for write in self.writes:
            there = f"{write.side} {write.record} {write.field}"
            if there in last:
                pairs.append((there, last[there], write))
            last[there] = write
        return pairs
