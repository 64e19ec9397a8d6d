"""What a person did to a field at the very time at which we wrote it, as far as it still shows."""

from connectors.contract import Edit, Record, Value
from connectors.errors import ConnectorError
from mappings.translate import Peers, read
from mappings.writes import SideWrite
from workflows.sync.creating import unfinished
from workflows.sync.history import last_edits
from workflows.sync.item import Item
from workflows.sync.run import Run

APART_SECONDS = 0.25
"""Within this a system's history and its record may date the same edit differently, and nobody answers us so fast."""


async def find_overtaken(run: Run, item: Item, peers: Peers) -> None:
    """Note which of the fields just written read otherwise because a person has edited them meanwhile."""
    plan = item.plan
    if plan is None:
        return
    for side, record in item.after.items():
        told = plan.writes.get(side) or plan.creates[side]
        now = read(run.live.bound, side, record, peers, told.canonical).values
        refused = {one.field for one in item.parking if one.side == side}
        names = {name for name in now if now[name] != told.canonical[name]} - refused
        if side in plan.writes:
            mixed = {name for name in names if is_mixed(told.before.get(name), told.canonical[name], now[name])}
            item.overtaken |= {(side, name) for name in mixed}
        try:
            edits = await last_edits(run, side, record, names)
        except ConnectorError as error:
            unfinished(item, side, run.back_in(error))
            continue
        item.overtaken |= {
            (side, name) for name, edit in edits.items()
            if not edit.own and (not _is_untouched(told, name, now[name]) or _is_later(edit, item.records.get(side)))
        }  # fmt: skip


def _is_untouched(told: SideWrite, name: str, now: Value) -> bool:
    """Whether it looks as if we had written nothing: a system may take a value and drop it."""
    return now == told.before.get(name)


def _is_later(edit: Edit, read_before: Record | None) -> bool:
    """Whether an edit is younger than what we read; one that is not has only outlived a write without effect."""
    return read_before is None or edit.at.timestamp() > read_before.as_of.timestamp() + APART_SECONDS


def is_mixed(before: Value, told: Value, now: Value) -> bool:
    """Whether a set holds what we told it, and beside that something that somebody else added or removed.

    Sets are told what to add and what to remove, so an edit that fell between our look and our write is still there.
    Where what we added is missing, the system has put it in other words, and nobody's edit shows.
    """
    if not (isinstance(told, list) and isinstance(now, list)):
        return False
    old, new, shown = set(before if isinstance(before, list) else ()), set(told), set(now)
    done = (new - old) <= shown and not (old - new) & shown
    return done and shown != new
