"""A history as it is played: people, webhooks, sweeps, batches and their deaths, over a real store."""

import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from connectors import lookup
from connectors.contract import Aspect, Fields, Record, Value
from connectors.errors import ConnectorError
from mappings.workspace import Workspace, load_workspace
from tests.workflows.paper import START, Killed
from tests.workflows.stateful.model import Model
from tests.workflows.stateful.processes import CURRENT, Process, SteppedStore
from tests.workflows.stateful.systems import Rough
from tests.workflows.stateful.values import Talked, fresh, item_of, parts
from workflows import pending
from workflows.messages import EVERYTHING, BatchResult, LaneState, Note, ScanRequest, Waiting
from workflows.store import cursors, links
from workflows.sync.batch import sync_batch
from workflows.sync.creating import UNTOUCHED_SECONDS
from workflows.sync.live import Live, LiveMappings
from workflows.sync.run import Run
from workflows.sync.scanning import scan_page

MAPPING = "m"
HEARTBEAT_SECONDS = 6.0
"""How long a process is silent before its batch is given to another."""
NEW_COPY = timedelta(seconds=UNTOUCHED_SECONDS + 1.0)
POLICIES = {"title": "latest", "due": "prefer b", "status": "latest", "labels": "union", "text": "merge"}


@dataclass(frozen=True)
class Terms:
    """What a history is played under. `skews`: by how many seconds each side's clock is wrong."""

    sides: str = "ab"
    skews: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    lag: float = 0.0
    history: bool = True
    on_delete: str = "unlink"
    number: str = "ask"

    @property
    def tells_when(self) -> bool:
        """Whether it can be known which of two edits is the later: a record's own time is that of its last edit."""
        return self.history and not any(self.skews)

    @property
    def policies(self) -> dict[str, str]:
        """The conflict policy of each field."""
        return {**POLICIES, "number": self.number}

    @property
    def file(self) -> str:
        """The mapping."""
        side = "  {0}: {{connection: {0}, object: issue, scope: {{project: P}}, create: {{}}, on_delete: {1}}}\n"
        fields = "".join(
            f"  {name}: {{{', '.join(f'{side}: {name}' for side in self.sides)}, conflict: {policy}}}\n"
            for name, policy in self.policies.items()
        )
        head = f"kind: sync\nname: {MAPPING}\nsides:\n" + "".join(side.format(s, self.on_delete) for s in self.sides)
        return f"{head}match: [title]\nfields:\n{fields}comments: both\nattachments: none\n"


@cache
def workspace(file: str) -> Workspace:
    """The workspace with this mapping; read once, since nothing in it changes."""
    one = '  {0}: {{system: jira, url: "http://{0}.example", auth: {{email: bot@acme.example, token: t}}}}\n'
    connections = "connections:\n" + "".join(one.format(side) for side in "abcd")
    files = {"connections.yaml": connections, f"mappings/{MAPPING}.yaml": file}
    return load_workspace(files, {}, lambda _: "", lookup.settings_model)


@dataclass
class Batch:
    """Refs that were taken out of the lane, and the attempts at them; what the last one says counts."""

    owner: str
    taken: list[Waiting]
    skip: frozenset[str]
    attempts: list[Process] = field(default_factory=list)
    wrote: dict[int, list[tuple[str, str, str, Value]]] = field(default_factory=dict)

    @property
    def last(self) -> Process:
        """The attempt that counts."""
        return self.attempts[-1]


