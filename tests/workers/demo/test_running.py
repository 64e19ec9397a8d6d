"""The demo that stays: people's commands against a running service, and nothing left once it ends."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.service import eventually
from tests.workers.cli.conftest import ROOT, Ran, environment, run

MAPPING = "jira-asana-tasks"
PARTS = 5
"""Two stand-ins, gateway, worker, Temporal."""

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")


@dataclass(frozen=True)
class Demo:
    """A running demo, and what it printed."""

    process: subprocess.Popen[str]
    told: dict[str, Any]

    def syncline(self, *arguments: str) -> Ran:
        """A command on its workspace."""
        http = self.told["service"].removeprefix("http://")
        return run(*arguments, SYNCLINE_WORKSPACE=self.told["workspace"], SYNCLINE_HTTP=http)


def start(folder: Path) -> subprocess.Popen[str]:
    """A demo that stays, in this new folder."""
    command = [sys.executable, "-m", "workers", "demo", "--json", "--workspace", str(folder)]
    return subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)


def children(process: subprocess.Popen[str]) -> list[int]:
    """The processes that it has started and that still run."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(number) for number in listed.read_text().split()]


def running(numbers: list[int]) -> list[int]:
    """Those of the processes that have not ended."""
    return [number for number in numbers if Path(f"/proc/{number}").exists()]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with start(tmp_path_factory.mktemp("demo") / "workspace") as process:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or lines[-1] != "}\n":
            lines.append(process.stdout.readline())
            assert lines[-1], "the demo ended before it was ready"
        yield Demo(process, json.loads("".join(lines)))
        process.send_signal(signal.SIGTERM)


def test_status_shows_a_working_lane(demo: Demo) -> None:
    data = demo.syncline("status", "--json").data

    assert data["service"] == "ok"
    (mapping,) = data["mappings"]
    assert (mapping["lane"], mapping["links"], mapping["paused"]) == ("ok", 13, {})


def test_second_apply_creates_nothing(demo: Demo) -> None:
    applied = demo.syncline("apply", MAPPING, "--json")

    assert applied.code == 0
    assert (applied.data["state"], applied.data["created"], applied.data["parked"]) == ("done", 0, 0)


def test_paused_lane_says_so(demo: Demo) -> None:
    assert demo.syncline("pause", MAPPING).code == 0
    assert demo.syncline("status", "--json").data["mappings"][0]["lane"] == "paused"

    assert demo.syncline("resume", MAPPING).code == 0
    assert demo.syncline("status", "--json").data["mappings"][0]["lane"] == "ok"


@pytest.mark.parametrize("arguments", [["sweep", MAPPING], ["sweep", MAPPING, "--full"]])
def test_sweep_is_taken(demo: Demo, arguments: list[str]) -> None:
    assert demo.syncline(*arguments).code == 0


def test_filled_record_is_explained(demo: Demo) -> None:
    (link,) = demo.syncline("explain", "ENG-7", "title", "--json").data["links"]

    assert "created" in [entry["kind"] for entry in link["entries"]]
    assert link["members"].keys() == {"eng", "mkt"}


def test_retry_clears_what_is_mended(demo: Demo) -> None:
    fault = {"match": r"^PUT /rest/api/\d/issue/", "do": "status", "status": 400, "times": 0}
    jira, asana = demo.told["jira"], demo.told["asana"]
    httpx.put(f"{jira}/__control", json={"faults": [fault]}).raise_for_status()
    tasks = httpx.get(f"{asana}/__control/state").json()["tasks"]
    task = next(task for task in tasks if task["name"].startswith("Booth design"))
    headers = {"Authorization": "Bearer ana-token"}
    httpx.put(f"{asana}/api/1.0/tasks/{task['gid']}", json={"data": {"name": "Booth"}}, headers=headers)
    eventually(lambda: demo.syncline("parked", "list", "--json").data, "a parked field")

    assert demo.syncline("apply", MAPPING).code == 1
    httpx.put(f"{jira}/__control", json={"faults": []}).raise_for_status()
    assert demo.syncline("parked", "retry", "--reason", "refused").code == 0

    eventually(lambda: demo.syncline("parked", "list", "--json").data == [], "an empty list")


@linux
def test_end_leaves_nothing_running(demo: Demo) -> None:
    started = children(demo.process)
    assert len(started) == PARTS

    demo.process.send_signal(signal.SIGINT)

    assert demo.process.wait(60) == 0
    assert running(started) == []


@linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_early_end_leaves_nothing_running(tmp_path: Path, number: signal.Signals) -> None:
    with start(tmp_path / "workspace") as process:
        started = eventually(lambda: found if len(found := children(process)) == PARTS else None, "all parts")

        process.send_signal(number)

        process.wait(60)
        eventually(lambda: running(started) == [], "the end of all parts", lambda: running(started))
