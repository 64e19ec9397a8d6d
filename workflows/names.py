"""Workflow types, task queues and the builders of workflow ids."""

from typing import Final

TASK_QUEUE: Final = "syncline"
LANE: Final = "lane"


def lane_id(mapping: str) -> str:
    """The workflow that owns a mapping; at most one of an id runs."""
    return f"sync/{mapping}"
