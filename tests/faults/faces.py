"""How people use the tools, and what a tool shows: each side in the same words, through the vendor's own API."""

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import httpx

from tests.faults.model import Record, Said
from tests.faults.stage import PERSON, Tool

PEOPLE = {"ana": "Ana Chen", "bo": "Bo Larsen", "wei": "陈伟"}
"""Who edits: the word before `-token`, and what of their shown name no escaping changes."""
BOT = "bot"
"""The account of the product."""
LABEL = "made-"
"""What our labels begin with: others are marks of the product."""


class Face(ABC):
    """One side's tool. `by` is the word of a person in `PEOPLE`; ids are the tool's own."""

    def __init__(self, tool: Tool) -> None:
        self.tool = tool
        # A kept connection may be closed by the tool at the moment it is used, which would be no fault of the storm's.
        fresh = httpx.Limits(max_keepalive_connections=0)
        self.http = httpx.AsyncClient(timeout=30, headers=[PERSON], base_url=tool.url, limits=fresh)

    @abstractmethod
    async def records(self) -> list[Record]:
        """All that there is, as it is now."""

    @abstractmethod
    async def create(self, by: str, title: str, lines: Sequence[str]) -> str:
        """Make a record; its id."""

    @abstractmethod
    async def write(self, by: str, id_: str, name: str, value: Any) -> None:
        """Set the field `title`, `due`, `number`, `details` or `assignee`."""

    @abstractmethod
    async def move(self, by: str, id_: str, chance: random.Random) -> None:
        """To another status, as the tool lets people."""

    @abstractmethod
    async def label(self, by: str, id_: str, label: str, *, there: bool) -> None:
        """Add a label, or take it away."""

    @abstractmethod
    async def say(self, by: str, id_: str, text: str, comment: str = "") -> str:
        """Comment, or reword one's own; the comment's id."""

    @abstractmethod
    async def unsay(self, by: str, id_: str, comment: str) -> None:
        """Delete one's own comment."""

    @abstractmethod
    async def delete(self, by: str, id_: str) -> None:
        """Delete the record."""

    @abstractmethod
    async def record(self, id_: str) -> Record | None:
        """One record, without its comments; None where it is gone."""

    async def state(self) -> Any:
        """Everything the tool holds."""
        answer = await self.http.get("/__control/state")
        answer.raise_for_status()
        return answer.json()

    async def close(self) -> None:
        """End the connections."""
        await self.http.aclose()


def lines_of(text: str | None) -> tuple[str, ...] | None:
    """A text's lines without the empty ones."""
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip()) or None


def labels_of(names: Sequence[str]) -> tuple[str, ...] | None:
    """The labels that people made."""
    return tuple(sorted(name for name in names if name.startswith(LABEL))) or None


def said(account: str, text: str) -> Said:
    """A comment by an account's word: a copy names its author above the text."""
    lines = lines_of(text) or ("",)
    above = " ".join(lines[:-1])
    named = next((word for word, name in PEOPLE.items() if name in above), "")
    return Said(lines[-1], named if account == BOT else account)
