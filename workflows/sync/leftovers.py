"""What a side shows that we did not say: whose doing that is, where the system can tell.

A status that is reached over several steps may have been left half-way, and a system may show what it was told in other
words. Either would look like an edit by a person, and could win over what people did. A person's edit, on the other
hand, that falls right behind our write must not be taken for other words.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectors.contract import Capability, Edit, Record, Value
from mappings.translate import Peers, read
from workflows.store.links import Link
from workflows.sync.history import last_edits
from workflows.sync.item import Item
from workflows.sync.overtaken import APART_SECONDS
from workflows.sync.run import Run


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
        record = item.records.get(side)
        has_history = Capability.HISTORY in run.live.connector(side).capabilities
        told = _told(link, side, 0.0 if has_history else run.now())
        if record is None or not has_history:
            doings.own[side] = told
        else:
            doings.own[side], doings.restored[side] = await _by_history(run, link, side, record, told, peers)
    return doings


async def _by_history(
    run: Run, link: Link, side: str, record: Record, told: Mapping[str, list[Value]], peers: Peers
) -> tuple[dict[str, list[Value]], set[str]]:
    """Of one side: what is our own doing, and what was edited in the sight of it."""
    now = read(run.live.bound, side, record, peers, told).values
    strange = _strange(link, side, now)
    known = await last_edits(run, side, record, [*strange, *_back(link, side, now, record)])
    ours = {name for name in strange if name in known and _is_ours(known[name], record)}
    ours -= {name for name in strange if _is_beyond(now[name], [*told[name], *_agreed(link, side, name)])}
    # A field of which the history says nothing has no author.
    others = {name: edit for name, edit in known.items() if edit.by is not None and not edit.own}
    seen = {name for name, edit in others.items() if len(told[name]) == 1 and _had_seen(link, side, edit)}
    told_at = link.looked[side].last + APART_SECONDS if side in link.looked else math.inf
    put_back = {name for name, edit in others.items() if name not in strange and edit.at.timestamp() > told_at}
    return {name: [now[name]] if name in ours else [] for name in told}, seen | put_back


def _had_seen(link: Link, side: str, edit: Edit) -> bool:
    """Whether somebody edited what our request had left, though nobody had answered it.

    What a record was made with is there from its beginning.
    """
    if side not in link.looked:
        return True
    return edit.behind is not None and edit.behind.timestamp() > link.looked[side].first + APART_SECONDS


def _agreed(link: Link, side: str, name: str) -> list[Value]:
    """The base, and where the side stood."""
    base = link.base or {}
    return [base.get(name), link.shown.get(side, {}).get(name, base.get(name))]


def _is_beyond(now: Value, said: Iterable[Value]) -> bool:
    """Whether a set holds what none of these does, or lacks what all of them have: then somebody else was there too."""
    if not isinstance(now, list):
        return False
    sets = [set(value) if isinstance(value, list) else set() for value in said]
    return not set.intersection(*sets) <= set(now) <= set.union(*sets)


def _is_ours(edit: Edit, record: Record) -> bool:
    """Our own account's, or as the record was created: who tells a side something at its creation is us."""
    return edit.own or edit.at <= record.created


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
    if side not in link.looked or record.as_of.timestamp() <= link.looked[side].last:
        return []
    base, stood = link.base or {}, link.shown.get(side, {})
    told = link.announced.get(side, {})
    return [
        name for name, value in now.items() if name in told and value != base.get(name) and value == stood.get(name)
    ]
