"""The command as people run it: a process of its own, with nothing of our environment in it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from workers.demo.ports import any_port

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.out)


Syncline = Callable[..., Ran]


def environment(**more: str) -> dict[str, str]:
    """Ours without what describes a service, on a terminal of 80 columns."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SYNCLINE_")}
    return {**kept, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONPATH": str(ROOT), **more}


def run(*arguments: str | Path, **environ: str) -> Ran:
    """Run one command to its end."""
    command = [sys.executable, "-m", "workers", *map(str, arguments)]
    done = subprocess.run(command, env=environment(**environ), capture_output=True, text=True, timeout=180, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace that fits the stand-ins, which do not run."""
    folder = tmp_path / "workspace"
    assert run("init", folder, "--standins").code == 0
    return folder


@pytest.fixture
def syncline(workspace: Path) -> Syncline:
    """Runs a command on that workspace, where no service runs."""
    http = f"127.0.0.1:{any_port()}"
    return lambda *arguments, **environ: run(
        *arguments, **{"SYNCLINE_WORKSPACE": str(workspace), "SYNCLINE_HTTP": http, **environ}
    )
