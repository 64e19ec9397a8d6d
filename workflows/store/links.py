"""Links with their members and intents: the queries that the sync activity lives on."""

import hashlib
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.contract import Value
from workflows.store.tables import intents, links, members
from workflows.store.upsert import insert_into

T = TypeVar("T")

_FIND: Final = select(members.c.external_id, members.c.link).where(
    members.c.mapping == bindparam("of"),
    members.c.side == bindparam("there"),
    members.c.external_id.in_(bindparam("ids", expanding=True)),
)
_OF_LINKS: Final = [
    select(links).where(links.c.id.in_(bindparam("ids", expanding=True))),
    select(members).where(members.c.link.in_(bindparam("ids", expanding=True))),
    select(intents).where(intents.c.link.in_(bindparam("ids", expanding=True))),
]
_ATTEMPT: Final = (
    update(intents)
    .where(intents.c.link == bindparam("of"), intents.c.side == bindparam("there"))
    .values(attempted_at=bindparam("at"))
)
_ANNOUNCE: Final = (
    update(links)
    .where(links.c.id == bindparam("key"))
    .values(
        base=bindparam("agreed"),
        shown=bindparam("seen"),
        announced=bindparam("told"),
        sources=bindparam("made"),
        looked=bindparam("read"),
    )
)
_SETTLE: Final = (
    update(links)
    .where(links.c.id == bindparam("key"))
    .values(
        base=bindparam("agreed"), shown=bindparam("seen"), announced=bindparam("told"),
        sources=bindparam("made"), late=bindparam("left"), state=bindparam("is"), synced_at=bindparam("now"),
    )
)  # fmt: skip
_SETTLE_MEMBER: Final = (
    update(members)
    .where(members.c.link == bindparam("key"), members.c.side == bindparam("of"))
    .values(
        version=bindparam("now_version"), updated_at=bindparam("now_updated"), url=bindparam("now_url"),
        gone=bindparam("now_gone"), discussed=bindparam("now_discussed"),
    )
)  # fmt: skip

MARK_LENGTH = 16

CHUNK = 400
"""Rows a statement: below the number of bound parameters that SQLite and asyncpg take."""


@dataclass
class Member:
    """A link's record on one side. `version`, `updated_at`: as last read there. `gone`: deleted there.

    `discussed`: the version as of which comments and attachments were looked at.
    """

    side: str
    external_id: str
    version: str = ""
    url: str = ""
    gone: bool = False
    updated_at: float = 0.0
    discussed: str = ""


@dataclass(frozen=True)
class Seen:
    """The version last read of a record, that of its discussion, and when its link was last in step."""

    version: str
    discussed: str
    synced_at: float


class Look(NamedTuple):
    """Moments of a side's own clock: our looks before the first write that is still unanswered, and before the last
    write; and how new the record was at the last.
    """

    first: float
    last: float
    updated: float


@dataclass
class Link:
    """The fact that records on several sides are the same thing, with what was last agreed."""

    id: str
    mapping: str
    state: str = "active"
    base: dict[str, Value] | None = None
    shown: dict[str, dict[str, Value]] = field(default_factory=dict)
    announced: dict[str, dict[str, list[Value]]] = field(default_factory=dict)
    """By side and field: values that were sent, or were about to be, and whose outcome is not stored."""
    looked: dict[str, Look] = field(default_factory=dict)
    """By side: how we had looked when it was last told something."""
    sources: dict[str, list[str]] = field(default_factory=dict)
    """By field: the sides whose edits made the base, while anything is announced of it."""
    late: dict[str, dict[str, list[tuple[Value, float]]]] = field(default_factory=dict)
    """By side and field: values of requests that were never answered, and until when those may yet take effect."""
    members: dict[str, Member] = field(default_factory=dict)
    intents: dict[str, float | None] = field(default_factory=dict)
    """Sides where a record is to be created, with the time of the last attempt."""
    away: set[str] = field(default_factory=set)
    """Sides with a member that the mapping in force does not name."""


def new_id() -> str:
    """A fresh link id."""
    return uuid.uuid4().hex[:20]


def origin_id(prefix: str, mapping: str, ref: str) -> str:
    """The id of the link that a record begins; it is also the marker in the copies that are made of it.

    The same record of the same mapping always has the same, whatever became of the store: a copy that was made before
    a backup was restored is found again by it. It begins with the store's identity, which tells whose marker it is.
    """
    return prefix + origin_mark(mapping, ref)


def origin_mark(mapping: str, ref: str) -> str:
    """The part of `origin_id` that does not depend on the store."""
    return hashlib.sha256(f"{mapping}\n{ref}".encode()).hexdigest()[:MARK_LENGTH]


