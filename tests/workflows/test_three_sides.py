"""Three sides: two Jira projects and one Asana project show the same."""

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import Place
from tests.service import eventually
from tests.workflows.bench import MAPPING, Bench, bench
from tests.workflows.vendors import AsanaDesk, JiraDesk

OPS_SIDE = """  ops:
    connection: eng-jira
    object: issue
    scope: {project: OPS}
    create: {issuetype: Task}
    on_delete: unlink
fields:
"""
FIELDS = """fields:
  title: {eng: summary, ops: summary, mkt: name}
  details: {eng: description, ops: description, mkt: notes, type: rich_text, conflict: merge}
  status:
    eng: {field: status, screen: {Done: {resolution: Done}}}
    ops: status
    mkt: section
    values:
      todo:        {eng: To Do, ops: To Do, mkt: Backlog}
      in_progress: {eng: [In Progress, In Review], ops: [In Progress, In Review], mkt: Doing}
      done:        {eng: Done, ops: Done, mkt: Done}
  due: {eng: duedate, ops: duedate, mkt: due_on}
  labels: {eng: labels, ops: labels, mkt: tags, conflict: union}
comments: both
"""
SIDES = ["eng", "ops", "mkt"]


@pytest.fixture(scope="module")
def rig(places: Callable[[], Place], tmp_path_factory: pytest.TempPathFactory, service_url: str) -> Iterator[Bench]:
    head = MAPPING.partition("match:")[0] + OPS_SIDE.partition("fields:")[0] + "match: [title]\n"
    with bench(
        tmp_path_factory.mktemp("three"), places(), head + FIELDS,
        lambda jira, asana: [JiraDesk(jira), JiraDesk(jira, "OPS", "ops"), AsanaDesk(asana)], service_url,
    ) as made:  # fmt: skip
        yield made


@pytest.mark.parametrize("here", SIDES)
def test_record_reaches_all_sides(rig: Bench, here: str) -> None:
    title = f"Three from {here}"
    ids = rig.pair(title, here, due="2026-12-01", labels=["launch"])
    rig.desks[here].edit(ids[here], status="done")
    for side, id_ in ids.items():
        rig.shows(side, id_, status="done", due="2026-12-01", labels=["launch"])
    rig.quiet()
    assert rig.count(title) == dict.fromkeys(SIDES, 1)


def test_three_edits_all_stay(rig: Bench) -> None:
    ids = rig.pair("Three at once", labels=["launch"])
    rig.shows("mkt", ids["mkt"], labels=["launch"])
    rig.shows("ops", ids["ops"], labels=["launch"])
    rig.quiet()
    rig.together(
        lambda: rig.desks["eng"].edit(ids["eng"], due="2026-12-24", labels=["launch", "web"]),
        lambda: rig.desks["ops"].edit(ids["ops"], title="Three at once, renamed"),
        lambda: rig.desks["mkt"].edit(ids["mkt"], status="in_progress", labels=["launch", "print"]),
    )
    for side, id_ in ids.items():
        rig.shows(side, id_, title="Three at once, renamed", due="2026-12-24", status="in_progress",
                  labels=["launch", "print", "web"])  # fmt: skip


def test_comment_reaches_two_others(rig: Bench) -> None:
    ids = rig.pair("Three talk")
    rig.desks["ops"].comment(ids["ops"], "From operations")
    for side in ("eng", "mkt"):
        eventually(lambda side=side: "From operations" in "".join(rig.desks[side].comments(ids[side])), side)  # type: ignore[misc]
    rig.quiet()
    rig.sweep(full=True)
    assert {side: len(rig.desks[side].comments(ids[side])) for side in SIDES} == dict.fromkeys(SIDES, 1)


def test_unlinked_side_leaves_others(rig: Bench) -> None:
    ids = rig.pair("Three lose one")
    rig.quiet()
    rig.desks["ops"].delete(ids["ops"])
    rig.quiet()
    rig.desks["mkt"].edit(ids["mkt"], due="2026-12-02")
    rig.shows("eng", ids["eng"], due="2026-12-02")
    rig.sweep(full=True)
    assert rig.count("Three lose one") == {"eng": 1, "ops": 0, "mkt": 1}
