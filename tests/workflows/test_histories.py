"""Lanes that began with an earlier version go on with this one: recorded histories replay without a difference."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.histories.record import SITUATIONS
from workflows.lane import Lane

FILES = sorted((Path(__file__).parents[1] / "histories").glob("*.json"))


def test_every_situation_is_recorded() -> None:
    assert {file.stem for file in FILES} >= SITUATIONS.keys()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_history_still_replays(file: Path) -> None:
    history = WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
    await Replayer(workflows=[Lane]).replay_workflow(history)
