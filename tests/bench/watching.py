"""The moments at which records first show what they are to show."""

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class Watch:
    """Told of every edit. Moments are of the monotonic clock, which all processes of a machine share."""

    wanted: dict[str, str] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    def expect(self, wanted: dict[str, str]) -> None:
        """Wait from now on for these titles, by the id of the record, and forget those before."""
        self.wanted, self.seen, self.complete = wanted, {}, asyncio.Event()

    def see(self, id_: str, title: str) -> None:
        """A record shows this title now."""
        if self.wanted and self.wanted.get(id_) == title:
            del self.wanted[id_]
            self.seen[id_] = time.monotonic()
            if not self.wanted:
                self.complete.set()

    async def moments(self) -> dict[str, float]:
        """Wait until every title was shown; when each was."""
        await self.complete.wait()
        return self.seen
