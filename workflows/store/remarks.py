"""Comments and attachments that have copies: which is whose."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from workflows.store.tables import remarks
from workflows.store.upsert import insert_into


@dataclass(frozen=True)
class Row:
    """An original and its copy on one side: made from a text of this `digest` ("": not sure), and carrying this `mark`.

    `external_id` None: not there yet; then `attempted_at` tells when it last went out, None that it was refused.
    """

    origin_side: str
    origin_id: str
    side: str
    digest: str
    external_id: str | None = None
    attempted_at: float | None = None
    mark: str = ""


async def of_link(tx: AsyncConnection, link: str, kind: str) -> list[Row]:
    """All rows of a link."""
    rows = await tx.execute(select(remarks).where(remarks.c.link == link, remarks.c.kind == kind))
    return [
        Row(r["origin_side"], r["origin_id"], r["side"], r["digest"], r["external_id"], r["attempted_at"], r["mark"])
        for r in rows.mappings()
    ]


async def put(tx: AsyncConnection, link: str, kind: str, row: Row) -> None:
    """Store a row, or bring it up to date."""
    values = {
        "link": link, "kind": kind, "origin_side": row.origin_side, "origin_id": row.origin_id, "side": row.side,
        "external_id": row.external_id, "digest": row.digest, "attempted_at": row.attempted_at, "mark": row.mark,
    }  # fmt: skip
    statement = insert_into(tx, remarks).values(values)
    changed = {name: statement.excluded[name] for name in ("external_id", "digest", "attempted_at", "mark")}
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["link", "kind", "origin_side", "origin_id", "side"], set_=changed
        )
    )


async def forget(tx: AsyncConnection, link: str, kind: str, rows: Sequence[Row]) -> None:
    """Remove rows."""
    for row in rows:
        await tx.execute(
            delete(remarks).where(
                remarks.c.link == link, remarks.c.kind == kind, remarks.c.origin_side == row.origin_side,
                remarks.c.origin_id == row.origin_id, remarks.c.side == row.side,
            )
        )  # fmt: skip
