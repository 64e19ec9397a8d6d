"""Which comments or attachments are to be copied, edited, removed or recognised: a pure decision over lists."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mappings.model import Flow
from workflows.store.remarks import Row


@dataclass(frozen=True)
class Thing:
    """A comment or attachment as listed. `mark`: what its copies carry; `copy_of`: the mark that it carries.

    `own`: our account made it.
    """

    id: str
    digest: str
    mark: str
    copy_of: str | None = None
    own: bool = True


@dataclass(frozen=True)
class Step:
    """What to do with one original on one side; `row` is what is to be stored once it is done."""

    do: Literal["copy", "edit", "adopt", "remove", "wait"]
    row: Row


def reconcile(
    flow: Flow, listed: Mapping[str, Sequence[Thing]], rows: Sequence[Row], now: float, settle: Mapping[str, float]
) -> list[Step]:
    """The steps that bring the sides in `listed` in step. `settle`: seconds an unanswered request may still land."""
    by_key = {(row.origin_side, row.origin_id, row.side): row for row in rows}
    copies: set[tuple[str, str | None]] = {(row.side, row.external_id) for row in rows if row.external_id is not None}
    steps = list(_removals(listed, rows, now, settle))
    for side, things in listed.items():
        for thing in things:
            if not flow.reads(side) or (side, thing.id) in copies or _is_copy(thing):
                continue
            for target in listed:
                if target == side or not flow.writes(target):
                    continue
                step = _step(side, thing, target, listed[target], by_key, copies, now, settle)
                if step is not None:
                    steps.append(step)
                    copies.add((target, step.row.external_id))
    return steps


def _is_copy(thing: Thing) -> bool:
    return thing.copy_of is not None and thing.copy_of != thing.mark


def _removals(
    listed: Mapping[str, Sequence[Thing]], rows: Sequence[Row], now: float, settle: Mapping[str, float]
) -> Iterator[Step]:
    there = {(side, thing.id) for side, things in listed.items() for thing in things}
    for row in rows:
        if row.origin_side not in listed or row.side not in listed or (row.origin_side, row.origin_id) in there:
            continue
        if row.external_id is not None or row.attempted_at is None:
            yield Step("remove", row)
            continue
        # Its copy went out, and nobody answered: it may be there, or may yet come.
        found = next((thing.id for thing in listed[row.side] if thing.own and thing.copy_of == row.mark), None)
        may_come = found is None and now - row.attempted_at < settle[row.side]
        yield Step("wait" if may_come else "remove", replace(row, external_id=found))


def _step(
    side: str,
    thing: Thing,
    target: str,
    there: Sequence[Thing],
    rows: Mapping[tuple[str, str, str], Row],
    copies: set[tuple[str, str | None]],
    now: float,
    settle: Mapping[str, float],
) -> Step | None:
    row = rows.get((side, thing.id, target))
    if row is not None and row.external_id is not None:
        edited = row.digest != thing.digest
        return Step("edit", replace(row, digest=thing.digest)) if edited else None
    for candidate in there:
        if candidate.copy_of == thing.mark and (target, candidate.id) not in copies:
            adopted = Row(side, thing.id, target, thing.digest, candidate.id, mark=thing.mark)
            # It may have been made from an older text than the original has now; a file's mark tells what is in it.
            sure = thing.digest == thing.mark or (row is not None and row.digest == thing.digest)
            return Step("adopt" if sure else "edit", adopted)
    if row is not None and row.attempted_at is None and row.digest == thing.digest:
        return None
    if row is not None and row.attempted_at is not None and now - row.attempted_at < settle[target]:
        return Step("wait", row)
    again = row is not None and row.digest != thing.digest
    return Step("copy", Row(side, thing.id, target, "" if again else thing.digest, None, now, thing.mark))
