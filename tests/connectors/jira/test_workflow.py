"""The way to a status, in a workflow To Do > In Progress > In Review > Done > To Do; nothing leads to Cancelled."""

import pytest

from connectors.contract import Fields, Record
from connectors.errors import Unavailable
from connectors.jira.connector import JiraConnector
from connectors.jira.graph import Graph
from connectors.standins.control import Control, Fault
from tests.connectors.jira.helpers import make, read, sent

RUN = r"POST .*/transitions"
FIXED: dict[str, Fields] = {"Done": {"resolution": "Fixed"}}


async def at(jira: JiraConnector, status: str) -> Record:
    """An issue at a status."""
    written = await jira.update(await make(jira), {"status": status}, FIXED)
    assert written.refused == {}
    return written.record


@pytest.mark.parametrize(
    ("start", "target", "steps"),
    [("To Do", "To Do", 0), ("To Do", "Done", 3), ("In Review", "Done", 1), ("In Review", "In Progress", 1)],
)
async def test_several_steps_are_walked(
    jira: JiraConnector, control: Control, start: str, target: str, steps: int
) -> None:
    record = await at(jira, start)
    control.log.clear()
    written = await jira.update(record, {"status": target}, FIXED)
    assert written.refused == {}
    assert written.record.fields["status"] == target
    assert sent(control, RUN) == steps


async def test_screen_takes_mapped_values(jira: JiraConnector) -> None:
    record = await at(jira, "In Review")
    written = await jira.update(record, {"status": "Done"}, {"Done": {"Resolution": "Won't Do"}})
    assert written.refused == {}
    assert (await read(jira, record, "resolution")).fields["resolution"] == "Won't Do"


@pytest.mark.parametrize("screens", [{}, {"Done": {"resolution": "No such"}}, {"Done": {"no such field": "x"}}])
async def test_unfilled_screen_is_refused(jira: JiraConnector, screens: dict[str, Fields]) -> None:
    record = await at(jira, "In Review")
    written = await jira.update(record, {"status": "Done", "summary": "Written"}, screens)
    assert "Done" in written.refused["status"]
    assert written.record.fields["status"] == "In Review"
    assert (await read(jira, record, "summary")).fields["summary"] == "Written"


async def test_refusal_shows_what_to_write(jira: JiraConnector) -> None:
    written = await jira.update(await at(jira, "In Review"), {"status": "Done"}, {})
    assert "screen: {Done: {resolution: ...}}" in written.refused["status"]
    assert "Won't Do" in written.refused["status"]


async def test_lost_walk_returns_home(jira: JiraConnector, control: Control) -> None:
    record = await make(jira)
    written = await jira.update(record, {"status": "Cancelled"}, FIXED)
    assert "'To Do' to 'Cancelled'" in written.refused["status"]
    assert "In Progress, In Review, Done" in written.refused["status"]
    assert (await read(jira, record, "status")).fields["status"] == "To Do"
    control.log.clear()
    await jira.update(record, {"status": "Cancelled"}, FIXED)
    assert sent(control, RUN) == 0


async def test_neighbours_show_the_way(jira: JiraConnector, control: Control) -> None:
    for status in ("In Progress", "In Review", "Done"):
        await at(jira, status)
    jira.workflow._graphs.clear()
    record = await make(jira)
    control.log.clear()
    written = await jira.update(record, {"status": "Cancelled"}, FIXED)
    assert "it can reach: In Progress, In Review, Done" in written.refused["status"]
    assert sent(control, RUN) == 0


async def test_shut_screen_moves_nothing(jira: JiraConnector, control: Control) -> None:
    for status in ("In Progress", "In Review"):
        await at(jira, status)
    record = await make(jira)
    control.log.clear()
    written = await jira.update(record, {"status": "Done"}, {})
    assert "screen: {Done: {resolution: ...}}" in written.refused["status"]
    assert sent(control, RUN) == 0


async def test_unknown_status_is_refused(jira: JiraConnector) -> None:
    written = await jira.update(await make(jira), {"status": "Doing"}, {})
    assert "'Doing' is no status of a Task in ENG; there are: " in written.refused["status"]


async def test_moved_meanwhile_starts_anew(jira: JiraConnector, ana: JiraConnector) -> None:
    record = await make(jira)
    await ana.update(record, {"status": "Done"}, FIXED)
    written = await jira.update(record, {"status": "To Do"}, FIXED)
    assert written.refused == {}
    stale = await at(jira, "In Review")
    await ana.update(stale, {"status": "Done"}, FIXED)
    written = await jira.update(stale, {"status": "In Progress"}, FIXED)
    assert written.record.fields["status"] == "In Progress"


async def test_refused_transition_is_told(jira: JiraConnector, control: Control) -> None:
    record = await make(jira)
    control.faults = [Fault(RUN, "status", times=0, status=400)]
    written = await jira.update(record, {"status": "In Progress"}, {})
    control.faults = []
    assert "the transition to 'In Progress' was refused" in written.refused["status"]
    assert (await read(jira, record, "status")).fields["status"] == "To Do"


@pytest.mark.parametrize(
    "fault",
    [Fault(RUN, "status", status=500), Fault(RUN, "status", status=429, retry_after=0), Fault(RUN, "cut_after")],
    ids=["fails", "is limited", "is cut"],
)
async def test_broken_walk_goes_on(
    jira: JiraConnector, control: Control, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr("connectors.jira.workflow.PAUSES", (0.0,))
    record = await make(jira)
    control.faults = [fault]
    written = await jira.update(record, {"status": "In Review"}, {})
    assert written.refused == {}
    assert written.record.fields["status"] == "In Review"


async def test_single_step_is_not_repeated(jira: JiraConnector, control: Control) -> None:
    record = await make(jira)
    control.faults = [Fault(RUN, "status", status=500)]
    with pytest.raises(Unavailable):
        await jira.update(record, {"status": "In Progress"}, {})
    assert sent(control, RUN) == 1


async def test_long_way_is_not_begun(jira: JiraConnector, control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    for status in ("In Progress", "In Review"):
        await at(jira, status)
    monkeypatch.setattr("connectors.jira.workflow.MOST_HOPS", 2)
    record = await make(jira)
    control.log.clear()
    written = await jira.update(record, {"status": "Done"}, FIXED)
    assert "'To Do' to 'Done'" in written.refused["status"]
    assert sent(control, RUN) == 0


def test_shortest_way_wins() -> None:
    graph = Graph()
    for status, steps in {"a": ["b", "c"], "b": ["d"], "c": ["d", "e"], "d": ["e"]}.items():
        graph.see(status, [{"to": {"name": step}} for step in steps])
    assert graph.way("a", lambda status: status == "e") == ["c", "e"]
    assert graph.way("a", lambda status: status == "e", {"c"}) == ["b", "d", "e"]
    assert graph.way("a", lambda status: status == "z") == []
    assert graph.reach("a") == ["b", "c", "d", "e"]
