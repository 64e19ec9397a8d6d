"""Edits that fell between our look at a field and our write of it.

No system here writes on condition, so such an edit is gone from the field. Its webhook arrives after our write: the
system's history then tells whether it was of a field that we wrote, and whoever made it is told, by a parked field that
stays until somebody has seen to it.
"""

from collections.abc import Iterable

from connectors.contract import Edit, FieldType
from workflows.messages import Note
from workflows.store.links import Link
from workflows.sync.history import last_edits
from workflows.sync.item import Item
from workflows.sync.overtaken import APART_SECONDS
from workflows.sync.run import Run

OVERWRITTEN = "overwritten"
"""The value of a field that is parked for this."""
OWN_ECHO_SECONDS = 0.02
"""By how much the webhook of our write may date it earlier than the record does."""
SETS = frozenset({FieldType.OPTIONS, FieldType.USERS, FieldType.RECORDS})
"""Told what to add and to remove, so that nothing of them is overwritten."""


def from_between(link: Link, side: str, notes: Iterable[Note]) -> list[str | None]:
    """Who changed something, as webhooks tell, between our last look at a side and our write there."""
    if side not in link.looked or side not in link.members:
        return []
    since, until = link.looked[side].updated + APART_SECONDS, link.members[side].updated_at - OWN_ECHO_SECONDS
    return [by for note in notes for at, by in note.told() if since < at < until]


async def tell_overwritten(run: Run, item: Item) -> None:
    """Park the fields in which our write covered an edit that it had not seen. Raises what connectors raise."""
    link = item.link
    if link is None:
        return
    for side, notes in item.notes.items():
        between = from_between(link, side, notes)
        if not between or side not in item.records:
            continue
        for name, edit in (await last_edits(run, side, item.records[side], _whole(run, side))).items():
            if _covers(edit, link.looked[side].updated):
                run.park(item, side, _reason(side, between, edit), name, OVERWRITTEN)


def _whole(run: Run, side: str) -> list[str]:
    """The fields that we write there as a whole."""
    fields = run.live.bound.fields.values()
    return [one.name for one in fields if side in one.bindings and one.flow.writes(side) and one.type not in SETS]


def _covers(edit: Edit, read_at: float) -> bool:
    return edit.own and edit.behind is not None and read_at + APART_SECONDS < edit.behind.timestamp()


def _reason(side: str, between: Iterable[str | None], edit: Edit) -> str:
    people = sorted({by for by in between if by})
    who = " or ".join(people) or "somebody"
    return (
        f"{who} edited it at {edit.behind:%Y-%m-%d %H:%M:%S} UTC, in the moment in which it was written, and was "
        f"overwritten: the history in {side} tells what they wrote. Enter it again if it matters, then type "
        "`syncline parked drop`"
    )
