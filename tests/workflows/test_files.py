"""Changed files take effect without a restart, and a broken one leaves its last good version in force."""

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import Place
from tests.service import eventually
from tests.workflows.bench import MAPPING, Bench, bench


@pytest.fixture(scope="module")
def rig(places: Callable[[], Place], tmp_path_factory: pytest.TempPathFactory, service_url: str) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("files"), places(), url=service_url) as made:
        yield made


@pytest.fixture(autouse=True)
def _mended(rig: Bench, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    write(rig, f"{MAPPING}description: after {request.node.name}\n")


def write(rig: Bench, text: str) -> None:
    rig.service.put_in_force("mappings/tasks.yaml", text)


def test_changed_file_takes_effect(rig: Bench) -> None:
    ids = rig.pair("Turned round")
    write(
        rig, MAPPING.replace("due: {eng: duedate, mkt: due_on}", "due: {eng: duedate, mkt: due_on, flow: mkt -> eng}")
    )
    rig.desks["eng"].edit(ids["eng"], due="2026-12-01", title="Turned round 2")
    rig.shows("mkt", ids["mkt"], title="Turned round 2", due=None)
    rig.desks["mkt"].edit(ids["mkt"], due="2026-12-05")
    rig.shows("eng", ids["eng"], due="2026-12-05")


@pytest.mark.parametrize(
    "broken",
    ["kind: sync\nname: [", MAPPING.replace("sides:", "side:"), ""],
    ids=["no YAML", "unknown key", "empty"],
)
def test_broken_file_changes_nothing(rig: Bench, broken: str, request: pytest.FixtureRequest) -> None:
    title = request.node.callspec.id
    ids = rig.pair(title)
    write(rig, broken)
    rig.desks["eng"].edit(ids["eng"], due="2026-12-02")
    rig.shows("mkt", ids["mkt"], due="2026-12-02")
    rig.pair(f"{title}, created after", "mkt")


def test_unreachable_status_is_named(rig: Bench) -> None:
    write(rig, MAPPING.replace("done:        {eng: Done", "done:        {eng: Cancelled"))
    ids = rig.pair("No way there", "mkt")
    rig.desks["mkt"].edit(ids["mkt"], status="done", due="2026-12-02")
    rig.shows("eng", ids["eng"], due="2026-12-02", status="todo")
    found = eventually(lambda: rig.parked("eng", ids["eng"]), "the parking")
    assert [(one.side, one.field) for one in found] == [("eng", "status")]
    assert "Cancelled" in found[0].reason
    rig.desks["mkt"].edit(ids["mkt"], status="in_progress")
    rig.shows("eng", ids["eng"], status="in_progress")
    eventually(lambda: not rig.parked("eng", ids["eng"]), "the clearing")


def test_misfit_leaves_last_version_in_force(rig: Bench) -> None:
    ids = rig.pair("Waits for the file")
    write(rig, MAPPING.replace("effort: {eng: Story Points", "effort: {eng: Story Pints"))
    rig.desks["eng"].edit(ids["eng"], due="2026-12-02")
    rig.shows("mkt", ids["mkt"], due="2026-12-02")
    rig.service.signal(rig.mapping, "sweep", False)
    alert = eventually(lambda: rig.service.status(rig.mapping).alert, "the alert")
    assert "Story Pints" in alert
    write(rig, MAPPING)
    rig.service.signal(rig.mapping, "sweep", False)
    eventually(lambda: rig.service.status(rig.mapping).alert is None, "the end of the alert")


def test_removed_file_ends_lane(rig: Bench) -> None:
    ids = rig.pair("Before the removal")
    rig.quiet()
    (rig.folder / "mappings/tasks.yaml").unlink()
    eventually(lambda: not any(folder.current().mappings for folder in rig.service.folders), "the removal")
    rig.service.signal(rig.mapping, "sweep", False)

    async def ended() -> bool:
        return (await rig.service.lane(rig.mapping).describe()).close_time is not None

    eventually(lambda: rig.service.do(ended), "the end of the lane")
    rig.desks["eng"].edit(ids["eng"], due="2026-12-02")
    write(rig, MAPPING)
    eventually(lambda: not rig.service.do(ended), "a new lane")
    rig.service.signal(rig.mapping, "sweep", False)
    rig.shows("mkt", ids["mkt"], due="2026-12-02")
