"""What all steps of one batch share: the mapping in force, the store, the clock, and what connections answered."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.errors import AuthFailed, Conflict, ConnectorError, Malformed, NotFound, RateLimited, Unavailable
from connectors.guard import NotOurs
from workflows.messages import Pause
from workflows.store import leases, links
from workflows.store.database import Store
from workflows.store.journal import Entry, Kind
from workflows.store.links import Link
from workflows.store.parking import Parked
from workflows.sync.item import Item
from workflows.sync.live import Live

T = TypeVar("T")
log = structlog.get_logger()

UNAVAILABLE_SECONDS = 3.0
"""How long a system that is down is left alone: short, so that it catches up soon after it is back."""
AUTH_SECONDS = 20.0
"""How long a connection with wrong credentials rests before it is probed again."""
REFUSED_SECONDS = 60.0
"""How often a question is asked again that a system refuses to answer."""
UNREADABLE_SECONDS = 300.0
"""How often what cannot be read, for a reason that somebody must mend, is tried again."""
UNEXPECTED_SECONDS = 30.0
"""After an error that nobody thought of."""
AGAIN_SECONDS = 0.5
"""After a record changed under us, or another batch holds its lease."""


@dataclass
class Run:
    """One batch under way. `owner` and `attempt` are what its leases are held under.

    Attachments larger than `attachment_bytes` are not copied.
    """

    live: Live
    store: Store
    owner: str
    attempt: int
    now: Callable[[], float]
    attachment_bytes: int
    skip: frozenset[str] = frozenset()
    paused: dict[str, Pause] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    written: int = 0
    leased: float = 0.0
    """Just before the leases were asked for: what our own hold on them is counted from."""
    began: float = 0.0
    """Just after: whoever worked on the batch before us has heard by then that it is ours."""
    joined: set[str] = field(default_factory=set)
    """Links that a record joined in this batch: what was read of them before is not the whole."""

    def __post_init__(self) -> None:
        self.leased = self.began = self.now()

    async def ask(self, side: str, call: Awaitable[T]) -> T:
        """Await a connector's call, and remember that its connection answered, or why not. Raises what it raises."""
        connection = self.live.bound.sides[side].connection
        try:
            answer = await call
        except RateLimited as error:
            if not error.ref_only:
                self.pause(connection, error.retry_after, str(error))
            raise
        except (Unavailable, Malformed) as error:
            self.pause(connection, UNAVAILABLE_SECONDS, str(error))
            raise
        except AuthFailed as error:
            self.pause(connection, AUTH_SECONDS, str(error))
            raise
        except ConnectorError:
            self.answered.add(connection)
            raise
        self.answered.add(connection)
        return answer

    def pause(self, connection: str, seconds: float, reason: str) -> None:
        """Leave a connection alone for a while; `status` names the reason."""
        if connection not in self.paused:
            log.warning("connection paused", connection=connection, reason=reason, seconds=seconds)
        self.paused[connection] = Pause(self.now() + seconds, reason)

    def available(self, side: str) -> bool:
        """Whether a side's connection may be asked in this batch."""
        connection = self.live.bound.sides[side].connection
        return connection not in self.skip and connection not in self.paused

    async def links(self, tx: AsyncConnection, ids: Collection[str]) -> dict[str, Link]:
        """Links by id, as far as the mapping in force speaks of them: a side that was taken out of it is left alone."""
        loaded = await links.load(tx, ids)
        sides = self.live.bound.sides
        for link in loaded.values():
            if link.mapping == self.live.bound.name:
                link.away = link.members.keys() - sides.keys()
                link.members = {side: member for side, member in link.members.items() if side in sides}
                link.intents = {side: at for side, at in link.intents.items() if side in sides}
                link.announced = self._bound(link.announced)
                link.late = self._bound(link.late)
        return loaded

    def _bound(self, told: dict[str, dict[str, T]]) -> dict[str, dict[str, T]]:
        fields = self.live.bound.fields
        return {
            side: {name: value for name, value in values.items() if name in fields and side in fields[name].bindings}
            for side, values in told.items()
            if side in self.live.bound.sides
        }

    async def held(self, tx: AsyncConnection, items: Collection[Item]) -> set[str]:
        """The leases of these items that are still ours, until the transaction ends."""
        return await leases.held(tx, {item.lease for item in items}, self.owner, self.attempt, self.now())

    def wait(self, error: ConnectorError) -> float | None:
        """Seconds until the same call may go better; None where a person must act."""
        match error:
            case RateLimited():
                return error.retry_after
            case Unavailable() | Malformed():
                return UNAVAILABLE_SECONDS
            case AuthFailed():
                return AUTH_SECONDS
            case Conflict() | NotFound():
                return AGAIN_SECONDS
        return None

    def back_in(self, error: ConnectorError) -> float:
        """Seconds until a call is made again that must succeed some day, whatever stands in its way."""
        return self.wait(error) or REFUSED_SECONDS

    def entry(self, item: Item, kind: Kind, side: str | None = None, field: str | None = None, **data: Any) -> None:
        """Note a line for the journal; it is written with the item's next commit."""
        link = item.link
        ref = None
        if side is not None and link is not None and side in link.members:
            ref = self.live.ref(side, link.members[side].external_id)
        told = {"via": item.via, "by": item.by, **data}
        item.entries.append(
            Entry(kind, self.live.bound.name, link.id if link else None, side, ref, field, _present(told))
        )

    def park(self, item: Item, side: str, reason: str, field: str = "", value: Any = None) -> None:
        """Set the record or one of its fields aside; it is stored with the item's next commit."""
        link = item.link
        member = link.members.get(side) if link else None
        external_id = member.external_id if member else dict([item.fresh] if item.fresh else []).get(side, "new")
        ref = self.live.ref(side, external_id)
        item.parking.append(Parked(self.live.bound.name, link.id if link else "", side, field, ref, reason, value))
        if any((known.side, known.field, known.reason) == (side, field, reason) for known in item.parked):
            return  # told already
        self.entry(item, Kind.PARKED, side, field or None, reason=reason)
        log.warning(
            "parked", mapping=self.live.bound.name, link=link.id if link else None, ref=ref, field=field or None,
            reason=reason,
        )  # fmt: skip


def may_be_done(error: ConnectorError) -> bool:
    """Whether a request that ended so may have been carried out, or may yet be."""
    return isinstance(error, Malformed) or (isinstance(error, Unavailable) and error.sent)


def said(error: Exception) -> str:
    """What to tell people of it; only connectors' own words are safe to show."""
    return str(error) if isinstance(error, ConnectorError) else f"{type(error).__name__}, see the log of the worker"


async def each(items: Iterable[Item], step: Callable[[Item], Coroutine[Any, Any, None]]) -> None:
    """Run a step for every item at once; one that fails unexpectedly harms only itself, and is looked at again."""

    async def guarded(item: Item) -> None:
        try:
            await step(item)
        except NotOurs:
            item.end(AGAIN_SECONDS)
        except ConnectorError as error:
            log.warning("step failed", lease=item.lease, error=type(error).__name__, reason=str(error))
            item.end(UNAVAILABLE_SECONDS)
        except Exception:
            log.exception("step failed unexpectedly", lease=item.lease)
            item.end(UNEXPECTED_SECONDS)

    await asyncio.gather(*(guarded(item) for item in items if not item.ended))


def _present(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}
