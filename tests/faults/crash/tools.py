"""What people do and see in the tools, in words that both share. Implemented by `eng` (Jira) and `mkt` (Asana)."""

from dataclasses import dataclass
from typing import Protocol

ANA, BO = "ana@acme.example", "bo@acme.example"


@dataclass(frozen=True)
class Copy:
    """A record as a person sees it. Of a comment the last line: those above it name the author of the original."""

    title: str
    details: str = ""
    status: str = "todo"
    due: str = ""
    assignee: str = ""
    effort: float = 0.0
    labels: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()


class Tool(Protocol):
    """One of the two tools, used by a person with a token of their own. Raises httpx.HTTPError for what is refused."""

    async def make(self, wanted: Copy) -> str:
        """A new record, without comments and files; its id."""
        ...

    async def change(self, id_: str, wanted: Copy) -> None:
        """Every field but the status."""
        ...

    async def finish(self, id_: str) -> None:
        """Bring it to the status done, over as many steps as this tool wants."""
        ...

    async def delete(self, id_: str) -> None:
        """Delete the record."""
        ...

    async def comment(self, id_: str, text: str) -> str:
        """Add a comment; its id."""
        ...

    async def edit_comment(self, id_: str, comment: str, text: str) -> None:
        """Replace its text."""
        ...

    async def drop_comment(self, id_: str, comment: str) -> None:
        """Delete it."""
        ...

    async def attach(self, id_: str, name: str, content: str) -> str:
        """Add a file; its id."""
        ...

    async def drop_file(self, file: str) -> None:
        """Delete it."""
        ...

    async def titles(self) -> dict[str, str]:
        """Every record there is: id to title."""
        ...

    async def look(self, id_: str) -> Copy | None:
        """What a record shows; None where it is gone."""
        ...
