"""Systems on paper that fail: requests are refused, garbled, cut before or after they were carried out, or land late.

What they promise is the connector contract, no more: a search may lag behind for `settle_seconds`, a request of unknown
outcome may be carried out within them, and every clock is its own.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from connectors.contract import (
    Aspect,
    Capability,
    Comment,
    Edit,
    Field,
    Fields,
    FieldType,
    ObjectType,
    Page,
    Record,
    Ref,
    Value,
    Written,
)  # fmt: skip
from connectors.errors import AuthFailed, Conflict, Malformed, NotFound, RateLimited, Rejected, Unavailable
from connectors.guard import NotOurs, guard
from tests.workflows.paper import BOT, PERSON, Paper, stepwise
from tests.workflows.stateful.processes import point

T = TypeVar("T")

FIELDS = {
    "title": FieldType.TEXT, "due": FieldType.DATE, "status": FieldType.OPTION, "labels": FieldType.OPTIONS,
    "text": FieldType.RICH_TEXT, "number": FieldType.NUMBER,
}  # fmt: skip
WRITES = ("create", "update", "delete", "add_comment", "edit_comment", "remove_comment")
READS = ("fetch", "scan", "edits", "find_by_marker", "comments")
FAULTS = ("down", "cut", "lost", "late", "limited", "auth", "garbled", "conflict", "broken", "refused", "halfway")
CLOSED, HALFWAY = "closed", "halfway"
"""How a status begins that only people leave, and one at which a change of status stopped on its way."""


class Around(Protocol):
    """What a system needs to know of the world around it."""

    def tick(self, seconds: float = 0.001) -> datetime: ...
    def later(self, seconds: float, do: Callable[[], object]) -> None: ...
    def happened(self, what: str) -> None: ...
    def announce(self, side: str, id_: str, aspect: Aspect, as_of: datetime) -> None: ...
    def overwriting(self, side: str, id_: str, key: str, read: Value, shown: Value) -> None: ...
    def refused(self, side: str, id_: str, fields: Fields) -> None: ...
    def wrote(self, side: str, id_: str, fields: Fields) -> None: ...


@dataclass(frozen=True)
class Fault:
    """What befalls a request. `seconds`: how late it lands, or how long to wait; `key`: the field that is refused."""

    kind: str
    seconds: float = 1.0
    key: str = "title"


class Rough(Paper):
    """One system with its troubles. `skew`: seconds by which its clock is wrong; `lag`: by which its search lags."""

    capabilities = frozenset(
        {Capability.READ, Capability.WRITE, Capability.DELETE, Capability.HISTORY, Capability.COMMENTS}
    )

    def __init__(self, name: str, around: Around, *, skew: float = 0.0, lag: float = 0.0, history: bool = True) -> None:
        super().__init__(name, lambda: around.tick() + timedelta(seconds=skew))
        self.around, self.lag = around, lag
        self.faults: dict[str, Fault] = {}
        self.bin: dict[str, Record] = {}
        self.past: list[tuple[datetime, dict[str, Record]]] = []
        if not history:
            self.capabilities = self.capabilities - {Capability.HISTORY}

    @property
    def _tells_history(self) -> bool:
        """Only a system that does can be known to have stopped on our way, and not on a person's."""
        return Capability.HISTORY in self.capabilities

    def put(self, fields: Fields, by: str = PERSON, id_: str | None = None, marker: str | None = None) -> str:
        id_ = id_ or f"{self.name}{next(self.numbers)}"
        old, now = self.records.get(id_), self.clock()
        known = dict(old.fields) if old else dict.fromkeys(FIELDS)
        self._note_edits(id_, fields, Edit(now, by, own=by == BOT))
        self._store(
            Record(
                ref=Ref(self.name, "issue", id_), fields={**known, **fields}, created=old.created if old else now,
                updated=now, version=now.isoformat(), url=f"http://{self.name}.example/{id_}",
                marker=old.marker if old else marker,
            )
        )  # fmt: skip
        self.around.announce(self.name, id_, Aspect.FIELDS, now)
        return id_

    def say(self, id_: str, body: str, by: str = PERSON) -> Comment:
        said = super().say(id_, body, by)
        self._touch(id_)
        return said

    def resay(self, id_: str, comment: str, body: str) -> None:
        """Change the text of a comment."""
        said = self.talk[id_]
        self.talk[id_] = [replace(c, body=body, updated=self.clock()) if c.id == comment else c for c in said]
        self._touch(id_)

    def unsay(self, id_: str, comment: str) -> None:
        """Remove a comment."""
        self.talk[id_] = [c for c in self.talk.get(id_, []) if c.id != comment]
        self._touch(id_)

    def throw_away(self, id_: str) -> None:
        """Delete a record."""
        record = self.records.pop(id_, None)
        if record is not None:
            self.bin[id_] = record
            self._remember()
            self.around.announce(self.name, id_, Aspect.DELETED, self.clock())

    def take_back(self, id_: str) -> None:
        """Take a deleted record out of the bin."""
        now = self.clock()
        self._store(replace(self.bin.pop(id_), updated=now, version=now.isoformat()))
        self.around.announce(self.name, id_, Aspect.FIELDS, now)

    def _touch(self, id_: str) -> None:
        if id_ in self.records:
            now = self.clock()
            self._store(replace(self.records[id_], updated=now, version=now.isoformat()))
            self.around.announce(self.name, id_, Aspect.COMMENTS, now)

    def _store(self, record: Record) -> None:
        self.records[record.ref.id] = record
        self._remember()

    def _remember(self) -> None:
        self.past.append((self.around.tick(0.0), dict(self.records)))

    def _found(self) -> list[Record]:
        """What a search finds: the state of some seconds ago."""
        then = self.around.tick(0.0) - timedelta(seconds=self.lag)
        return list(next((records for at, records in reversed(self.past) if at <= then), {}).values())

    async def _request(self, call: str, do: Callable[[Fault | None], T]) -> T:
        """A request, with what befalls it: `do` carries it out."""
        writes = call in WRITES
        await point(f"{self.name}.{call}", going_out=writes)
        await _still_ours()
        fault = self.faults.pop(call, None)
        if fault is None:
            answer = do(None)
        else:
            self.around.happened(f"{fault.kind} at {self.name}.{call}")
            answer = self._troubled(call, fault, do)
        await point(f"{self.name}.{call} answered")
        return answer

    def _troubled(self, call: str, fault: Fault, do: Callable[[Fault | None], T]) -> T:
        writes = call in WRITES
        if fault.kind == "late" and writes:
            self.around.later(fault.seconds, lambda: do(None))
        if (fault.kind in ("lost", "garbled") and writes) or fault.kind in ("refused", "halfway"):
            answer = do(fault)
            if fault.kind == "refused" or (fault.kind == "halfway" and call != "update"):
                return answer
        if fault.kind == "down":
            raise Unavailable("refused the connection", sent=False)
        raise {
            "limited": RateLimited("slow down", fault.seconds), "auth": AuthFailed("who are you?"),
            "garbled": Malformed("no JSON"), "conflict": Conflict("it changed"), "broken": ValueError("a fault"),
        }.get(fault.kind) or Unavailable("the connection broke")  # fmt: skip

    async def describe(self, _object: str, _scope: Any) -> ObjectType:
        return ObjectType("issue", tuple(Field(key, key, type_) for key, type_ in FIELDS.items()))

    async def fetch(
        self, ids: Sequence[str], _object: str, _fields: Collection[str], _scope: Any, _aspects: Collection[Aspect] = ()
    ) -> list[Record]:
        return await self._request("fetch", lambda _: [self.records[id_] for id_ in ids if id_ in self.records])

    async def scan(self, _object: str, _scope: Any, _cursor: str | None, _fields: Collection[str]) -> Page:
        return await self._request("scan", lambda _: Page(self._found(), "end", more=False))

    async def is_own(self, record: Record) -> bool:
        return record.marker is not None

    async def edits(self, record: Record, fields: Collection[str]) -> Mapping[str, Edit]:
        return await self._request("edits", lambda _: self._edits(record.ref.id, fields))

    def _edits(self, id_: str, keys: Collection[str]) -> dict[str, Edit]:
        return {key: self.history[id_, key] for key in keys if (id_, key) in self.history}

    async def find_by_marker(self, _object: str, _scope: Any, marker: str, since: datetime) -> Record | None:
        def find(_: Fault | None) -> Record | None:
            return next((r for r in self._found() if r.marker == marker and r.created >= since), None)

        return await self._request("find_by_marker", find)

    async def create(self, _object: str, _scope: Any, fields: Fields, marker: str, _screens: Any) -> Written:
        def make(fault: Fault | None) -> Written:
            refused = self._refused(fields, fault, None)
            taken = {key: value for key, value in fields.items() if key not in refused}
            return Written(self.records[self.put(taken, BOT, marker=marker)], refused)

        return await self._request("create", make)

    async def update(self, current: Record, fields: Fields, _screens: Any) -> Written:
        id_ = current.ref.id

        def change(fault: Fault | None) -> Written:
            if id_ not in self.records:
                raise NotFound(f"there is no {id_}")
            shown = self.records[id_]
            refused = self._refused(fields, fault, shown)
            taken = {key: value for key, value in fields.items() if key not in refused}
            if fault is not None and fault.kind == "halfway" and "status" in taken and self._tells_history:
                taken["status"] = f"{HALFWAY} to {taken['status']}"
            taken = stepwise(current.fields, shown.fields, taken)
            for key in taken:
                self.around.overwriting(self.name, id_, key, current.fields.get(key), shown.fields.get(key))
            if taken:
                self.put(taken, BOT, id_)
            return Written(self.records[id_], refused)

        written = await self._request("update", change)
        self.around.wrote(self.name, id_, {key: value for key, value in fields.items() if key not in written.refused})
        return written

    def _refused(self, fields: Fields, fault: Fault | None, shown: Record | None) -> dict[str, str]:
        refused: dict[str, str] = {}
        if shown is not None and "status" in fields and str(shown.fields.get("status")).startswith(CLOSED):
            refused["status"] = "there is no way out of closed"
        if fault is not None and fault.kind == "refused":
            keys = set(fields) if fault.key == "all" else set(fields) & {fault.key} - {"title"}
            refused |= dict.fromkeys(keys, "not this value")
        if shown is not None:
            self.around.refused(self.name, shown.ref.id, {key: fields[key] for key in refused})
        if fault is not None and fault.kind == "refused" and fault.key == "all":
            raise Rejected("not like this")
        return refused

    async def delete(self, ref: Ref) -> None:
        await self._request("delete", lambda _: self.throw_away(ref.id))

    async def comments(self, ref: Ref) -> list[Comment]:
        def listed(_: Fault | None) -> list[Comment]:
            if ref.id not in self.records:
                raise NotFound(f"there is no {ref.id}")
            return list(self.talk.get(ref.id, []))

        return await self._request("comments", listed)

    async def add_comment(self, ref: Ref, body: str) -> Comment:
        return await self._request("add_comment", lambda _: self._said(ref, lambda: self.say(ref.id, body, BOT)))

    async def edit_comment(self, ref: Ref, comment: str, body: str) -> None:
        def change() -> None:
            if all(known.id != comment for known in self.talk.get(ref.id, [])):
                raise NotFound(f"there is no comment {comment}")
            self.resay(ref.id, comment, body)

        await self._request("edit_comment", lambda _: self._said(ref, change))

    async def remove_comment(self, ref: Ref, comment: str) -> None:
        await self._request("remove_comment", lambda _: self._said(ref, lambda: self.unsay(ref.id, comment)))

    def _said(self, ref: Ref, do: Callable[[], T]) -> T:
        if ref.id not in self.records:
            raise NotFound(f"there is no {ref.id}")
        return do()


async def _still_ours() -> None:
    """What every connector asks right before a request goes out. Raises NotOurs."""
    keeper = guard.get()
    if keeper is not None and not keeper.is_fresh():
        await keeper.renew()
        if not keeper.is_fresh():
            raise NotOurs("the process stood still right before a request, which is not sent")
