"""A day or a moment, never both; a start never without a due date beside it."""

from typing import Any

import pytest

from connectors.asana.dates import parts

DAY, MOMENT = "2026-12-01", "2026-12-01T10:00:00Z"


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"due_on": DAY}, {"due_on": {"due_on": DAY}}),
        ({"due_on": DAY, "due_at": None}, {"due_on": {"due_on": DAY}}),
        ({"due_on": None, "due_at": MOMENT}, {"due_at": {"due_at": MOMENT}}),
        ({"due_on": None, "due_at": None}, {"due_on": {"due_on": None}}),
        (
            {"start_on": DAY, "due_at": MOMENT},
            {"due_at": {"due_at": MOMENT}, "start_on": {"start_on": DAY, "due_at": MOMENT}},
        ),
        ({"start_on": DAY}, {"start_on": {"start_on": DAY, "due_on": "2026-12-24"}}),
    ],
)
def test_dates_are_sent_apart(fields: dict[str, Any], sent: dict[str, Any]) -> None:
    assert parts(fields, {"due_on": "2026-12-24"}) == (sent, {})


def test_start_keeps_due_time() -> None:
    sent, _ = parts({"start_on": DAY}, {"due_on": "2026-12-24", "due_at": MOMENT})
    assert sent == {"start_on": {"start_on": DAY, "due_at": MOMENT}}


def test_day_and_moment_collide() -> None:
    sent, refused = parts({"due_on": DAY, "due_at": MOMENT}, {})
    assert sent == {"due_at": {"due_at": MOMENT}}
    assert "due_at" in refused["due_on"]
