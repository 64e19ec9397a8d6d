"""What crosses Temporal: one frozen or plain dataclass in, one out, so that fields can be added later.

Times are seconds since 1970 in UTC. A ref is written `connection:object:id`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from workflows import policies

Ref = str

EVERYTHING: Final = ("attachments", "comments", "fields")
"""The aspects of a record found by a sweep, which cannot tell what changed."""


@dataclass
class Note:
    """Something may have changed: which record, which aspects of it, how we know, and as of which `updated` of it."""

    ref: Ref
    aspects: list[str] = field(default_factory=lambda: ["fields"])
    via: str = "webhook"
    at: float | None = None
    by: str | None = None
    as_of: float | None = None
    hints: list[Any] = field(default_factory=list)
    """Of several hints that became this one note: when and by whom each says that something changed, the newest."""

    def told(self) -> list[Any]:
        """When and by whom, of every hint that it stands for, as far as they say."""
        moment = self.as_of or self.at
        return self.hints or ([] if moment is None else [[moment, self.by]])


HINTS_AT_MOST: Final = 8
DISCUSSION: Final = ("attachments", "comments")

_URGENCY: Final = ("webhook", "sweep", "apply", "retry")


def merged(one: Note, other: Note) -> Note:
    """What two notes of one ref tell together: `other` is the newer."""
    stamps = [note.as_of for note in (one, other) if note.as_of is not None]
    return Note(
        ref=one.ref,
        aspects=sorted({*one.aspects, *other.aspects}),
        via=max(one.via, other.via, key=_URGENCY.index),
        at=other.at or one.at,
        by=other.by or one.by,
        as_of=max(stamps) if len(stamps) == 2 else None,
        hints=sorted([*one.told(), *other.told()], key=lambda hint: float(hint[0]))[-HINTS_AT_MOST:],
    )


def rows_of(notes: Iterable[Note]) -> list[Any]:
    """Notes as plain rows: to decode each into a class would be a tenth of a busy worker's time."""
    return [list(vars(note).values()) for note in notes]


@dataclass
class Changes:
    """Many notes in one signal, see `rows_of`. `backfill` ones wait behind people's edits."""

    rows: list[Any]
    backfill: bool = False

    @classmethod
    def of(cls, notes: Iterable[Note], *, backfill: bool = False) -> "Changes":
        """The signal for these notes."""
        return cls(rows_of(notes), backfill)

    @property
    def notes(self) -> list[Note]:
        """The notes again."""
        return [Note(*row) for row in self.rows]


@dataclass
class Waiting:
    """A pending ref: everything known about it, merged; not before a moment."""

    note: Note
    backfill: bool
    since: float
    not_before: float = 0.0


@dataclass
class Pause:
    """Why a connection is left alone, and until when."""

    until: float
    reason: str


@dataclass
class Batch:
    """Refs of one mapping to bring in step, as rows of notes like `Changes`. `skip`: connections that are paused."""

    mapping: str
    rows: list[Any]
    skip: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[Note]:
        """The notes again."""
        return [Note(*row) for row in self.rows]


@dataclass
class GivenBack:
    """A ref to try again after some seconds."""

    ref: Ref
    seconds: float


@dataclass
class BatchResult:
    """What came of a batch. `removed`: the mapping is no longer in the workspace."""

    given_back: list[GivenBack] = field(default_factory=list)
    paused: dict[str, Pause] = field(default_factory=dict)
    answered: list[str] = field(default_factory=list)
    written: int = 0
    removed: bool = False


@dataclass
class ScanRequest:
    """The next page of what changed on a side since a cursor.

    `full` lists everything and finds what vanished; `again` also names records that read as they did last time.
    """

    mapping: str
    side: int
    cursor: str | None
    full: bool
    scan: str
    again: bool = False
    started: float = 0.0


@dataclass
class ScanPage:
    """Notes of records that differ from what was last read. `last`: there is no further side."""

    notes: list[Note] = field(default_factory=list)
    cursor: str | None = None
    listed: int = 0
    more: bool = False
    last: bool = True
    wait: float = 0.0
    alert: str | None = None
    removed: bool = False


@dataclass
class PairRequest:
    """Pair what exists on the sides of a mapping."""

    mapping: str


@dataclass
class PairResult:
    """How many records the sides hold, how many pairs were made, and what could not be paired."""

    records: int = 0
    paired: int = 0
    ambiguous: int = 0
    wait: float = 0.0
    error: str | None = None


@dataclass
class Fill:
    """The progress of an apply: `state` is asked, pairing, filling, done or failed."""

    state: str = "asked"
    started: float = 0.0
    records: int = 0
    paired: int = 0
    ambiguous: int = 0
    scanned: int = 0
    done: int = 0
    finished: float = 0.0
    error: str | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in ("done", "failed")


@dataclass
class Scan:
    """A sweep under way: which side, from where, and whether the next page may be asked for yet."""

    full: bool
    id: str
    started: float = 0.0
    side: int = 0
    cursor: str | None = None
    not_before: float = 0.0
    begun: bool = False
    alert: str | None = None


@dataclass
class Intervals:
    """Seconds between sweeps, and between full ones."""

    sweep: float = 60.0
    full: float = 6 * 3600.0


@dataclass
class LaneState:
    """All that a lane remembers from one run to the next."""

    pending: dict[Ref, Waiting] = field(default_factory=dict)
    paused: dict[str, Pause] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    scan: Scan | None = None
    fill: Fill | None = None
    next_sweep: float = 0.0
    next_full: float = 0.0
    overflowed: bool = False
    stopped: bool = False
    taken: int = 0
    done: int = 0
    written: int = 0
    missed: int = 0
    alert: str | None = None


@dataclass
class Pace:
    """What a lane dispatches by, as it was when its run began: other numbers would make its replay differ."""

    batch: int = field(default_factory=lambda: policies.BATCH_SIZE)
    at_once: int = field(default_factory=lambda: policies.BATCHES_AT_ONCE)
    worth: int = field(default_factory=lambda: policies.WORTH_A_BATCH)
    gather: float = field(default_factory=lambda: policies.GATHER_SECONDS)
    pending: int = field(default_factory=lambda: policies.PENDING_AT_MOST)
    watermark: int = field(default_factory=lambda: policies.SCAN_WATERMARK)


@dataclass
class LaneInput:
    """A lane's mapping, its intervals, and what the run before left."""

    mapping: str
    intervals: Intervals = field(default_factory=Intervals)
    state: LaneState = field(default_factory=LaneState)
    pace: Pace = field(default_factory=Pace)


STATUS: Final = "status"
"""Where a lane's memo holds its LaneStatus."""


@dataclass
class LaneStatus:
    """What a lane says of itself."""

    mapping: str
    pending: int
    in_flight: int
    oldest: float | None
    paused: dict[str, Pause]
    stopped: bool
    sweeping: bool
    fill: Fill | None
    taken: int
    done: int
    written: int
    missed: int
    alert: str | None

    @property
    def idle(self) -> bool:
        """Whether nothing waits, is under way, or is being looked for."""
        filling = self.fill is not None and not self.fill.over
        return not (self.pending or self.in_flight or self.sweeping or filling)