@dataclass
class World:
    """The systems, the lane's memory, the clock, and what the model must know."""

    store: SteppedStore
    terms: Terms
    time: datetime = START
    talk: list[Talked] = field(default_factory=list)
    deleted: dict[int, set[str]] = field(default_factory=dict)
    restored: set[int] = field(default_factory=set)
    lane: LaneState = field(default_factory=LaneState)
    mail: list[Note] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    strays: list[Process] = field(default_factory=list)
    """Attempts that were overtaken, and whose batch has ended."""
    counts: "Counter[str]" = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)
    answered: list[tuple[str, str, str, Value]] = field(default_factory=list)
    landing: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    unanswered: set[tuple[str, str, str]] = field(default_factory=set)
    """Side, record and field of writes whose outcome the engine has not stored."""
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    refusals: dict[tuple[str, str, str], dict[str, Value]] = field(default_factory=dict)
    """What a side refused last, part by part, by side, record and field."""

    def __post_init__(self) -> None:
        self.model = Model(tuple(self.terms.sides))
        self.sides = {
            name: Rough(name, self, skew=skew, lag=self.terms.lag, history=self.terms.history)
            for name, skew in zip(self.terms.sides, self.terms.skews, strict=False)
        }

    async def begin(self) -> None:
        """Bind the mapping and note it as applied."""
        live = await LiveMappings(lambda: workspace(self.terms.file), self).get(MAPPING)
        assert live is not None
        self.live: Live = live
        async with self.store.begin() as tx:
            await cursors.apply(tx, MAPPING, live.fingerprint, 0.0)

    # What the systems and the engine ask.

    def get(self, name: str) -> Any:
        """The connector of a connection."""
        return self.sides[name]

    def tick(self, seconds: float = 0.001) -> datetime:
        """The right time, later at every look."""
        self.time += timedelta(seconds=seconds)
        return self.time

    def later(self, seconds: float, do: Callable[[], object]) -> None:
        """Carry out a request that is still on its way."""
        heapq.heappush(self.landing, (self.time + timedelta(seconds=seconds), next(self.numbers), do))

    def wait(self, seconds: float) -> None:
        """Let time pass, and what is on its way arrive."""
        until = self.time + timedelta(seconds=seconds)
        while self.landing and self.landing[0][0] <= until:
            self.time = max(self.time, self.landing[0][0])
            self.land()
        self.time = max(self.time, until)

    def land(self) -> None:
        """Carry out what has arrived by now."""
        while self.landing and self.landing[0][0] <= self.time:
            _, _, do = heapq.heappop(self.landing)
            self.tell("a late request lands")
            try:
                do()
            except ConnectorError as error:
                self.tell(f"  and fails: {error}")

    def happened(self, what: str) -> None:
        """Count what befell a request."""
        self.counts[what.split(" at ")[0]] += 1
        self.tell(what)

    def tell(self, what: str) -> None:
        """A line of the story."""
        process = CURRENT.get()
        who = f"{process.owner}/{process.attempt}" if process else "-"
        self.story.append(f"{(self.time - START).total_seconds():9.3f} {who:<9} {what}")

    def announce(self, side: str, id_: str, aspect: Aspect, as_of: datetime) -> None:
        """A webhook, as the system sends it."""
        shown = self.sides[side].records.get(id_)
        self.tell(f"{side}:{id_} {aspect}: {dict(shown.fields) if shown else ''}")
        self.mail.append(Note(f"{side}:issue:{id_}", [str(aspect)], as_of=as_of.timestamp()))

    def overwriting(self, side: str, id_: str, key: str, read: Value, shown: Value) -> None:
        """A request replaces `shown`, made in the belief that it was `read`; of labels only what it names."""
        self.unanswered.add((side, id_, key))
        self.refusals.pop((side, id_, key), None)
        record, process = self.sides[side].records[id_], CURRENT.get()
        if read == shown or key == "labels" or (process is not None and process.overtaken):
            return
        now, then = parts(key, shown), parts(key, read)
        elsewhere = [r for s in self.sides.values() for r in s.records.values() if r is not record]
        for slot in now.keys() | then.keys():
            gone = False if key == "labels" else None
            value, before = now.get(slot, gone), then.get(slot, gone)
            if value == before:
                continue
            item = item_of(record)
            if any(item_of(r) == item and parts(key, r.fields.get(key)).get(slot, False) == value for r in elsewhere):
                continue
            self.counts["overwritten unseen"] += 1
            self.tell(f"  overwrites unseen {slot} {value!r}")
            self.model.overwrite((item, slot), value, before)

    def refused(self, side: str, id_: str, fields: Fields) -> None:
        """A side did not take these values."""
        self.refusals |= {(side, id_, key): parts(key, value) for key, value in fields.items()}

    def wrote(self, side: str, id_: str, fields: Fields) -> None:
        """The engine heard that a write was done."""
        process = CURRENT.get()
        batch = next((b for b in self.batches if process in b.attempts), None)
        if batch is not None and process is not None:
            told = batch.wrote.setdefault(process.attempt, [])
            told += [(side, f"{side}:issue:{id_}", key, value) for key, value in fields.items()]

    # What people do.

    def items(self) -> list[int]:
        """The items, oldest first."""
        return sorted({item for item, _ in self.model.edits})

    def find(self, item: int, side: str) -> Record | None:
        """The record of an item on a side, the first where there are several."""
        return next((r for r in self.sides[side].records.values() if item_of(r) == item), None)

    def can_tell(self, record: Record) -> bool:
        """Whether an edit of it could be known for one: without history, a new copy may only be in other words."""
        now = self.sides[record.ref.connection].clock()
        return self.terms.history or record.marker is None or now - record.created > NEW_COPY

    async def is_linked(self, record: Record) -> bool:
        """Whether the engine knows the record."""
        place = (record.ref.connection, record.ref.id)
        async with self.store.read() as tx:
            return place in await links.find(tx, MAPPING, [place])

    def edit(self, item: int, side: str, **fields: Value) -> None:
        """A person's edit, made in the sight of what the record shows."""
        record = self.find(item, side)
        assert record is not None
        for key, value in fields.items():
            shown, new = parts(key, record.fields.get(key)), parts(key, value)
            for slot in shown.keys() | new.keys():
                gone = False if key == "labels" else None
                if shown.get(slot, gone) != new.get(slot, gone):
                    self.model.edit((item, slot), side, new.get(slot, gone), shown.get(slot, gone), self._at(side))
                    if (side, record.ref.id, key) in self.unanswered:
                        self.model.doubt((item, slot), new.get(slot, gone))
                    refused = self.refusals.get((side, record.ref.id, key), {})
                    if slot in refused:
                        self.model.answer((item, slot), new.get(slot, gone), refused[slot])
        self.sides[side].put(fields, id_=record.ref.id)

    def create(self, side: str) -> int:
        """A person's new record."""
        item, n = len(self.items()) + 1, next(self.numbers)
        fields = fresh(item, n)
        for key, value in fields.items():
            for slot, part in parts(key, value).items():
                self.model.edit((item, slot), side, part, None, self._at(side), first=True)
        self.sides[side].put(fields)
        return item

    def _at(self, side: str) -> float:
        return self.sides[side].clock().timestamp()

    # The lane.

    def take(self, note: Note) -> None:
        """Take a note in."""
        pending.add(self.lane, note, backfill=False, now=self.time.timestamp(), limit=10**6)

    def start(self, size: int) -> Batch | None:
        """Begin a batch of what is ready."""
        now = self.tick().timestamp()
        busy = {w.note.ref for batch in self.batches for w in batch.taken}
        taken = pending.take(self.lane, size, busy, now)
        if not taken:
            return None
        skip = frozenset(name for name, pause in self.lane.paused.items() if pause.until > now)
        batch = Batch(f"b{next(self.numbers)}", taken, skip)
        self.tell(f"batch {batch.owner} begins: {[(w.note.ref, w.note.via, w.note.aspects) for w in taken]}")
        self.batches.append(batch)
        self.attempt(batch)
        return batch

    def attempt(self, batch: Batch) -> None:
        """Give a batch to a process."""
        process = Process(batch.owner, len(batch.attempts) + 1)
        batch.attempts.append(process)
        run = Run(
            self.live, self.store, batch.owner, process.attempt, lambda: self.tick().timestamp(), 1000, batch.skip
        )  # fmt: skip
        process.start(sync_batch(run, [w.note for w in batch.taken]))

    async def overtake(self, batch: Batch) -> None:
        """The last attempt stands still for so long that its batch is given to another."""
        await batch.last.send_out()
        if batch.last.ended:
            return
        batch.last.overtaken = True
        self.counts["overtaken"] += 1
        self.tell(f"{batch.owner} is given to another process; the first stands at {[p.at for p in batch.last.parked]}")
        self.wait(HEARTBEAT_SECONDS)
        self.attempt(batch)

    def collect(self) -> None:
        """Take in what ended batches say; a batch whose process died is tried again."""
        for batch in [batch for batch in self.batches if batch.last.ended]:
            task = batch.last.task
            error = task.exception() if task else None
            if error is not None:
                if not isinstance(error, Killed):
                    self.raised.append(repr(error))
                    self.tell(f"raised {error!r}")
                self.wait(1.0)
                self.attempt(batch)
            elif task is not None:
                self.batches.remove(batch)
                self.strays += batch.attempts[:-1]
                told = batch.wrote.get(batch.last.attempt, [])
                self.answered += told
                self.unanswered -= {(side, ref.split(":")[2], key) for side, ref, key, _ in told}
                self._take_in(batch, task.result())

    def _take_in(self, batch: Batch, result: BatchResult) -> None:
        now = self.time.timestamp()
        back = {given.ref: given.seconds for given in result.given_back}
        for waiting in batch.taken:
            if waiting.note.ref in back:
                pending.give_back(self.lane, waiting, now + back[waiting.note.ref])
        for connection in result.answered:
            self.lane.paused.pop(connection, None)
        self.lane.paused.update(result.paused)

    async def sweep(self, *, full: bool = False) -> int:
        """Read what changed on all sides; the number of notes."""
        found, scan, started = 0, f"scan{next(self.numbers)}", self.tick().timestamp()
        for index, name in enumerate(self.sides):
            run = Run(self.live, self.store, "sweep", 1, lambda: self.tick().timestamp(), 1000)
            page = await scan_page(run, ScanRequest(MAPPING, index, None, full, scan, started=started))
            self.tell(f"sweep of {name}: {[(n.ref, n.aspects) for n in page.notes]} {page.alert or ''}")
            for note in page.notes:
                self.take(note)
            found += len(page.notes)
        return found

    def retry(self, ref: str) -> None:
        """A person asks for what is parked to be tried again."""
        self.take(Note(ref, list(EVERYTHING), "retry"))

    def processes(self) -> list[Process]:
        """Those that are under way, also what was overtaken."""
        there = [*self.strays, *(process for batch in self.batches for process in batch.attempts)]
        return [process for process in there if not process.ended]
