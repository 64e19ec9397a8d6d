"""The difference between two clocks, from answers that tell whole seconds."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.asana.clock import Clock

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
seconds = st.floats(0.0, 60.0).map(lambda number: timedelta(seconds=number))


@given(st.integers(-90_000_000, 90_000_000), st.lists(st.tuples(seconds, st.integers(1, 400)), min_size=1, max_size=40))
def test_difference_lies_within_the_quickest_answer(ahead: int, asked: list[tuple[timedelta, int]]) -> None:
    clock, there = Clock(), timedelta(milliseconds=ahead)
    for at, took in asked:
        sent = START + at
        received = sent + timedelta(milliseconds=took)
        answered = sent + timedelta(milliseconds=took / 2) + there
        clock.hear(answered.replace(microsecond=0), sent, received)
    assert abs(clock.ahead - there) <= timedelta(seconds=1)


def test_many_answers_narrow_it_down() -> None:
    clock, there = Clock(), timedelta(seconds=-31.3)
    for number in range(50):
        sent = START + timedelta(seconds=1.37 * number)
        clock.hear((sent + there).replace(microsecond=0), sent, sent + timedelta(milliseconds=20))
    assert abs(clock.ahead - there) < timedelta(milliseconds=40)


def test_clock_that_was_set_is_followed() -> None:
    clock = Clock()
    assert clock.ahead == timedelta()
    for there in (timedelta(), timedelta(hours=1)):
        clock.hear(START + there, START, START)
        assert abs(clock.ahead - there) <= timedelta(seconds=1)
