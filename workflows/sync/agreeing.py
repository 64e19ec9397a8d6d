"""What a link becomes: what is agreed, where each side stands, and what may still come of requests."""

from collections.abc import Mapping

from connectors.contract import Value
from mappings.plan import Plan, settle
from mappings.translate import Peers, read
from mappings.writes import bound_on
from workflows.messages import DISCUSSION
from workflows.store.journal import Kind
from workflows.store.links import Link
from workflows.sync.item import Item
from workflows.sync.run import Run

Late = dict[str, dict[str, list[tuple[Value, float]]]]


def agree(run: Run, item: Item, plan: Plan, link: Link, peers: Peers) -> None:
    """Take over what the plan decided, and where each side stands by what it has shown so far."""
    new = settle(run.live.bound, plan, item.known, {**item.records, **item.after}, peers)
    shown = {
        side: {name: value for name, value in fields.items() if (side, name) not in item.overtaken}
        for side, fields in new.shown.items()
    }
    for side in plan.creates.keys() - item.after.keys():
        shown[side] = _made_with(run, item, side, new.base)
    away = {side: _left_behind(link, side, new.base) for side in link.away}
    link.base, link.shown = dict(new.base), {**shown, **away}
    told = {name for fields in link.announced.values() for name in fields}
    link.sources = {name: list(sides) for name, sides in new.sources.items() if name in told}
    if not item.ahead:
        _tell_decisions(run, item, plan)


def close(run: Run, item: Item, plan: Plan, link: Link, peers: Peers) -> None:
    """The same once the requests are done; only those that nobody answered stay announced, or may come late."""
    link.late = _late(run, item, plan, link, peers)
    held = {
        side: {name: values for name, values in fields.items() if name in plan.conflicts}
        for side, fields in item.unanswered.items()
    }
    link.announced = {**held, **{side: told for side, told in link.announced.items() if side in item.open}}
    agree(run, item, plan, link, peers)
    for side, record in {**item.records, **item.after}.items():
        if side in link.members and side not in item.open:
            member = link.members[side]
            # Our own write moves the version, and adds nothing to the discussion.
            known = member.discussed == item.records[side].version if side in item.records else True
            if known or item.aspects.issuperset(DISCUSSION):
                member.discussed = record.version
            member.url = record.url
            member.version, member.updated_at = record.version, record.updated.timestamp()
            if side in item.after and _edited_meanwhile(run, item, plan, side, peers):
                # An edit that fell between our reading and our writing: no version is remembered, so that even a
                # sweep takes it for unseen, and it is looked at at once.
                member.version, member.updated_at = "", 0.0
                item.again(0.0)


def _made_with(run: Run, item: Item, side: str, base: Mapping[str, Value]) -> dict[str, Value]:
    """What people see of a record that an earlier request may have made, where that is not the base by now."""
    told = item.unanswered.get(side)
    if not told:
        return {}
    made = {name: (told.get(name) or [None])[0] for name in bound_on(run.live.bound, side)}
    return {name: value for name, value in made.items() if value != base.get(name)}


def _tell_decisions(run: Run, item: Item, plan: Plan) -> None:
    for decision in plan.decisions:
        if decision.verdict.kind not in ("same", "conflict"):
            run.entry(
                item, Kind.DECIDED, decision.verdict.winner, decision.field, before=decision.before,
                after=decision.after, reason=decision.verdict.reason, how=decision.verdict.kind,
                rule=run.live.rule(decision.field),
            )  # fmt: skip


def _left_behind(link: Link, side: str, base: Mapping[str, Value]) -> dict[str, Value]:
    """Where a side that the file does not name now stood when it left: once it is back, old values are no edits."""
    then = {**(link.base or {}), **link.shown.get(side, {})}
    return {name: value for name, value in then.items() if name in base and value != base[name]}


def _late(run: Run, item: Item, plan: Plan, link: Link, peers: Peers) -> Late:
    """What requests that nobody answered may yet do; what a side has shown since has been done."""
    now = run.now()
    late: Late = {}
    for side in {*link.late, *item.unanswered} - item.open:
        until = now + run.live.connector(side).settle_seconds
        # Also one whose time is over counts until the side was looked at after that.
        waiting = {name: [one for one in values if one[1] > run.began or side not in item.records]
                   for name, values in link.late.get(side, {}).items()}  # fmt: skip
        for name, values in item.unanswered.get(side, {}).items():
            if name not in plan.conflicts:
                waiting.setdefault(name, []).extend((value, until) for value in values)
        record = item.records.get(side)
        showed = read(run.live.bound, side, record, peers, waiting).values if record else {}
        left = {
            name: [one for one in values if name not in showed or one[0] != showed[name]]
            for name, values in waiting.items()
        }
        late[side] = {name: values for name, values in left.items() if values}
    return {side: fields for side, fields in late.items() if fields}


def _edited_meanwhile(run: Run, item: Item, plan: Plan, side: str, peers: Peers) -> bool:
    """Whether a field reads otherwise than the plan saw, or than we wrote it, by somebody's edit."""
    if any(overtaken == side for overtaken, _ in item.overtaken):
        return True
    told = plan.writes.get(side) or plan.creates.get(side)
    mine = set(told.canonical) if told else set()
    seen = plan.seen.get(side)
    now = read(run.live.bound, side, item.after[side], peers).values
    if seen is None:
        return any(value is not None for name, value in now.items() if name not in mine)
    return any(seen.get(name) != value for name, value in now.items() if name not in mine)
