"""The journal: the append-only record of every decision and every write, and reading it back for `explain`."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from workflows.store.tables import journal


class Kind(StrEnum):
    """What a journal entry tells."""

    LINKED = "linked"
    CREATED = "created"
    DECIDED = "decided"
    WROTE = "wrote"
    REFUSED = "refused"
    CONFLICT = "conflict"
    SETTLED = "settled"
    PARKED = "parked"
    DELETED = "deleted"
    REMARK = "remark"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Entry:
    """One line. `data` holds what the kind needs: before, after, rule, trigger, answer, reason."""

    kind: Kind
    mapping: str
    link: str | None = None
    side: str | None = None
    ref: str | None = None
    field: str | None = None
    data: dict[str, Any] = dataclasses.field(default_factory=dict)
    at: float = 0.0


async def write(tx: AsyncConnection, entries: Sequence[Entry], now: float) -> None:
    """Append."""
    if entries:
        await tx.execute(
            journal.insert(),
            [
                {
                    "at": now, "mapping": entry.mapping, "link": entry.link, "kind": entry.kind.value,
                    "side": entry.side, "ref": entry.ref, "field": entry.field, "data": entry.data,
                }
                for entry in entries
            ],
        )  # fmt: skip


async def of_link(tx: AsyncConnection, link: str, field_name: str | None, limit: int) -> list[Entry]:
    """The newest entries of a link, oldest first; those of one field and those of the whole record."""
    query = select(journal).where(journal.c.link == link)
    if field_name is not None:
        query = query.where((journal.c.field == field_name) | journal.c.field.is_(None))
    rows = (await tx.execute(query.order_by(journal.c.id.desc()).limit(limit))).mappings()
    return [
        Entry(Kind(r["kind"]), r["mapping"], r["link"], r["side"], r["ref"], r["field"], r["data"], r["at"])
        for r in reversed(list(rows))
    ]
