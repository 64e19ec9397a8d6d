"""The set of pending refs: bursts coalesced, people first, never what is busy or not yet due, bounded."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from workflows import pending
from workflows.messages import LaneState, Note, Waiting

REFS = st.sampled_from([f"a:b:{number}" for number in range(6)])
ASPECTS = st.sets(st.sampled_from(["fields", "comments", "attachments", "deleted"]), min_size=1)
LIMIT = 4


def note(ref: str, *aspects: str, by: str | None = None, at: float | None = None) -> Note:
    return Note(ref, list(aspects) or ["fields"], by=by, at=at)


def test_burst_merges_what_is_known() -> None:
    state = LaneState()
    pending.add(state, note("a:b:1", "fields", by="Ana", at=1.0), backfill=True, now=5.0, limit=LIMIT)
    pending.add(state, note("a:b:1", "comments"), backfill=False, now=6.0, limit=LIMIT)
    one = replace(note("a:b:1", "comments", "fields", by="Ana", at=1.0), hints=[[1.0, "Ana"]])
    assert state.pending == {"a:b:1": Waiting(one, backfill=False, since=5.0)}


def test_burst_keeps_its_newest_hints() -> None:
    state = LaneState()
    for number in range(20):
        pending.add(state, note("a:b:1", "fields", by="Ana", at=1.0 + number), backfill=False, now=5.0, limit=LIMIT)
    [waiting] = state.pending.values()
    assert waiting.note.hints == [[13.0 + number, "Ana"] for number in range(8)]


def test_given_back_keeps_news() -> None:
    state = LaneState()
    pending.add(state, note("a:b:1", "fields"), backfill=True, now=1.0, limit=LIMIT)
    [taken] = pending.take(state, 9, (), 1.0)
    pending.add(state, note("a:b:1", "comments"), backfill=False, now=2.0, limit=LIMIT)
    pending.give_back(state, taken, 50.0)
    [again] = state.pending.values()
    assert (again.note.aspects, again.backfill, again.not_before) == (["comments", "fields"], False, 50.0)
    assert pending.take(state, 9, (), 49.9) == []
    assert pending.next_moment(state, (), 49.9, 1.0) == 50.0
    assert pending.take(state, 9, (), 50.0) == [again]


def test_news_wait_as_long() -> None:
    state = LaneState()
    pending.give_back(state, Waiting(note("a:b:1"), False, 1.0), 50.0)
    pending.add(state, note("a:b:1", "comments"), backfill=False, now=2.0, limit=LIMIT)
    assert not pending.is_ready(state, (), 49.0, 1, 0.0)


def test_few_wait_for_more() -> None:
    state = LaneState()
    pending.add(state, note("a:b:1"), backfill=False, now=1.0, limit=LIMIT)
    assert not pending.is_ready(state, (), 1.1, 2, 0.25)
    assert pending.next_moment(state, (), 1.1, 0.25) == 1.25
    assert pending.is_ready(state, (), 1.25, 2, 0.25)
    pending.add(state, note("a:b:2"), backfill=False, now=1.1, limit=LIMIT)
    assert pending.is_ready(state, (), 1.1, 2, 0.25)


def test_full_set_asks_for_sweep() -> None:
    state = LaneState()
    taken = [pending.add(state, note(f"a:b:{n}"), backfill=False, now=1.0, limit=LIMIT) for n in range(LIMIT + 1)]
    assert taken == [True] * LIMIT + [False]
    assert state.overflowed
    assert pending.add(state, note("a:b:0", "comments"), backfill=False, now=1.0, limit=LIMIT)


@given(st.lists(st.one_of(st.tuples(REFS, ASPECTS, st.booleans()), st.integers(1, 3)), max_size=40), st.sets(REFS))
def test_nothing_is_forgotten(steps: list[tuple[str, set[str], bool] | int], busy: set[str]) -> None:
    state: LaneState = LaneState()
    told: dict[str, set[str]] = {}
    for step in steps:
        if isinstance(step, int):
            ready = {ref: waiting for ref, waiting in state.pending.items() if ref not in busy}
            taken = pending.take(state, step, busy, 1.0)
            assert len(taken) == min(step, len(ready))
            people = sum(not waiting.backfill for waiting in ready.values())
            assert sum(not waiting.backfill for waiting in taken) == min(step, people)
            for waiting in taken:
                assert waiting.note.ref not in busy
                assert set(waiting.note.aspects) == told.pop(waiting.note.ref)
        else:
            ref, aspects, backfill = step
            if pending.add(state, note(ref, *aspects), backfill=backfill, now=1.0, limit=LIMIT):
                told.setdefault(ref, set()).update(aspects)
            assert len(state.pending) <= LIMIT
    assert told == {ref: set(waiting.note.aspects) for ref, waiting in state.pending.items()}
