"""What comments and attachments share: listed on all sides, reconciled, copied exactly once."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.contract import Aspect, Capability, Connector, Ref
from connectors.errors import ConnectorError, NotFound
from mappings.model import Flow
from workflows.store import journal, parking, remarks
from workflows.store.journal import Kind
from workflows.store.remarks import Row
from workflows.sync.item import Item
from workflows.sync.reconcile import Step, Thing, reconcile
from workflows.sync.run import AGAIN_SECONDS, Run, may_be_done

WAIT_SECONDS = 2.0


@dataclass
class Talk(ABC):
    """What comments and attachments share."""

    run: Run
    item: Item
    seen: dict[tuple[str, str], Any] = field(default_factory=dict)
    """What was listed, by connection and id."""

    aspect = Aspect.COMMENTS
    capability = Capability.COMMENTS

    @property
    @abstractmethod
    def flow(self) -> Flow:
        """From where to where."""

    @abstractmethod
    async def things(self, connector: Connector, ref: Ref) -> list[Thing]:
        """What there is on one side."""

    @abstractmethod
    async def copy(self, row: Row) -> str:
        """Copy an original; the id of the copy. This one and those below raise what connectors raise."""

    @abstractmethod
    async def edit(self, row: Row) -> None:
        """Bring a copy up to date."""

    @abstractmethod
    async def remove(self, row: Row) -> None:
        """Remove a copy whose original is gone."""

    async def bring_in_step(self) -> None:
        """List all sides, decide, act."""
        sides = [side for side in self._live_sides() if self.capability in self.run.live.connector(side).capabilities]
        if len(sides) < 2:
            return
        try:
            listed = await asyncio.gather(*(self._list(side) for side in sides))
        except ConnectorError as error:
            self.item.again(self.run.back_in(error))
            return
        if not any(listed) and self.item.plan is not None and self.item.plan.creates:
            return
        async with self.run.store.read() as tx:
            rows = await remarks.of_link(tx, self._link(), self.aspect)
        settle = {side: self.run.live.connector(side).settle_seconds for side in sides}
        for step in reconcile(self.flow, dict(zip(sides, listed, strict=True)), rows, self.run.now(), settle):
            if not self.item.ended:
                await self._act(step)

    def original(self, row: Row) -> Any:
        """The comment or attachment that a row is about, as listed."""
        return self.seen[(self.run.live.bound.sides[row.origin_side].connection, row.origin_id)]

    def ref(self, side: str) -> Ref:
        """The ref of the link's record on a side."""
        member = self.item.link.members[side] if self.item.link else None
        return Ref.parse(self.run.live.ref(side, member.external_id if member else ""))

    def _link(self) -> str:
        return self.item.link.id if self.item.link else ""

    def _live_sides(self) -> list[str]:
        members = self.item.link.members if self.item.link else {}
        return [side for side in self.run.live.bound.sides if side in members and not members[side].gone]

    async def _list(self, side: str) -> list[Thing]:
        record = self.item.records.get(side)
        made = self.item.plan is not None and side in self.item.plan.creates  # a moment ago, by us
        if made or (record is not None and self.aspect in record.lacks):
            return []
        return await self.run.ask(side, self.things(self.run.live.connector(side), self.ref(side)))

    async def _act(self, step: Step) -> None:
        try:
            await getattr(self, f"_{step.do}")(step.row)
        except ConnectorError as error:
            wait = self.run.wait(error)
            if wait is not None:
                self.item.again(wait)
                return
            self.run.park(self.item, step.row.side, f"{self.aspect}: {error}", self.aspect)
            await self._commit(
                replace(step.row, external_id=None, attempted_at=None) if step.do == "copy" else step.row
            )

    async def _copy(self, row: Row) -> None:
        if not await self._announce(row):
            self.item.end(AGAIN_SECONDS)
            return
        try:
            external_id = await self.copy(row)
        except ConnectorError as error:
            if may_be_done(error):
                await self._announce(replace(row, attempted_at=self.run.now()))
            else:
                await self._forget(row)
            raise
        self.run.written += 1
        self._tell(row, "copied")
        await self._commit(replace(row, external_id=external_id, attempted_at=None))

    async def _edit(self, row: Row) -> None:
        try:
            await self.edit(row)
        except NotFound:
            self._tell(row, "the copy was removed by a person, so the edit is not carried")
        else:
            self.run.written += 1
            self._tell(row, "edited")
        await self._commit(row)

    async def _adopt(self, row: Row) -> None:
        self._tell(row, "recognised")
        await self._commit(row)

    async def _remove(self, row: Row) -> None:
        if row.external_id is not None:
            await self.remove(row)
            self.run.written += 1
        self._tell(row, "removed, because the original was deleted")
        await self._forget(row)

    async def _wait(self, _row: Row) -> None:
        self.item.again(WAIT_SECONDS)

    def _tell(self, row: Row, what: str) -> None:
        original = str(self.ref(row.origin_side))
        self.run.entry(self.item, Kind.REMARK, row.side, None, what=what, aspect=str(self.aspect), original=original,
                       original_id=row.origin_id)  # fmt: skip

    async def _announce(self, row: Row) -> bool:
        """Write ahead that a copy goes out; False where a later attempt may be making it."""
        async with self.run.store.begin() as tx:
            if not await self.run.held(tx, [self.item]):
                return False
            await remarks.put(tx, self._link(), self.aspect, row)
        return True

    async def _forget(self, row: Row) -> None:
        async with self.run.store.begin() as tx:
            if not await self.run.held(tx, [self.item]):
                self.item.end(AGAIN_SECONDS)
                return
            await remarks.forget(tx, self._link(), self.aspect, [row])
            await self._write_entries(tx)

    async def _commit(self, row: Row) -> None:
        async with self.run.store.begin() as tx:
            await remarks.put(tx, self._link(), self.aspect, row)
            await self._write_entries(tx)

    async def _write_entries(self, tx: AsyncConnection) -> None:
        now = self.run.now()
        await journal.write(tx, self.item.entries, now)
        await parking.park(tx, self.item.parking, now)
        self.item.entries.clear()
        self.item.parking.clear()
