"""Keeps one part of the service alive: `python -m tests.faults.crash.launch worker FOLDER`.

Everything is imported once; each life of the part is a fork of that, a process of its own, so that a new one is there
within a few milliseconds after the last was killed.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Final

from tests.faults.crash.instrumented import Witness, install
from tests.faults.crash.orders import Desk

HEARTBEAT_SECONDS: Final = 0.3
HEARTBEAT_TIMEOUT: Final = timedelta(seconds=1.5)
STICKY: Final = timedelta(seconds=0.5)
"""A dead worker is given up sooner than in service, where that takes six seconds. Nothing else differs."""
USED_LATER: Final = (
    "connectors.jira.connector",
    "connectors.asana.connector",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "workers.gateway",
)


def main() -> None:
    """Start the part again and again, until somebody ends this process."""
    part, folder = sys.argv[1], Path(sys.argv[2])
    install(Witness(Desk(folder), part))
    command = _loaded()
    while True:
        child = os.fork()
        if not child:
            sys.argv = ["syncline", part]
            command()
        os.waitpid(child, 0)
        time.sleep(0.02)


def _loaded() -> Callable[[], None]:
    """The command `syncline`, with all that its parts import by and by."""
    from workers import worker
    from workers.cli import app
    from workflows import activities, policies

    for name in USED_LATER:
        import_module(name)
    activities.HEARTBEAT_SECONDS = HEARTBEAT_SECONDS
    worker.STICKY = STICKY
    for policy in (policies.BATCH, policies.SCAN):
        policy["heartbeat_timeout"] = HEARTBEAT_TIMEOUT
    return app.main


if __name__ == "__main__":
    main()
