"""What people edit in one tool arrives in the other."""

from typing import Any

import pytest

from tests.service import eventually
from tests.workflows.bench import OTHER, Bench

BOTH_WAYS = pytest.mark.parametrize("here", ["eng", "mkt"])


@BOTH_WAYS
def test_new_record_is_created(rig: Bench, here: str) -> None:
    values = {"details": "Before noon", "due": "2026-12-01", "assignee": "bo", "labels": ["launch"], "effort": 3}
    ids = rig.pair(f"Created in {here}", here, status="in_progress", **values)
    rig.shows(OTHER[here], ids[OTHER[here]], status="in_progress", **values)
    rig.quiet()
    assert rig.count(f"Created in {here}") == {"eng": 1, "mkt": 1}


@BOTH_WAYS
@pytest.mark.parametrize(
    "edit",
    [
        {"title": "Renamed: “ü” & <b> 启动 🚀"},
        {"details": "First line\n\nsecond *line*"},
        {"due": "2027-01-31"},
        {"due": None},
        {"assignee": "wei"},
        {"assignee": None},
        {"effort": 8},
        {"severity": "High"},
        {"labels": ["legal", "web"]},
        {"labels": []},
        {"status": "done"},
    ],
    ids=lambda edit: "-".join(f"{name}={value!s:.8}" for name, value in edit.items()),
)
def test_edit_is_carried(rig: Bench, here: str, edit: dict[str, Any]) -> None:
    start = {"due": "2026-12-01", "assignee": "bo", "labels": ["launch"], "effort": 2}
    ids = rig.pair(f"Edit {edit} in {here}", here, **start)
    rig.shows(OTHER[here], ids[OTHER[here]], labels=["launch"])
    rig.desks[here].edit(ids[here], **edit)
    if "details" not in edit:
        rig.shows(OTHER[here], ids[OTHER[here]], **edit)
    else:
        eventually(lambda: "second" in (rig.desks[OTHER[here]].read(ids[OTHER[here]])["details"] or ""))
