"""Questions that commands ask the store."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mappings.workspace import Workspace
from workflows.store.journal import Kind
from workflows.store.tables import conflicts, journal, members, parked


@dataclass(frozen=True)
class Found:
    """A link by the record that was asked for."""

    link: str
    mapping: str
    side: str


async def created_since(tx: AsyncConnection, mapping: str, moment: float) -> int:
    """How many records were created for a mapping since then."""
    query = select(func.count()).select_from(journal)
    query = query.where(journal.c.mapping == mapping, journal.c.kind == Kind.CREATED.value, journal.c.at >= moment)
    return await tx.scalar(query) or 0


async def find_links(tx: AsyncConnection, sides: Iterable[tuple[str, str]], external_id: str) -> list[Found]:
    """The links of a record, by the (mapping, side) pairs that it may belong to."""
    wanted = set(sides)
    query = select(members.c.link, members.c.mapping, members.c.side)
    rows = await tx.execute(query.where(members.c.external_id == external_id))
    return [found for found in (Found(*row) for row in rows) if (found.mapping, found.side) in wanted]


async def find_by_key(tx: AsyncConnection, key: str) -> list[Found]:
    """The links of records whose address ends in `/key`."""
    query = select(members.c.link, members.c.mapping, members.c.side)
    rows = await tx.execute(query.where(members.c.url.endswith(f"/{key}", autoescape=True)))
    return [Found(*row) for row in rows]


async def parked_reasons(tx: AsyncConnection, ref: str) -> list[str]:
    """Why a record is parked that has no link."""
    return list((await tx.execute(select(parked.c.reason).where(parked.c.ref == ref))).scalars())


async def open_conflicts(tx: AsyncConnection, link: str) -> list[str]:
    """The fields of a link that wait for a person."""
    return list((await tx.execute(select(conflicts.c.field).where(conflicts.c.link == link))).scalars())


def sides_of(workspace: Workspace, connection: str, object_: str) -> list[tuple[str, str]]:
    """Mapping and side wherever a connection's object takes part."""
    return [
        (name, side_name)
        for name, loaded in workspace.mappings.items()
        for side_name, side in loaded.mapping.sides.items()
        if (side.connection, side.object) == (connection, object_)
    ]


def ref_of(workspace: Workspace, mapping: str, side: str, external_id: str) -> str | None:
    """The ref of a member; None where the mapping has no such side any more."""
    loaded = workspace.mappings.get(mapping)
    there = loaded.mapping.sides.get(side) if loaded else None
    return f"{there.connection}:{there.object}:{external_id}" if there else None
