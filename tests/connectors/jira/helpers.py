"""Short ways to make and look at issues."""

import os
import re
from pathlib import Path

import pytest

from connectors.contract import Fields, Record, Value
from connectors.jira.connector import JiraConnector
from connectors.standins.control import Control

ENG = {"project": "ENG"}
SHARED = Path(os.environ.get("SYNCLINE_SHARED", Path(__file__).parents[4] / "shared"))
RECORDED = SHARED / "recorded" / "jira"
needs_recordings = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded exchanges beside the repository")


async def make(jira: JiraConnector, **fields: Value) -> Record:
    """A task in ENG, without anything refused."""
    wanted: Fields = {"summary": "Launch page", "issuetype": "Task", **fields}
    written = await jira.create("issue", ENG, wanted, "mark-1")
    assert written.refused == {}
    return written.record


async def read(jira: JiraConnector, record: Record, *fields: str) -> Record:
    """The issue as it is now."""
    (found,) = await jira.fetch([record.ref.id], "issue", fields, ENG)
    return found


def sent(control: Control, pattern: str) -> int:
    """How many requests of this form were served."""
    return sum(1 for entry in control.log if re.search(pattern, f"{entry['method']} {entry['path']}"))
