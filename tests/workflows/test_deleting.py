"""What the deletion of one record does to the other, by `on_delete` of the side where it was deleted."""

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import Place
from tests.service import eventually
from tests.workflows.bench import MAPPING, OTHER, Bench, bench
from workflows.messages import EVERYTHING, Changes, Note
from workflows.store import links


@pytest.fixture(scope="module")
def rig(places: Callable[[], Place], tmp_path_factory: pytest.TempPathFactory, service_url: str) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("deleting"), places(), url=service_url) as made:
        yield made


def put_in_force(rig: Bench, on_delete: str, by: str) -> None:
    """Change the file as ops would."""
    text = MAPPING.replace("on_delete: delete", f"on_delete: {on_delete}")
    text = text.replace("on_delete: unlink", f"on_delete: {on_delete}")
    rig.service.put_in_force("mappings/tasks.yaml", f"{text}description: {on_delete} by {by}\n")


def state(rig: Bench, link: str) -> str:
    """The state of a link."""
    return rig.service.query(links.load, [link])[link].state


@pytest.mark.parametrize("here", ["eng", "mkt"])
@pytest.mark.parametrize(("on_delete", "stays"), [("delete", False), ("unlink", True), ("archive", True)])
def test_deletion_follows_the_file(rig: Bench, here: str, on_delete: str, stays: bool) -> None:
    put_in_force(rig, on_delete, here)
    title, there = f"{on_delete} from {here}", OTHER[here]
    ids = rig.pair(title, here)
    rig.quiet()
    link = rig.link(here, ids[here])
    rig.desks[here].delete(ids[here])
    eventually(lambda: state(rig, link) == "ended", "the end of the link")
    rig.quiet()
    assert rig.count(title)[there] == stays
    rig.sweep(full=True)
    assert rig.count(title)[here] == 0


def test_ignored_deletion_changes_nothing(rig: Bench) -> None:
    put_in_force(rig, "ignore", "mkt")
    ids = rig.pair("ignore from mkt", "mkt")
    rig.quiet()
    rig.desks["mkt"].delete(ids["mkt"])
    rig.desks["eng"].edit(ids["eng"], due="2026-12-09")
    rig.quiet()
    rig.shows("eng", ids["eng"], due="2026-12-09", title="ignore from mkt")
    assert rig.count("ignore from mkt") == {"eng": 1, "mkt": 0}


def test_lost_deletion_is_found(rig: Bench) -> None:
    put_in_force(rig, "delete", "nobody")
    ids = rig.pair("deleted unheard")
    rig.quiet()
    rig.jira.webhooks.lose_next = 1
    rig.desks["eng"].delete(ids["eng"])
    rig.sweep(full=True)
    (one,) = eventually(lambda: rig.parked("mkt", ids["mkt"]), "the doubt")
    assert "cannot be seen" in one.reason
    assert rig.count("deleted unheard")["mkt"] == 1
    rig.service.signal(rig.mapping, "changed", Changes.of([Note(one.ref, list(EVERYTHING), "retry")]))
    eventually(lambda: not rig.count("deleted unheard")["mkt"], "the deletion")
