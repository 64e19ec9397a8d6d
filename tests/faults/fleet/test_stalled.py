"""A worker that stood still while another took its work over: what it was about to send is old, and must not go out."""

import re
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from connectors.standins.control import Fault
from tests.faults.fleet.parts import Fleet, fleet
from tests.faults.fleet.people import Crowd, Item, crowd
from tests.postgresql import NONE_HERE, programs

RECORDS = 4
TASK = r"/tasks/\d+$"
PATIENCE_SECONDS = 180.0
SENT = {
    "update": ("PUT", r"/tasks/\d+$"), "create": ("POST", r"/tasks$"), "comment": ("POST", r"/stories$"),
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """One worker at first."""
    if programs() is None:
        pytest.skip(NONE_HERE)
    with fleet(tmp_path_factory.mktemp("stalled"), workers=1, gateways=1) as running:
        yield running


@pytest.fixture
def people(made: Fleet) -> Iterator[Crowd]:
    """People whose earlier records are in step."""
    with crowd(made, seed=1, items=0) as there:
        yield there


def wait(check: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not check():
        assert time.monotonic() < deadline, f"{what} did not come about"
        time.sleep(0.02)


def taken_over(made: Fleet, meanwhile: Callable[[], None], done: Callable[[], object]) -> None:
    """The first worker stands still now, and goes on once the second has done its work."""
    made.send("worker-0", signal.SIGSTOP)
    try:
        made.start("worker-1")
        meanwhile()
        wait(done, "the second worker's work")
        made.send("worker-0", signal.SIGCONT)
        time.sleep(2 * RECORDS)  # what the first had in its line goes out now, if it does
        made.quiet(PATIENCE_SECONDS)
    finally:
        made.send("worker-0", signal.SIGCONT)
        made.end("worker-1", signal.SIGTERM)
        made.limit("{}")


def updates(made: Fleet) -> int:
    """How many tasks Asana was asked to change."""
    return sum(entry["method"] == "PUT" and bool(re.search(TASK, entry["path"])) for entry in made.controls["mkt"].log)


def all_there(people: Crowd) -> bool:
    """Whether Asana shows every record as it was last named."""
    shown = {title for title, _ in people.desks["mkt"].listed()}
    return shown >= {item.values()["title"] for item in people.items}


def paired(made: Fleet, people: Crowd) -> list[Item]:
    """Records that are in step on both sides."""
    items = [people.create("eng") for _ in range(RECORDS)]
    wait(lambda: all_there(people), "the copies")
    made.quiet(PATIENCE_SECONDS)
    return items


def begin(made: Fleet, acts: Callable[[], object]) -> None:
    """Let people do something that goes out two requests a second, and wait until the first has gone."""
    made.limit("{requests_per_second: 2}")
    made.signal("pause")
    before = updates(made)
    acts()
    time.sleep(1.0)  # the webhooks, so that all is one batch
    made.signal("resume")
    wait(lambda: updates(made) > before, "the first update")


def test_waiting_requests_are_not_sent_late(made: Fleet, people: Crowd) -> None:
    items = paired(made, people)

    def edit() -> None:
        for item in items:
            people.edit(item, "eng", "title")

    def act() -> None:
        edit()
        for number in range(RECORDS):
            people.create("eng")
            people.edit(items[number], "eng", "comment")

    begin(made, act)
    taken_over(made, edit, lambda: all_there(people))
    assert [*people.faults(), *made.watch.turned_back()] == []


def test_held_write_is_not_believed(made: Fleet, people: Crowd) -> None:
    """Asana carries a request out long after who sent it was given up, over what was written since."""
    (item, *_) = paired(made, people)
    slow = Fault(TASK, "slow", seconds=20.0)
    made.controls["mkt"].faults.append(slow)
    people.edit(item, "eng", "title")
    wait(lambda: slow not in made.controls["mkt"].faults, "the write")
    taken_over(made, lambda: people.edit(item, "eng", "title"), lambda: all_there(people))
    wait(lambda: any(entry["seconds"] > slow.seconds for entry in made.controls["mkt"].log), "the held write")
    made.quiet(PATIENCE_SECONDS)
    assert people.faults() == []
