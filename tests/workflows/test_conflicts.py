"""Two people edit at once: different fields, and the same field under each policy."""

from typing import Any

import pytest

from tests.service import eventually
from tests.workflows.bench import OTHER, Bench
from workflows.store import parking


def edited_at_once(rig: Bench, ids: dict[str, str], eng: dict[str, Any], mkt: dict[str, Any]) -> None:
    rig.together(
        lambda: rig.desks["eng"].edit(ids["eng"], **eng),
        lambda: rig.desks["mkt"].edit(ids["mkt"], **mkt),
    )
    rig.quiet()


def test_different_fields_both_stay(rig: Bench) -> None:
    ids = rig.pair("Two fields", due="2026-12-01")
    edited_at_once(rig, ids, {"title": "Two fields, renamed"}, {"due": "2026-12-24"})
    for side, id_ in ids.items():
        rig.shows(side, id_, title="Two fields, renamed", due="2026-12-24")


@pytest.mark.parametrize("last", ["eng", "mkt"])
def test_latest_edit_wins(rig: Bench, last: str) -> None:
    ids = rig.pair(f"Latest is {last}", due="2026-12-01")
    rig.together(
        lambda: rig.desks[OTHER[last]].edit(ids[OTHER[last]], due="2026-12-02"),
        lambda: rig.desks[last].edit(ids[last], due="2026-12-03"),
    )
    rig.quiet()
    for side, id_ in ids.items():
        rig.shows(side, id_, due="2026-12-03")


@pytest.mark.parametrize("last", ["eng", "mkt"])
def test_preferred_side_wins(rig: Bench, last: str) -> None:
    ids = rig.pair(f"Preferred, {last} last", assignee="ana")
    people = {"eng": "bo", "mkt": "wei"}
    rig.together(
        *(lambda side=side: rig.desks[side].edit(ids[side], assignee=people[side]) for side in (OTHER[last], last))
    )
    rig.quiet()
    for side, id_ in ids.items():
        rig.shows(side, id_, assignee="bo")


def test_labels_become_their_union(rig: Bench) -> None:
    ids = rig.pair("Union", labels=["launch", "legal"])
    rig.shows("mkt", ids["mkt"], labels=["launch", "legal"])
    edited_at_once(rig, ids, {"labels": ["launch", "legal", "web"]}, {"labels": ["launch", "print"]})
    for side, id_ in ids.items():
        rig.shows(side, id_, labels=["launch", "print", "web"])


def test_texts_merge_by_line(rig: Bench) -> None:
    ids = rig.pair("Merge", details="one\n\ntwo\n\nthree")
    edited_at_once(rig, ids, {"details": "ONE\n\ntwo\n\nthree"}, {"details": "one\n\ntwo\n\nTHREE"})
    for side, id_ in ids.items():
        words = eventually(lambda side=side, id_=id_: rig.desks[side].read(id_)["details"].split())  # type: ignore[misc]
        assert words == ["ONE", "two", "THREE"], side


def test_asked_conflict_stays_open(rig: Bench) -> None:
    ids = rig.pair("Ask", effort=1)
    edited_at_once(rig, ids, {"effort": 2, "title": "Ask, renamed"}, {"effort": 3})
    rig.shows("mkt", ids["mkt"], title="Ask, renamed", effort=3)
    rig.shows("eng", ids["eng"], effort=2)
    link = rig.link("eng", ids["eng"])
    assert rig.service.query(parking.open_fields, [link]) == {link: {"effort"}}
    rig.desks["mkt"].edit(ids["mkt"], effort=2)
    eventually(lambda: not rig.service.query(parking.open_fields, [link]), "the end of the conflict")