async def find(tx: AsyncConnection, mapping: str, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Link ids by (side, external id), for those that have one."""
    found: dict[tuple[str, str], str] = {}
    # Asked side by side: SQLite reads a whole table for a list of pairs.
    for side in sorted({side for side, _ in keys}):
        for chunk in chunks([external_id for there, external_id in keys if there == side]):
            rows = await tx.execute(_FIND, {"of": mapping, "there": side, "ids": chunk})
            found.update({(side, external_id): link for external_id, link in rows})
    return found


async def load(tx: AsyncConnection, ids: Collection[str]) -> dict[str, Link]:
    """Whole links by id; unknown ids are absent."""
    loaded: dict[str, Link] = {}
    for chunk in chunks(list(ids)):
        of_links, of_members, of_intents = [(await tx.execute(each, {"ids": chunk})).mappings() for each in _OF_LINKS]
        for row in of_links:
            loaded[row["id"]] = Link(
                row["id"], row["mapping"], row["state"], row["base"], row["shown"], row["announced"],
                {side: Look(*look) for side, look in row["looked"].items()}, row["sources"], row["late"],
            )  # fmt: skip
        for row in of_members:
            loaded[row["link"]].members[row["side"]] = Member(
                row["side"],
                row["external_id"],
                row["version"],
                row["url"],
                row["gone"],
                row["updated_at"],
                row["discussed"],
            )
        for row in of_intents:
            loaded[row["link"]].intents[row["side"]] = row["attempted_at"]
    return loaded


async def add(tx: AsyncConnection, new: Sequence[Link], now: float) -> None:
    """Store new links with their members and intents. Raises IntegrityError where a member has a link already."""
    if not new:
        return
    await tx.execute(
        links.insert(),
        [
            {"id": link.id, "mapping": link.mapping, "base": link.base, "shown": {}, "announced": {}, "created_at": now}
            for link in new
        ],
    )
    rows = [_member_row(link, member) for link in new for member in link.members.values()]
    await tx.execute(members.insert(), rows)
    intended = [
        {"link": link.id, "side": side, "attempted_at": attempted_at}
        for link in new
        for side, attempted_at in link.intents.items()
    ]
    if intended:
        await tx.execute(intents.insert(), intended)


async def join(tx: AsyncConnection, link: Link, member: Member) -> bool:
    """Make a record a member; its intent, if any, is fulfilled. False where the record has a link already."""
    statement = (
        insert_into(tx, members).values(_member_row(link, member)).on_conflict_do_nothing().returning(members.c.link)
    )
    joined = (await tx.execute(statement)).first() is not None
    if joined:
        await tx.execute(delete(intents).where(intents.c.link == link.id, intents.c.side == member.side))
    return joined


async def attempt(tx: AsyncConnection, pairs: Iterable[tuple[str, str]], at: float | None) -> None:
    """Note when a creating request goes out; None: the last one surely never arrived."""
    rows = [{"of": link, "there": side, "at": at} for link, side in pairs]
    if rows:
        await tx.execute(_ATTEMPT, rows)


async def announce(tx: AsyncConnection, telling: Sequence[Link]) -> None:
    """Write ahead: what is agreed, where each side stands, and what the sides are about to be told."""
    if telling:
        await tx.execute(_ANNOUNCE, [
            {"key": link.id, "agreed": link.base, "seen": link.shown, "told": link.announced, "made": link.sources,
             "read": {side: list(look) for side, look in link.looked.items()}}
            for link in telling
        ])  # fmt: skip


async def settle(tx: AsyncConnection, settled: Sequence[Link], now: float) -> None:
    """Store what is now agreed: base, shown, state, and each member's version."""
    if not settled:
        return
    await tx.execute(_SETTLE, [
        {"key": link.id, "agreed": link.base, "seen": link.shown, "told": link.announced,
         "made": link.sources, "left": link.late, "is": link.state, "now": now}
        for link in settled
    ])  # fmt: skip
    await tx.execute(_SETTLE_MEMBER, [
        {"key": link.id, "of": m.side, "now_version": m.version, "now_updated": m.updated_at, "now_url": m.url,
         "now_gone": m.gone, "now_discussed": m.discussed}
        for link in settled
        for m in link.members.values()
    ])  # fmt: skip


async def versions(tx: AsyncConnection, mapping: str, side: str, ids: Collection[str]) -> dict[str, Seen]:
    """What was last read of each of these records that has a link."""
    known: dict[str, Seen] = {}
    here = select(members.c.external_id, members.c.version, members.c.discussed, links.c.synced_at)
    here = here.join(links, links.c.id == members.c.link)
    for chunk in chunks(list(ids)):
        of_these = (members.c.mapping == mapping) & (members.c.side == side) & members.c.external_id.in_(chunk)
        for external_id, version, discussed, synced_at in await tx.execute(here.where(of_these)):
            known[external_id] = Seen(version, discussed, synced_at or 0.0)
    return known


async def sides(tx: AsyncConnection, mapping: str) -> set[str]:
    """The sides on which a mapping's links have members."""
    return set((await tx.execute(select(members.c.side).where(members.c.mapping == mapping).distinct())).scalars())


async def mark_seen(tx: AsyncConnection, mapping: str, side: str, ids: Collection[str], scan: str) -> None:
    """Note that a full scan listed these records."""
    for chunk in chunks(list(ids)):
        await tx.execute(
            update(members)
            .where(members.c.mapping == mapping, members.c.side == side, members.c.external_id.in_(chunk))
            .values(seen_in=scan)
        )


async def unseen(tx: AsyncConnection, mapping: str, side: str, scan: str, started: float) -> tuple[list[str], int]:
    """Members of active links, made before a full scan started, that it did not list, and how many there are in all."""
    here = select(members.c.external_id, members.c.seen_in).join(links, links.c.id == members.c.link)
    here = here.where(members.c.mapping == mapping, members.c.side == side, ~members.c.gone)
    here = here.where(links.c.state == "active", links.c.created_at < started)
    rows = (await tx.execute(here)).all()
    return [external_id for external_id, seen_in in rows if seen_in != scan], len(rows)


async def count(tx: AsyncConnection, mapping: str) -> dict[str, int]:
    """How many links a mapping has, by state."""
    query = select(links.c.state, func.count()).where(links.c.mapping == mapping).group_by(links.c.state)
    return {row[0]: row[1] for row in await tx.execute(query)}


def _member_row(link: Link, member: Member) -> dict[str, object]:
    return {
        "mapping": link.mapping,
        "side": member.side,
        "external_id": member.external_id,
        "link": link.id,
        "version": member.version,
        "url": member.url,
    }


def chunks(items: Sequence[T]) -> Iterable[Sequence[T]]:
    """The items in runs that fit one statement."""
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
