"""Systems that are down, busy, cut off or refuse our credentials: nothing is lost and nothing is made twice."""

import pytest

from connectors.standins.control import Fault
from tests.service import eventually
from tests.workflows.bench import OTHER, Bench

EVERYTHING = "^(GET|POST|PUT|DELETE) /(rest|api)/"
CONNECTION = {"eng": "eng-jira", "mkt": "mkt-asana"}
CREATING = {"eng": "POST /rest/api/\\d/issue$", "mkt": "POST /api/1.0/tasks$"}


@pytest.mark.parametrize("down", ["eng", "mkt"])
@pytest.mark.parametrize("status", [503, 429])
def test_edit_survives_an_outage(rig: Bench, down: str, status: int) -> None:
    ids, control = rig.pair(f"{down} answers {status}"), {"eng": rig.jira, "mkt": rig.asana}[down]
    rig.quiet()
    control.faults = [Fault(EVERYTHING, "status", times=0, status=status, retry_after=1)]
    try:
        rig.desks[OTHER[down]].edit(ids[OTHER[down]], due="2026-12-12")
        eventually(lambda: CONNECTION[down] in rig.service.status(rig.mapping).paused, "the pause")
    finally:
        control.faults = []
    rig.shows(down, ids[down], due="2026-12-12")


@pytest.mark.parametrize("target", ["eng", "mkt"])
@pytest.mark.parametrize("cut", ["cut_before", "cut_after"])
def test_cut_create_makes_one(rig: Bench, target: str, cut: str) -> None:
    control = {"eng": rig.jira, "mkt": rig.asana}[target]
    title = f"{cut} on {target}"
    control.faults = [Fault(CREATING[target], cut)]  # type: ignore[arg-type]
    ids = rig.pair(title, OTHER[target])
    rig.quiet()
    rig.sweep(full=True)
    assert not control.faults
    assert rig.count(title) == {"eng": 1, "mkt": 1}
    rig.desks[OTHER[target]].edit(ids[OTHER[target]], due="2026-12-12")
    rig.shows(target, ids[target], due="2026-12-12")


@pytest.mark.parametrize("here", ["eng", "mkt"])
def test_lost_webhook_is_swept(rig: Bench, here: str) -> None:
    ids = rig.pair(f"Unheard in {here}")
    days = (f"2026-12-{day:02}" for day in range(1, 30))
    # A late echo of the edit before may bring the next one along, so that it is not missed.
    eventually(lambda: _is_missed(rig, here, ids, next(days)), "a missed edit")


def _is_missed(rig: Bench, here: str, ids: dict[str, str], due: str) -> bool:
    """Edit while no webhook gets through; whether the sweep that carried it counted it as missed."""
    rig.quiet()
    control = {"eng": rig.jira, "mkt": rig.asana}[here]
    missed = rig.service.status(rig.mapping).missed
    control.webhooks.lose = 1.0
    try:
        rig.desks[here].edit(ids[here], due=due)
        rig.sweep()
    finally:
        control.webhooks.lose = 0.0
    rig.shows(OTHER[here], ids[OTHER[here]], due=due)
    rig.quiet()
    return rig.service.status(rig.mapping).missed > missed


def test_wrong_credentials_pause_once(rig: Bench) -> None:
    ids = rig.pair("Credentials")
    rig.quiet()
    rig.service.put_in_force("connections.yaml", rig.connections(jira_token="wrong-token"))
    try:
        rig.desks["mkt"].edit(ids["mkt"], due="2026-12-12")
        pause = eventually(lambda: rig.service.status(rig.mapping).paused.get("eng-jira"), "the pause")
        assert "wrong-token" not in pause.reason
    finally:
        rig.service.put_in_force("connections.yaml", rig.connections())
    rig.service.signal(rig.mapping, "resume")
    rig.shows("eng", ids["eng"], due="2026-12-12")
    eventually(lambda: not rig.service.status(rig.mapping).paused, "the end of the pause")
