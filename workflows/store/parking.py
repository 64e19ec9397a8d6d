"""What is set aside for a person: parked records and fields, and open conflicts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.contract import Value
from workflows.store.tables import conflicts, parked
from workflows.store.upsert import insert_into

AMBIGUOUS = "ambiguous"
"""The value of a parked record that has several counterparts, so that it is not copied."""


@dataclass(frozen=True)
class Parked:
    """A record (`field` empty) or a field that waits for a person or a fix."""

    mapping: str
    link: str
    side: str
    field: str
    ref: str
    reason: str
    value: Value = None
    since: float = 0.0
    id: int = 0


async def park(tx: AsyncConnection, new: Sequence[Parked], now: float) -> None:
    """Set aside; what is parked already keeps its date and gets the newer reason."""
    for one in new:
        row = {
            "mapping": one.mapping, "link": one.link, "side": one.side, "field": one.field, "ref": one.ref,
            "reason": one.reason, "value": one.value, "since": now,
        }  # fmt: skip
        statement = insert_into(tx, parked).values(row)
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=["mapping", "link", "ref", "side", "field"],
                set_={"reason": statement.excluded.reason, "value": statement.excluded.value},
            )
        )


async def of_links(tx: AsyncConnection, links: Collection[str]) -> dict[str, list[Parked]]:
    """What is parked, by link."""
    found: dict[str, list[Parked]] = {}
    for row in (await tx.execute(select(parked).where(parked.c.link.in_(links)))).mappings():
        found.setdefault(row["link"], []).append(_parked(row))
    return found


async def unlinked(tx: AsyncConnection, mapping: str, refs: Collection[str]) -> list[Parked]:
    """What is parked of records that have no link."""
    query = select(parked).where(parked.c.mapping == mapping, parked.c.link == "", parked.c.ref.in_(refs))
    return [_parked(row) for row in (await tx.execute(query)).mappings()]


async def listed(tx: AsyncConnection, mapping: str | None = None, limit: int = 1000) -> list[Parked]:
    """What is parked, oldest first."""
    query = select(parked).order_by(parked.c.id).limit(limit)
    if mapping is not None:
        query = query.where(parked.c.mapping == mapping)
    return [_parked(row) for row in (await tx.execute(query)).mappings()]


async def counted(tx: AsyncConnection, mapping: str) -> tuple[int, int]:
    """How much is parked, and how many conflicts are open."""
    numbers = [
        await tx.scalar(select(func.count()).select_from(table).where(table.c.mapping == mapping))
        for table in (parked, conflicts)
    ]
    return numbers[0] or 0, numbers[1] or 0


async def drop(tx: AsyncConnection, ids: Collection[int]) -> None:
    """Forget these."""
    if ids:
        await tx.execute(delete(parked).where(parked.c.id.in_(ids)))


async def drop_unlinked(tx: AsyncConnection, mapping: str, refs: Collection[str] | None = None) -> None:
    """Forget what was parked before there was a link: of records that have one now, or all, to be looked at anew."""
    query = delete(parked).where(parked.c.mapping == mapping, parked.c.link == "")
    await tx.execute(query if refs is None else query.where(parked.c.ref.in_(refs)))


async def open_conflict(tx: AsyncConnection, mapping: str, link: str, field: str, values: Any, now: float) -> None:
    """Open a conflict, or bring its values up to date."""
    statement = insert_into(tx, conflicts).values(mapping=mapping, link=link, field=field, values=values, opened_at=now)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["link", "field"], set_={"values": statement.excluded["values"]})
    )


async def open_fields(tx: AsyncConnection, links: Collection[str]) -> dict[str, set[str]]:
    """The fields with an open conflict, by link."""
    found: dict[str, set[str]] = {}
    rows = await tx.execute(select(conflicts.c.link, conflicts.c.field).where(conflicts.c.link.in_(links)))
    for link, field in rows:
        found.setdefault(link, set()).add(field)
    return found


async def close_conflicts(tx: AsyncConnection, link: str, fields: Collection[str]) -> None:
    """Close, because the sides agree again."""
    if fields:
        await tx.execute(delete(conflicts).where(conflicts.c.link == link, conflicts.c.field.in_(fields)))


def _parked(row: Any) -> Parked:
    return Parked(
        row["mapping"], row["link"], row["side"], row["field"], row["ref"], row["reason"], row["value"], row["since"],
        row["id"],
    )  # fmt: skip
