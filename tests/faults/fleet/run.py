"""Several workers and gateways under edits, while something happens to them.

Run it with `python -m tests.faults.fleet.run --trouble stops --edits 300 --seed 1`. It prints what it did and what it
found, and exits 0 only if, after quiet, both sides show everything once and no older value was written behind a newer.
"""

import argparse
import json
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from connectors.standins.control import Fault
from tests.faults.fleet.parts import Fleet, fleet
from tests.faults.fleet.people import Crowd, crowd

STILL_SECONDS = 9.0
"""Longer than Temporal waits for a heartbeat, so that the other worker takes over."""
QUIET_SECONDS = 120.0


@dataclass
class Report:
    """What happened, and what was wrong in the end."""

    trouble: str
    seed: int
    edits: int
    done: list[str] = field(default_factory=list)
    seconds: float = 0.0
    written: int = 0
    repeated: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def nothing(_fleet: Fleet, _chance: random.Random) -> str:
    """Nothing happens but edits."""
    time.sleep(1.0)
    return "nothing"


def stop(made: Fleet, chance: random.Random) -> str:
    """A worker stands still at some moment, until long after the other has taken over."""
    name = chance.choice(made.names("worker"))
    time.sleep(chance.random())
    made.send(name, signal.SIGSTOP)
    time.sleep(STILL_SECONDS)
    made.send(name, signal.SIGCONT)
    time.sleep(chance.uniform(0.5, 2.0))
    return f"{name} stood still"


def hold(made: Fleet, chance: random.Random) -> str:
    """A worker stands still while a system holds its writes, which take effect only when it goes on."""
    name, side = chance.choice(made.names("worker")), chance.choice(("eng", "mkt"))
    writes = r"^(PUT|POST) /(rest/api/\d/issue|api/1\.0/tasks)"
    made.controls[side].faults.append(Fault(writes, "slow", times=chance.randint(1, 4), seconds=STILL_SECONDS))
    time.sleep(chance.uniform(0.1, 1.0))
    made.send(name, signal.SIGSTOP)
    time.sleep(STILL_SECONDS + chance.uniform(-1.0, 1.0))
    made.send(name, signal.SIGCONT)
    time.sleep(1.0)
    return f"{name} stood still while {side} held writes"


def kill(made: Fleet, chance: random.Random) -> str:
    """`kill -9` of a worker or a gateway; it is started again a while later."""
    name = chance.choice([*made.processes])
    time.sleep(chance.random())
    made.end(name, signal.SIGKILL)
    time.sleep(chance.uniform(0.5, 4.0))
    made.start(name)
    time.sleep(chance.uniform(1.0, 3.0))
    return f"{name} killed"


def roll(made: Fleet, chance: random.Random) -> str:
    """Each worker is ended in order and started again, one after the other."""
    for name in made.names("worker"):
        time.sleep(chance.uniform(0.2, 1.0))
        made.end(name, signal.SIGTERM)
        made.start(name)
        time.sleep(2.0)
    return "all workers restarted"


TROUBLES: dict[str, Callable[[Fleet, random.Random], str]] = {
    "none": nothing, "stops": stop, "holds": hold, "kills": kill, "rolling": roll,
}  # fmt: skip


def play(made: Fleet, trouble: str, *, seed: int, edits: int, times: int, items: int = 10) -> Report:
    """Edits, and the trouble so often, at once; then quiet, and a verdict."""
    report, started = Report(trouble, seed, edits), time.monotonic()
    with crowd(made, seed, items) as people:
        editing = threading.Thread(target=_edit, args=(people, edits, report))
        editing.start()
        chance = random.Random(seed + 1)
        for _ in range(times):
            report.done.append(TROUBLES[trouble](made, chance))
        editing.join()
        made.quiet(QUIET_SECONDS)
        # What somebody still holds would come now.
        time.sleep(2.0)
        made.quiet(QUIET_SECONDS)
        report.faults += [*people.faults(), *made.watch.turned_back()]
    report.repeated, report.written = made.watch.repeated(), len(made.watch.writes)
    report.seconds = time.monotonic() - started
    return report


def _edit(people: Crowd, edits: int, report: Report) -> None:
    try:
        for _ in range(edits):
            people.act()
            time.sleep(people.chance.random() * 0.2)
    except Exception as error:
        report.faults.append(f"people could not go on: {error!r}")
        raise


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trouble", choices=TROUBLES, default="stops")
    for name, default in (("edits", 300), ("seed", 1), ("times", 4), ("items", 10), ("workers", 2), ("gateways", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--rate", type=float, help="requests a second of each connection, so that writes wait in line")
    parser.add_argument("--keep", type=Path, help="a folder for the logs of the processes, which stays")
    told = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="syncline-fleet-") as folder,
        fleet(told.keep or Path(folder), workers=told.workers, gateways=told.gateways) as made,
    ):
        if told.rate:
            made.limit(f"{{requests_per_second: {told.rate}}}")
        report = play(made, told.trouble, seed=told.seed, edits=told.edits, times=told.times, items=told.items)
    json.dump(asdict(report), sys.stdout, indent=1)
    print()
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
