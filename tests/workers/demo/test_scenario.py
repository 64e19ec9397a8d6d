"""The demo plays its scenario from the first fill to the last outage, and both tools agree at the end."""

import subprocess
import sys
from pathlib import Path

from tests.workers.cli.conftest import ROOT, Ran, environment
from workers.demo.steps import STEPS


def test_scenario_ends_in_agreement(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "workers", "demo", "--once", "--json", "--workspace", str(tmp_path / "demo")]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=600, check=False
    )

    played = Ran(done.returncode, done.stdout, done.stderr).data
    assert [step["said"] for step in played["steps"] if not step["ok"]] == []
    assert [step["name"] for step in played["steps"]] == [step.name for step in STEPS]
    assert played["disagreements"] == []
    assert played["records"] > 12
    assert done.returncode == 0
