"""The set of refs that a lane has yet to bring in step: bursts coalesced, edits before backfill, memory bounded."""

from collections.abc import Collection, Iterable

from workflows.messages import LaneState, Note, Waiting, merged


def add(state: LaneState, note: Note, *, backfill: bool, now: float, limit: int) -> bool:
    """Take a note in; several of one ref become one. False where there was no room, so that a sweep must find it."""
    waiting = state.pending.get(note.ref)
    if waiting is None:
        if len(state.pending) >= limit:
            state.overflowed = True
            return False
        state.pending[note.ref] = Waiting(note, backfill, now)
    else:
        waiting.note = merged(waiting.note, note)
        waiting.backfill = waiting.backfill and backfill
    return True


def take(state: LaneState, size: int, busy: Collection[str], now: float) -> list[Waiting]:
    """Up to `size` refs that are ready, people's edits first; a ref in `busy` stays until it is free."""
    ready = _ready(state, busy, now)
    chosen = [ref for ref, waiting in ready if not waiting.backfill][:size]
    if len(chosen) < size:
        chosen += [ref for ref, waiting in ready if waiting.backfill][: size - len(chosen)]
    return [state.pending.pop(ref) for ref in chosen]


def is_ready(state: LaneState, busy: Collection[str], now: float, worth: int, patience: float) -> bool:
    """Whether there are `worth` refs to take now, or one that has been ready for so many seconds."""
    ready = 0
    for ref, waiting in state.pending.items():
        if ref not in busy and waiting.not_before <= now:
            ready += 1
            if ready >= worth or max(waiting.since, waiting.not_before) + patience <= now:
                return True
    return False


def give_back(state: LaneState, waiting: Waiting, not_before: float) -> None:
    """Put a ref back for later; what came in meanwhile is merged, and waits as long."""
    newer = state.pending.get(waiting.note.ref)
    if newer is not None:
        waiting.note = merged(waiting.note, newer.note)
        waiting.backfill = waiting.backfill and newer.backfill
    waiting.not_before = not_before
    state.pending[waiting.note.ref] = waiting


def next_moment(state: LaneState, busy: Collection[str], now: float, patience: float) -> float | None:
    """When the next ref that waits for its time becomes ready, or one that is ready has waited long enough."""
    moments = (w.not_before if w.not_before > now else max(w.since, w.not_before) + patience
               for ref, w in state.pending.items() if ref not in busy)  # fmt: skip
    return min(moments, default=None)


def _ready(state: LaneState, busy: Collection[str], now: float) -> list[tuple[str, Waiting]]:
    items: Iterable[tuple[str, Waiting]] = state.pending.items()
    return [(ref, waiting) for ref, waiting in items if ref not in busy and waiting.not_before <= now]
