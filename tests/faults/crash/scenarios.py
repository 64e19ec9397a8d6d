"""What a person does in a round, on either side, and what both sides must show in the end."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from tests.faults.crash.tools import ANA, BO, Copy, Tool

Side = Literal["eng", "mkt"]
SIDES: Final[tuple[Side, ...]] = ("eng", "mkt")


@dataclass
class Item:
    """What a round is about. `expected`: what both sides must show; None: that it is gone from both."""

    number: int
    ids: dict[str, str] = field(default_factory=dict)
    expected: Copy | None = None
    thing: str = ""
    """The comment or file that was made beforehand, on the side where the person acts."""

    @property
    def here(self) -> Copy:
        """What is expected, of an item that is there."""
        assert self.expected is not None
        return self.expected


Act = Callable[[Tool, str, Item], Awaitable[None]]
"""Does something on a side, by its name, and sets what is expected from then on."""


@dataclass(frozen=True)
class Scenario:
    """`before` makes what `act` needs, and is carried to both sides first. `first`: see `AGAIN`."""

    name: str
    side: Side
    act: Act
    before: tuple[Act, ...] = ()
    first: str = ""


async def make(tool: Tool, side: str, item: Item) -> None:
    """A new record."""
    n = item.number
    item.expected = Copy(f"Crash {n}", f"Details of {n}", "todo", "2027-01-02", ANA, float(n), ("launch",))
    item.ids[side] = await tool.make(item.expected)


async def change(tool: Tool, side: str, item: Item) -> None:
    """Every field at once, with a label that the other side does not know yet."""
    n, labels = item.number, tuple(sorted(("launch", f"label-{item.number}")))
    item.expected = Copy(f"Crash {n} changed", f"Other details of {n}", "todo", "2027-03-04", BO, n + 0.5, labels)
    await tool.change(item.ids[side], item.expected)


async def finish(tool: Tool, side: str, item: Item) -> None:
    """From the first status to the last: in Jira over three transitions, the last of them with a screen."""
    item.expected = replace(item.here, status="done")
    await tool.finish(item.ids[side])


async def comment(tool: Tool, side: str, item: Item) -> None:
    """A comment."""
    text = f"Comment on {item.number}"
    item.expected = replace(item.here, comments=(text,))
    item.thing = await tool.comment(item.ids[side], text)


async def edit_comment(tool: Tool, side: str, item: Item) -> None:
    """Other words in a comment that was copied already."""
    text = f"Other words on {item.number}"
    item.expected = replace(item.here, comments=(text,))
    await tool.edit_comment(item.ids[side], item.thing, text)


async def drop_comment(tool: Tool, side: str, item: Item) -> None:
    """A comment that was copied already is deleted."""
    item.expected = replace(item.here, comments=())
    await tool.drop_comment(item.ids[side], item.thing)


async def attach(tool: Tool, side: str, item: Item) -> None:
    """A file."""
    name, content = f"file-{item.number}.txt", f"Content of {item.number}"
    item.expected = replace(item.here, files=((name, content),))
    item.thing = await tool.attach(item.ids[side], name, content)


async def drop_file(tool: Tool, side: str, item: Item) -> None:
    """A file that was copied already is deleted."""
    item.expected = replace(item.here, files=())
    await tool.drop_file(item.thing)


async def delete(tool: Tool, side: str, item: Item) -> None:
    """The record is deleted; the mapping says that its copy goes with it."""
    item.expected = None
    await tool.delete(item.ids[side])


DOINGS: Final[dict[str, tuple[Act, tuple[Act, ...], str, str]]] = {
    "create": (make, (), "connector.create(", "links.attempt(tx, making"),
    "update": (change, (make,), "connector.update(", "announce(run, "),
    "status": (finish, (make,), "connector.update(", "announce(run, "),
    "comment": (comment, (make,), "connector.add_comment(", "self._announce(row)"),
    "comment-edit": (edit_comment, (make, comment), "connector.edit_comment(", "self.edit(row)"),
    "comment-delete": (drop_comment, (make, comment), "connector.remove_comment(", "self.remove(row)"),
    "attach": (attach, (make,), "target.attach(", "origin.download("),
    "attach-delete": (drop_file, (make, attach), "connector.remove_attachment(", "self.remove(row)"),
    "delete": (delete, (make,), "connector.delete(", "commit(run, ["),
}
"""By name: what is done, what is done beforehand, the call to the tool that carries it over, and one shortly before it
or after it that is worth a death."""

ONCE: Final = tuple(
    Scenario(f"{name}-{side}", side, act, before) for name, (act, before, _, _) in DOINGS.items() for side in SIDES
)
AGAIN: Final = tuple(
    Scenario(f"{name}-{side}-again", side, act, before, first)
    for name, (act, before, first, _) in DOINGS.items()
    for side in SIDES
)
"""The same, with a first death when the tool has carried out the call `first`, whose answer is lost: the steps by which
a new worker finds out what became of it are walked through only then, and it dies at each of these as well."""

UNTOLD: Final = frozenset({"attach-delete-mkt", "attach-delete-mkt-again"})
"""Asana tells nobody that a file was removed: a sweep finds it, and is asked for at once."""

SCENARIOS: Final = {scenario.name: scenario for scenario in (*ONCE, *AGAIN)}
