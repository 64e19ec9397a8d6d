"""A store as it is after so many records: links with two members each, their journal, some comments, some parked."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import Table

from connectors.contract import Value
from workflows.store import tables
from workflows.store.database import Store
from workflows.store.links import origin_id

MAPPING: Final = "bench-tasks"
CHUNK: Final = 5_000
BASE: Final[dict[str, Value]] = {
    "title": "Launch page", "details": "## What is to be done\nAgree on *words* and pictures.\n" * 4, "status": "todo",
    "due": "2027-01-05", "assignee": "ana@acme.example", "labels": ["launch"], "effort": 3.0, "origin": "Jira 10000",
}  # fmt: skip
NOW: Final = 1_790_000_000.0


@dataclass(frozen=True)
class Numbered:
    """The link of the record with this number, by whose ids everything of it is found."""

    number: int

    @property
    def link(self) -> str:
        """Its id."""
        return origin_id("ab12", MAPPING, f"eng-jira:issue:{self.issue}")

    @property
    def issue(self) -> str:
        """Its record in Jira."""
        return str(10_000 + self.number)

    @property
    def task(self) -> str:
        """Its record in Asana."""
        return str(1_205_000_000_000_001 + self.number)

    @property
    def ref(self) -> str:
        """Its record in Jira, in full."""
        return f"eng-jira:issue:{self.issue}"


def drawn(count: int, links: int, source: random.Random) -> list[Numbered]:
    """So many of all links, by chance."""
    return [Numbered(number) for number in source.sample(range(links), count)]


async def stock(store: Store, links: int) -> None:
    """Fill an empty store in bulk."""
    for table, rows in (
        (tables.links, _links(links)), (tables.members, _members(links)), (tables.journal, _journal(links)),
        (tables.remarks, _remarks(links)), (tables.parked, _parked(links)),
    ):  # fmt: skip
        await _insert(store, table, rows)
    async with store.begin() as tx:
        await tx.exec_driver_sql("ANALYZE")


async def _insert(store: Store, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    while chunk := list(islice(rows, CHUNK)):
        async with store.begin() as tx:
            await tx.execute(table.insert(), chunk)


def _links(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "id": Numbered(number).link, "mapping": MAPPING, "base": BASE, "shown": {}, "announced": {},
            "created_at": NOW, "synced_at": NOW,
        }  # fmt: skip


def _members(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        one = Numbered(number)
        for side, id_ in (("eng", one.issue), ("mkt", one.task)):
            yield {
                "mapping": MAPPING, "side": side, "external_id": id_, "link": one.link, "version": str(NOW),
                "updated_at": NOW, "url": f"https://acme.example/{id_}",
            }  # fmt: skip


def _journal(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        one = Numbered(number)
        for kind in ("decided", "wrote"):
            yield {
                "at": NOW, "mapping": MAPPING, "link": one.link, "kind": kind, "side": "mkt", "ref": one.ref,
                "field": "title", "data": {"before": "Launch", "after": "Launch page", "rule": "bench-tasks.yaml:18"},
            }  # fmt: skip


def _remarks(count: int) -> Iterator[dict[str, Any]]:
    for number in range(0, count, 10):
        one = Numbered(number)
        yield {
            "link": one.link, "kind": "comments", "origin_side": "eng", "origin_id": one.issue, "side": "mkt",
            "external_id": one.task, "digest": "0" * 64,
        }  # fmt: skip


def _parked(count: int) -> Iterator[dict[str, Any]]:
    for number in range(0, count, 100):
        one = Numbered(number)
        yield {
            "mapping": MAPPING, "link": one.link, "side": "mkt", "field": "due", "ref": one.ref, "since": NOW,
            "reason": "The project has no such date",
        }  # fmt: skip
