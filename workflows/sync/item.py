"""One link of a batch on its way: what is known, what was read, what was decided, what came of it."""

from dataclasses import dataclass, field

from connectors.contract import Record, Value
from mappings.plan import Known, Plan
from workflows.messages import Note
from workflows.store.journal import Entry
from workflows.store.links import Link
from workflows.store.parking import Parked


@dataclass
class Item:
    """`notes` by side: what brought it here. `link` None until the record is known to belong to one."""

    notes: dict[str, list[Note]]
    link: Link | None = None
    fresh: tuple[str, str] | None = None
    """Side and external id of a record that has no link yet."""
    records: dict[str, Record] = field(default_factory=dict)
    after: dict[str, Record] = field(default_factory=dict)
    plan: Plan | None = None
    created: list[str] = field(default_factory=list)
    """Sides whose new member is not stored yet."""
    parked: list[Parked] = field(default_factory=list)
    parking: list[Parked] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    overtaken: set[tuple[str, str]] = field(default_factory=set)
    """Side and field where a person's edit came between our write and our look at what it left."""
    known: Known = field(default_factory=lambda: Known({}))
    """What the plan was made from."""
    unanswered: dict[str, dict[str, list[Value]]] = field(default_factory=dict)
    """What was announced before this batch, by side and field: requests that may yet take effect."""
    open: set[str] = field(default_factory=set)
    """Sides that did not answer what they were told; it stays announced."""
    ahead: bool = False
    """What was decided is stored already, before it was sent."""
    back: float | None = None
    """Seconds after which to look again; None: done."""
    ended: bool = False
    """Nothing more is to be done in this batch."""

    @property
    def lease(self) -> str:
        """What two batches must not work on at once."""
        return self.link.id if self.link is not None else "/".join(self.fresh or ())

    @property
    def aspects(self) -> set[str]:
        """All aspects that any note names."""
        return {aspect for notes in self.notes.values() for note in notes for aspect in note.aspects}

    @property
    def via(self) -> str:
        """How we came to look: where several notes did, what was asked for rather than what just happened."""
        vias = {note.via for notes in self.notes.values() for note in notes}
        return next((via for via in ("retry", "apply", "sweep") if via in vias), "webhook")

    @property
    def by(self) -> str | None:
        """Who edited, where a note tells."""
        return next((note.by for notes in self.notes.values() for note in notes if note.by), None)

    def refs(self) -> list[str]:
        """The refs that the lane asked about."""
        return [note.ref for notes in self.notes.values() for note in notes]

    def again(self, seconds: float) -> None:
        """Look again after so many seconds, at the latest of what was asked."""
        self.back = max(self.back or 0.0, seconds)

    def end(self, seconds: float | None = None) -> None:
        """Leave the batch; with seconds, to look again."""
        self.ended = True
        if seconds is not None:
            self.again(seconds)
