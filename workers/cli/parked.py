"""`syncline parked`: what was set aside, with the reason; try it again, or forget it."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli.output import MISUSED, CommandError, out
from workers.cli.session import find_temporal, opened_store, read_settings, read_workspace
from workers.cli.status import ago

if TYPE_CHECKING:
    from rich.console import Console

    from mappings.workspace import Workspace
    from workers.settings import Settings
    from workflows.store.database import Store
    from workflows.store.parking import Parked

EVERY = 100_000
"""As many as are ever listed or tried again at once."""

Id = Annotated[int, typer.Argument(metavar="ID", help="The number in `syncline parked list`.")]


def list_(
    mapping: Annotated[str | None, typer.Option(help="Only of this mapping.")] = None,
) -> None:
    """What is parked, oldest first."""
    rows = asyncio.run(_rows(read_settings(), mapping))
    out.show([asdict(row) for row in rows], lambda console: _render(console, rows))


def _render(console: "Console", rows: "list[Parked]") -> None:
    for row in rows:
        console.print(f"{row.id}  {_what(row)}  for {ago(row.since)}", style="bold", soft_wrap=True)
        console.print(f"     {row.reason}", soft_wrap=True)
    console.print("nothing is parked" if not rows else f"{len(rows)} parked; try one again: syncline parked retry ID")


def _what(row: "Parked") -> str:
    return f"{row.mapping} {row.ref}{f' field {row.field}' if row.field else ''}"


def show(id_: Id) -> None:
    """One parked record or field, with the value that could not be written."""
    row = asyncio.run(_one(read_settings(), id_))
    value = [] if row.value is None else [f"value    {row.value}"]
    out.lines(asdict(row), f"mapping  {row.mapping}", f"record   {row.ref}", f"side     {row.side}",
              f"field    {row.field or '(the whole record)'}", f"reason   {row.reason}", *value,
              f"since    {ago(row.since)}", f"why      syncline explain {row.ref}")  # fmt: skip


def retry(
    id_: Annotated[int | None, typer.Argument(metavar="[ID]", help="The number in `syncline parked list`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that is parked.")] = False,
    reason: Annotated[str | None, typer.Option(help="All whose reason holds this text.")] = None,
) -> None:
    """Try again; what goes well leaves the list by itself."""
    if (id_ is not None) + every + (reason is not None) != 1:
        raise CommandError("say what to try again: one ID, --all, or --reason TEXT.", MISUSED)
    settings = read_settings()
    workspace = read_workspace(settings)
    rows = asyncio.run(_retry(settings, workspace, id_, reason))
    out.lines({"retried": [row.id for row in rows]},
              f"{len(rows)} tried again; `syncline parked list` shows what is still parked.")  # fmt: skip


async def _retry(settings: "Settings", workspace: "Workspace", id_: int | None, reason: str | None) -> "list[Parked]":
    from workers.cli.lanes import Lane
    from workflows.messages import EVERYTHING, Changes, Note

    rows = [await _one(settings, id_)] if id_ is not None else await _rows(settings, None)
    rows = [row for row in rows if reason is None or reason.casefold() in row.reason.casefold()]
    if not rows:
        return []
    client = await find_temporal(settings)
    async with opened_store(settings) as store:
        for mapping in sorted({row.mapping for row in rows}):
            refs = await _refs(store, workspace, [row for row in rows if row.mapping == mapping])
            notes = [Note(ref, list(EVERYTHING), "retry") for ref in sorted(refs)]
            await Lane(client, mapping).signal("changed", Changes.of(notes))
    return rows


async def _refs(store: "Store", workspace: "Workspace", rows: "list[Parked]") -> set[str]:
    """The refs to look at again: a member of each link, or the record itself where there is no link."""
    from workers.cli.reading import ref_of
    from workflows.store import links

    async with store.read() as tx:
        loaded = await links.load(tx, {row.link for row in rows if row.link})
    refs = {row.ref for row in rows if row.link not in loaded}
    for link in loaded.values():
        known = (ref_of(workspace, link.mapping, member.side, member.external_id) for member in link.members.values())
        refs |= set(filter(None, list(known)))
    return refs


def drop(id_: Id) -> None:
    """Forget a parked record or field; it is parked again if the same happens again."""
    settings = read_settings()

    async def forget() -> None:
        from workflows.store import parking

        await _one(settings, id_)
        async with opened_store(settings) as store, store.begin() as tx:
            await parking.drop(tx, [id_])

    asyncio.run(forget())
    out.lines({"dropped": id_}, f"{id_} is forgotten.")


async def _rows(settings: "Settings", mapping: str | None) -> "list[Parked]":
    from workflows.store import parking

    read_workspace(settings)
    async with opened_store(settings) as store, store.read() as tx:
        return await parking.listed(tx, mapping, EVERY)


async def _one(settings: "Settings", id_: int) -> "Parked":
    for row in await _rows(settings, None):
        if row.id == id_:
            return row
    raise CommandError(f"nothing parked has the number {id_}. `syncline parked list` shows what there is.", MISUSED)
