"""Two systems on paper, for interleavings: what happens at each call is in the test's hands, and nothing has a wire."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors import lookup
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
from connectors.guard import guard
from mappings.workspace import Workspace, load_workspace
from workflows.messages import BatchResult, Note
from workflows.store import cursors, links, parking
from workflows.store.database import Store, open_store
from workflows.store.links import Link
from workflows.store.parking import Parked
from workflows.sync.batch import sync_batch
from workflows.sync.live import LiveMappings
from workflows.sync.run import Run

BOT, PERSON = "bot", "Ana"
START = datetime(2026, 11, 1, tzinfo=UTC)
CONNECTIONS = """
connections:
  a: {system: jira, url: "http://a.example", auth: {email: bot@acme.example, token: t}}
  b: {system: jira, url: "http://b.example", auth: {email: bot@acme.example, token: t}}
  c: {system: jira, url: "http://c.example", auth: {email: bot@acme.example, token: t}}
"""
SIDE = "  {0}: {{connection: {0}, object: issue, scope: {{project: P}}, create: {{}}, on_delete: unlink}}\n"
FIELD_KEYS = {
    "title": FieldType.TEXT, "due": FieldType.DATE, "status": FieldType.OPTION, "labels": FieldType.OPTIONS,
}  # fmt: skip


def mapping(sides: str = "ab", **policies: str) -> str:
    """A mapping of the named sides; `due="prefer b"` gives a field its conflict policy."""
    fields = "".join(
        f"  {name}: {{{', '.join(f'{side}: {name}' for side in sides)}{_policy(policies.get(name))}}}\n"
        for name in ("title", "due", *(["labels"] if "labels" in policies else []))
    )
    head = "kind: sync\nname: m\nsides:\n" + "".join(SIDE.format(side) for side in sides)
    return f"{head}match: [title]\nfields:\n{fields}comments: both\nattachments: none\n"


def _policy(policy: str | None) -> str:
    return f", conflict: {policy}" if policy else ""


def stepwise(read: Fields, shown: Fields, told: Fields) -> dict[str, Value]:
    """What a record shows once it was told these values: of a set only what to add and what to remove, as by APIs."""
    return {key: _steps(read.get(key), shown.get(key), value) for key, value in told.items()}


def _steps(read: Value, shown: Value, told: Value) -> Value:
    if not isinstance(told, list):
        return told
    before, now = (value if isinstance(value, list) else [] for value in (read, shown))
    kept = [one for one in now if one in told or one not in before]
    return sorted({*kept, *(one for one in told if one not in before)})


@dataclass
class Paper:
    """One system. `before` and `after` a call, by its name, something may happen, once; it may also raise."""

    name: str
    clock: Callable[[], datetime]
    records: dict[str, Record] = field(default_factory=dict)
    history: dict[tuple[str, str], Edit] = field(default_factory=dict)
    """The last edit of each field of each record."""
    talk: dict[str, list[Comment]] = field(default_factory=dict)
    before: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    after: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    capabilities = frozenset({Capability.READ, Capability.WRITE, Capability.HISTORY, Capability.COMMENTS})
    settle_seconds = 5.0

    def put(self, fields: Fields, by: str = PERSON, id_: str | None = None, marker: str | None = None) -> str:
        """Make or edit a record."""
        id_ = id_ or f"{self.name}{next(self.numbers)}"
        old, now = self.records.get(id_), self.clock()
        known = dict(old.fields) if old else {**dict.fromkeys(FIELD_KEYS), "labels": []}
        self._note_edits(id_, fields, Edit(now, by, own=by == BOT))
        self.records[id_] = Record(
            ref=Ref(self.name, "issue", id_), fields={**known, **fields}, created=old.created if old else now,
            updated=now, version=now.isoformat(), marker=old.marker if old else marker,
        )  # fmt: skip
        return id_

    def _note_edits(self, id_: str, keys: Iterable[str], edit: Edit) -> None:
        self.history |= {(id_, key): edit.following(self.history.get((id_, key))) for key in keys}

    async def _at(self, call: str) -> None:
        self.calls.append(call)
        happening = self.before.pop(call, None)
        if happening is not None:
            await happening()
        keeper = guard.get()
        if keeper is not None and not keeper.is_fresh():
            await keeper.renew()

    async def _then(self, call: str) -> None:
        happening = self.after.pop(call, None)
        if happening is not None:
            await happening()

    async def describe(self, _object: str, _scope: Any) -> ObjectType:
        return ObjectType("issue", tuple(Field(key, key, type_) for key, type_ in FIELD_KEYS.items()))

    async def fetch(
        self, ids: Sequence[str], _object: str, _fields: Collection[str], _scope: Any, _aspects: Collection[Aspect] = ()
    ) -> list[Record]:
        await self._at("fetch")
        if self.unreadable.intersection(ids):
            raise ValueError("a record that the connector cannot read")
        return [self.records[id_] for id_ in ids if id_ in self.records]

    async def scan(self, _object: str, _scope: Any, _cursor: str | None, _fields: Collection[str]) -> Page:
        await self._at("scan")
        return Page(list(self.records.values()), "end", more=False)

    async def is_own(self, record: Record) -> bool:
        return record.marker is not None

    async def edits(self, record: Record, fields: Collection[str]) -> Mapping[str, Edit]:
        return {key: self.history.get((record.ref.id, key), Edit(record.created, BOT, own=True)) for key in fields}

    async def create(self, _object: str, _scope: Any, fields: Fields, marker: str, _screens: Any) -> Written:
        await self._at("create")
        id_ = self.put(fields, BOT, marker=marker)
        await self._then("create")
        return Written(self.records[id_])

    async def find_by_marker(self, _object: str, _scope: Any, marker: str, _since: datetime) -> Record | None:
        await self._at("find_by_marker")
        return next((record for record in self.records.values() if record.marker == marker), None)

    async def update(self, current: Record, fields: Fields, _screens: Any) -> Written:
        await self._at("update")
        self.put(stepwise(current.fields, self.records[current.ref.id].fields, fields), BOT, current.ref.id)
        await self._then("update")
        return Written(self.records[current.ref.id])

    async def comments(self, ref: Ref) -> list[Comment]:
        await self._at("comments")
        found = list(self.talk.get(ref.id, []))
        await self._then("comments")
        return found

    async def add_comment(self, ref: Ref, body: str) -> Comment:
        await self._at("add_comment")
        said = self.say(ref.id, body, BOT)
        await self._then("add_comment")
        return said

    async def edit_comment(self, ref: Ref, comment: str, body: str) -> None:
        self.talk[ref.id] = [replace(one, body=body) if one.id == comment else one for one in self.talk[ref.id]]

    def say(self, id_: str, body: str, by: str = PERSON) -> Comment:
        """Add a comment."""
        said, number = self.talk.setdefault(id_, []), next(self.numbers)
        url = f"http://{self.name}.example/{id_}/{number}"
        said.append(Comment(str(number), by, body, self.clock(), self.clock(), url, by == BOT))
        return said[-1]


@dataclass
class Desk:
    """The systems, a store and a clock that stands until it is told to go on."""

    store: Store
    file: str
    systems: dict[str, Paper] = field(default_factory=dict)
    time: datetime = START

    def __post_init__(self) -> None:
        self.systems = {name: Paper(name, self.tick) for name in "abc"}
        self.mappings = LiveMappings(self._workspace, self)

    def get(self, name: str) -> Any:
        """The connector of a connection."""
        return self.systems[name]

    def tick(self, seconds: float = 0.001) -> datetime:
        """The time, later at every look."""
        self.time += timedelta(seconds=seconds)
        return self.time

    def _workspace(self) -> Workspace:
        files = {"connections.yaml": CONNECTIONS, "mappings/m.yaml": self.file}
        return load_workspace(files, {}, lambda _: "", lookup.settings_model)

    async def run(self, attempt: int = 1, owner: str = "batch") -> Run:
        """A batch that is about to start."""
        live = await self.mappings.get("m")
        assert live is not None
        return Run(live, self.store, owner, attempt, lambda: self.tick().timestamp(), 1000)

    async def apply(self) -> None:
        """Note the scopes as applied."""
        run = await self.run()
        async with self.store.begin() as tx:
            await cursors.apply(tx, "m", run.live.fingerprint, 0.0)

    async def sync(
        self,
        *refs: str,
        via: str = "webhook",
        aspects: Sequence[str] = ("fields", "comments"),
        attempt: int = 1,
        owner: str = "batch",
    ) -> BatchResult:
        """A batch of records, written `a:a1`."""
        notes = [Note(ref.replace(":", ":issue:"), list(aspects), via) for ref in refs]
        return await sync_batch(await self.run(attempt, owner), notes)

    async def paired(self, **values: Value) -> dict[str, str]:
        """A record on `a` and its copies: ids by side."""
        origin = self.systems["a"].put({"title": "One", **values})
        await self.sync(f"a:{origin}")
        link = await self.link("a", origin)
        return {side: member.external_id for side, member in link.members.items()}

    async def link(self, side: str, id_: str) -> Link:
        """The link of a record."""
        async with self.store.read() as tx:
            found = await links.find(tx, "m", [(side, id_)])
            return (await links.load(tx, found.values()))[found[side, id_]]

    async def parked(self) -> list[Parked]:
        """What is set aside."""
        async with self.store.read() as tx:
            return await parking.listed(tx, "m")

    def values(self, key: str) -> dict[str, list[Value]]:
        """What the records of each system show."""
        return {
            name: [record.fields[key] for record in system.records.values()]
            for name, system in self.systems.items()
            if system.records
        }

    def edit(self, side: str, id_: str, **fields: Value) -> Callable[[], Awaitable[None]]:
        """An edit by a person, for `before` or `after`."""

        async def editing() -> None:
            self.systems[side].put(fields, id_=id_)

        return editing


@asynccontextmanager
async def on_paper(url: str, file: str) -> AsyncIterator[Desk]:
    """A desk with its mapping applied, and its store in an empty database."""
    store = await open_store(url)
    desk = Desk(store, file)
    await desk.apply()
    try:
        yield desk
    finally:
        await store.close()


class Killed(BaseException):
    """The process ends here."""


async def die() -> None:
    """What a process that is killed does."""
    raise Killed
