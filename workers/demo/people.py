"""People at work in the two tools: what they see there, whichever tool it is."""

from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx


@dataclass(frozen=True)
class Seen:
    """A record as a person sees it; `status` in the tool's own word, `comments` and `files` only where asked for."""

    id: str = field(compare=False)
    title: str
    details: str | None
    status: str
    due: str | None
    assignee: str | None
    labels: frozenset[str]
    effort: float | None
    comments: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """Author and Markdown."""
    files: tuple[tuple[str, int], ...] = field(default=(), compare=False)
    """Name and bytes."""


class Desk(Protocol):
    """A person in front of one tool."""

    async def all(self) -> list[Seen]:
        """Every record, without comments and files."""
        ...

    async def read(self, id_: str) -> Seen:
        """One record, with everything."""
        ...


def answer(response: httpx.Response) -> Any:
    """The JSON of an answer. Raises HTTPStatusError where it is a refusal."""
    response.raise_for_status()
    return response.json() if response.content else None
