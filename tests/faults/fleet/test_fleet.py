"""Two workers and two gateways as one service: nothing is lost or doubled by their number, deaths or restarts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.faults.fleet.parts import Fleet, fleet
from tests.faults.fleet.people import crowd
from tests.faults.fleet.run import play
from tests.postgresql import NONE_HERE, programs
from tests.service import eventually, workspace
from workers.demo.ports import any_port

RATE = 8.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Two of each."""
    if programs() is None:
        pytest.skip(NONE_HERE)
    with fleet(tmp_path_factory.mktemp("fleet")) as running:
        yield running


@pytest.mark.parametrize(("trouble", "times"), [("none", 1), ("kills", 2), ("rolling", 1)])
def test_edits_reach_both_sides(made: Fleet, trouble: str, times: int) -> None:
    report = play(made, trouble, seed=1, edits=50, times=times, items=5)
    assert report.faults == []


def test_all_gateways_take_webhooks(made: Fleet) -> None:
    with crowd(made, seed=1, items=0) as people:
        for _ in range(4):
            people.create("eng")
    eventually(lambda: all(_answered(gateway) > 0 for gateway in made.gateways), "a webhook at each")
    made.quiet(60.0)


def _answered(gateway: str) -> float:
    lines = httpx.get(f"http://{gateway}/metrics").text.splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith("syncline_webhook_seconds_count"))


def test_workers_share_the_rate(made: Fleet) -> None:
    made.limit(f"{{requests_per_second: {RATE}}}")
    began = time.monotonic()
    with crowd(made, seed=2, items=12) as people:
        for _ in range(30):
            people.act()
        made.quiet(120.0)
        assert people.faults() == []
    for side, moments in made.watch.requests.items():
        since = [moment for moment in moments if moment > began]
        # A few may come at once: those that were on their way, and one of each worker that is a little late.
        assert len(since) <= RATE * (since[-1] - since[0]) + 5, side
    made.limit("{}")


def test_second_run_is_refused(tmp_path: Path) -> None:
    workspace(tmp_path, {"connections.yaml": "connections: {}\n"})
    command, first = [sys.executable, "-m", "workers", "run"], f"127.0.0.1:{any_port()}"
    environ = {**os.environ, "SYNCLINE_WORKSPACE": str(tmp_path), "SYNCLINE_HTTP": first}
    one = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        eventually(lambda: "Syncline on" in (one.stdout.readline() if one.stdout else ""), "the first")
        environ["SYNCLINE_HTTP"] = f"127.0.0.1:{any_port()}"
        two = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=180, check=False)
    finally:
        one.send_signal(signal.SIGTERM)
        one.communicate(timeout=180)
    assert two.returncode != 0
    assert "another `syncline run` works with" in two.stderr + two.stdout
