"""Bodies as Asana really sent them, recorded elsewhere; skipped where the recordings are not at hand."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from connectors.asana.account import Place
from connectors.asana.fields import TYPES
from connectors.asana.marker import Marking
from connectors.asana.metadata import Project
from connectors.asana.records import record
from connectors.contract import Record

SHARED = Path(os.environ.get("SYNCLINE_SHARED", Path(__file__).parents[4] / "shared"))
RECORDED = SHARED / "recorded" / "asana" / "nango"
PLACE = Place(Project("1211440849237745", "Sandbox", "1202775892569436", {}, {}), None, Marking("notes"))

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings in ../shared are not here")


def bodies(value: Any) -> list[dict[str, Any]]:
    """Every whole task in a recording."""
    if isinstance(value, list):
        return [found for item in value for found in bodies(item)]
    if not isinstance(value, dict):
        return []
    whole = value.get("resource_type") == "task" and {"created_at", "modified_at", "name"} <= value.keys()
    return [value] if whole else [found for item in value.values() for found in bodies(item)]


def recorded(name: str) -> list[Record]:
    text = (RECORDED / f"{name}.test.json").read_text()
    keys = TYPES.keys() - {"notes"}
    return [record(body, keys, PLACE, {}, "desk") for body in bodies(json.loads(text)["api"])]


@pytest.mark.parametrize("name", ["get-task", "create-task", "update-task", "create-subtask", "list-tasks-for-project"])
def test_recorded_task_is_read(name: str) -> None:
    for found in recorded(name):
        assert found.fields["name"]
        assert found.created <= found.updated
        assert found.url.startswith("https://app.asana.com/")
        assert found.marker is None


def test_recorded_values_are_canonical() -> None:
    (found,) = recorded("get-task")
    expected = {
        "name": "Draft project brief",
        "completed": False,
        "assignee": "@1211440844472372",
        "due_on": "2025-09-25",
        "start_on": "2025-09-23",
        "due_at": None,
        "tags": None,
        "parent": None,
    }
    assert {key: found.fields[key] for key in expected} == expected
