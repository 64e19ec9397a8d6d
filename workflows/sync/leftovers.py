"""What a side shows that we did not say: whose doing that is, where the system can tell.

A status that is reached over several steps may have been left half-way, and a system may show what it was told in other
words. Either would look like an edit by a person, and could win over what people did. A person's edit, on the other
hand, that falls right behind our write must not be taken for other words.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import Capability, Edit, Record, Value
from mappings.translate import Peers, read
from workflows.store.links import Link
from workflows.sync.item import Item
from workflows.sync.run import Run

APART_SECONDS = 0.25
"""Within this a system's history and its record may date the same edit differently, and nobody answers us so fast."""


@dataclass(frozen=True)
class Doings:
    """By side, of what was told with unknown outcome: `own` are the values by field that are our own doing where the
    side shows them, `restored` the fields that somebody has edited, or put back as they were, in the sight of it.
    """

    own: dict[str, dict[str, list[Value]]] = field(default_factory=dict)
    restored: dict[str, set[str]] = field(default_factory=dict)


async def whose_doing(run: Run, item: Item, peers: Peers) -> Doings:
    """A request that nobody answered may take effect long after a later one, and bring back what was before that.

    A person may say the same as we did, or as stood there before: the system's history tells them apart, where there is
    one. Raises what connectors raise.
    """
    link, doings = item.link, Doings()
    if link is None:
        return doings
    for side in sorted({*link.announced, *link.late}):
        connector, record = run.live.connector(side), item.records.get(side)
        has_history = Capability.HISTORY in connector.capabilities
        told = doings.own[side] = _told(link, side, 0.0 if has_history else run.now())
        if record is None or not has_history:
            continue
        now = read(run.live.bound, side, record, peers, told).values
        strange = _strange(link, side, now)
        keys = _keys(run, side, [*strange, *_back(link, side, now, record)])
        edits = await run.ask(side, connector.edits(record, set(keys.values()))) if keys else {}
        known = {name: edits[key] for name, key in keys.items() if key in edits}
        mixed = {name for name in strange if _is_mixed_leftover(link, side, name, told[name], now[name])}
        ours = {name for name, edit in known.items() if name in strange and _is_ours(edit, record)} - mixed
        doings.own[side] = {name: [now[name]] if name in ours else [] for name in told}
        told_at = link.read_at.get(side, math.inf) + APART_SECONDS
        # A field of which the history says nothing has no author.
        others = {name: edit for name, edit in known.items() if edit.by is not None and not edit.own}
        doings.restored[side] = {
            name for name, edit in others.items()
            if _had_seen(edit, told[name], link.read_at.get(side))
            or (name not in strange and edit.at.timestamp() > told_at)
        }  # fmt: skip
    return doings


def _had_seen(edit: Edit, told: Sequence[Value], read_at: float | None) -> bool:
    """Whether somebody edited what our request had left, though nobody had answered it."""
    return len(told) == 1 and read_at is not None and edit.behind is not None and edit.behind.timestamp() > read_at


def _is_mixed_leftover(link: Link, side: str, name: str, told: Iterable[Value], now: Value) -> bool:
    stood = {**(link.base or {}), **link.shown.get(side, {})}.get(name)
    return any(is_mixed(stood, value, now) for value in told)


def _is_ours(edit: Edit, record: Record) -> bool:
    """Our own account's, or as the record was created: who tells a side something at its creation is us."""
    return edit.own or edit.at <= record.created


async def find_overtaken(run: Run, item: Item, peers: Peers) -> None:
    """Note which of the fields just written read otherwise because a person has edited them meanwhile."""
    for side, record in item.after.items():
        plan, connector = item.plan, run.live.connector(side)
        if plan is None:
            continue
        told = plan.writes.get(side) or plan.creates[side]
        now = read(run.live.bound, side, record, peers, told.canonical).values
        if side in plan.writes:
            pairs = {name: (told.before.get(name), value) for name, value in told.canonical.items() if name in now}
            item.overtaken |= {(side, name) for name, pair in pairs.items() if is_mixed(*pair, now[name])}
        if Capability.HISTORY not in connector.capabilities:
            continue
        keys: dict[str, str] = {}
        for name, value in told.canonical.items():
            native = run.live.bound.fields[name].bindings[side].field
            if native is not None and name in now and now[name] != value:
                keys[name] = native.key
        edits = await run.ask(side, connector.edits(record, set(keys.values()))) if keys else {}
        item.overtaken |= {
            (side, name) for name, key in keys.items()
            if key in edits and not edits[key].own
            and (now[name] != told.before.get(name) or _is_since(edits[key], item.records.get(side)))
        }  # fmt: skip


def _is_since(edit: Edit, read_before: Record | None) -> bool:
    """Whether an edit is younger than what we read; one that is not has only outlived a write that had no effect."""
    return read_before is None or edit.at.timestamp() > read_before.updated.timestamp() + APART_SECONDS


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


def _told(link: Link, side: str, since: float) -> dict[str, list[Value]]:
    """What was told with unknown outcome; what could only come late, if it may have come after `since`."""
    told = {name: list(values) for name, values in link.announced.get(side, {}).items()}
    for name, values in link.late.get(side, {}).items():
        if waiting := [value for value, until in values if until > since]:
            told.setdefault(name, []).extend(waiting)
    return told


def _strange(link: Link, side: str, now: Mapping[str, Value]) -> list[str]:
    """The fields that show neither the base nor where the side stood."""
    base = link.base or {}
    stood = {**base, **link.shown.get(side, {})}
    return [name for name, value in now.items() if value not in (stood.get(name), base.get(name))]


def _back(link: Link, side: str, now: Mapping[str, Value], record: Record) -> list[str]:
    """The fields that show what stood there when we told otherwise, of a record that has changed since."""
    if side not in link.read_at or record.updated.timestamp() <= link.read_at[side]:
        return []
    base, stood = link.base or {}, link.shown.get(side, {})
    told = link.announced.get(side, {})
    return [
        name for name, value in now.items() if name in told and value != base.get(name) and value == stood.get(name)
    ]


def _keys(run: Run, side: str, names: Iterable[str]) -> dict[str, str]:
    """The native keys of fields, where they have one."""
    natives = {name: run.live.bound.fields[name].bindings[side].field for name in names}
    return {name: native.key for name, native in natives.items() if native is not None}
