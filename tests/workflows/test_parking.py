"""What a system does not take is parked by name, the rest is written, and mending clears it."""

from connectors.standins.control import Fault
from tests.service import eventually
from tests.workflows.bench import Bench
from workflows.messages import EVERYTHING, Changes, Note
from workflows.store.parking import Parked


def parked(rig: Bench, side: str, id_: str) -> Parked:
    """The one thing parked of a record, once it is."""
    found = eventually(lambda: rig.parked(side, id_), "the parking")
    assert len(found) == 1, found
    return found[0]


def test_unknown_option_is_parked(rig: Bench) -> None:
    ids = rig.pair("Unknown option", "mkt")
    desk = rig.desks["mkt"]
    gid = desk.fields["Severity"]["gid"]  # type: ignore[attr-defined]
    answer = desk.http.post(f"/custom_fields/{gid}/enum_options", json={"data": {"name": "Blinding"}})
    desk.fields["Severity"]["enum_options"].append(answer.json()["data"])  # type: ignore[attr-defined]
    desk.edit(ids["mkt"], severity="Blinding", due="2026-12-02")
    rig.shows("eng", ids["eng"], due="2026-12-02", severity=None)
    one = parked(rig, "mkt", ids["mkt"])
    assert one.field == "severity"
    assert "Blinding" in one.reason
    desk.edit(ids["mkt"], severity="High")
    rig.shows("eng", ids["eng"], severity="High")
    eventually(lambda: not rig.parked("mkt", ids["mkt"]), "the clearing")


def test_long_text_is_parked(rig: Bench) -> None:
    ids = rig.pair("Long text", "mkt")
    long = "Long text " + "x" * 300
    rig.desks["mkt"].edit(ids["mkt"], title=long, due="2026-12-02")
    rig.shows("eng", ids["eng"], due="2026-12-02", title="Long text")
    one = parked(rig, "mkt", ids["mkt"])
    assert (one.side, one.field) == ("eng", "title")
    assert "255" in one.reason
    rig.desks["mkt"].edit(ids["mkt"], title="Long text, cut")
    rig.shows("eng", ids["eng"], title="Long text, cut")
    eventually(lambda: not rig.parked("mkt", ids["mkt"]), "the clearing")


def test_refused_status_is_retried(rig: Bench) -> None:
    ids = rig.pair("Refused status", status="in_progress")
    rig.shows("mkt", ids["mkt"], status="in_progress")
    rig.jira.faults = [Fault(f"POST /rest/api/\\d/issue/{ids['eng']}/transitions", "status", times=0, status=400)]
    rig.desks["mkt"].edit(ids["mkt"], status="done", due="2026-12-02")
    rig.shows("eng", ids["eng"], due="2026-12-02", status="in_progress")
    one = parked(rig, "mkt", ids["mkt"])
    assert one.field == "status"
    rig.jira.faults = []
    rig.service.signal(rig.mapping, "changed", Changes.of([Note(one.ref, list(EVERYTHING), "retry")]))
    rig.shows("eng", ids["eng"], status="done")
    eventually(lambda: not rig.parked("mkt", ids["mkt"]), "the clearing")


def test_parked_record_harms_itself(rig: Bench) -> None:
    rig.desks["mkt"].create("x" * 300)
    ids = rig.pair("Beside the parked one", "mkt")
    rig.shows("eng", ids["eng"], title="Beside the parked one")
    assert rig.count("x" * 300) == {"eng": 0, "mkt": 1}
