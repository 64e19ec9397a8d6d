"""A gateway or worker that is sampled from within: `python -m tests.bench.sampling worker`.

While the workspace holds a file `sampling`, the kernel interrupts whichever thread has just used up a share of
processor time, and the thread's Python stack is written to `NAME.stacks`: at once, wherever it is, without waiting for
the interpreter. `NAME.used.json` then tells the seconds that Python's threads used, and those that have no Python
stack (Temporal's core).
"""

import faulthandler
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Final

from tests.bench.processes import TICKS
from workers.__main__ import main

SWITCH: Final = "sampling"
SAMPLE_SECONDS: Final = 0.004
"""Of processor time; the kernel looks at its clocks about so often."""
LOOK_SECONDS: Final = 0.02


def _watch(folder: Path, name: str) -> None:
    """Sample once, from the switch's appearance until it is gone."""
    switch, used = folder / SWITCH, folder / f"{name}.used.json"
    while not switch.exists():
        time.sleep(LOOK_SECONDS)
    before = _native_seconds(), time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)
    while switch.exists():
        time.sleep(LOOK_SECONDS)
    signal.setitimer(signal.ITIMER_PROF, 0)
    native, whole = _native_seconds() - before[0], time.process_time() - before[1]
    unfinished = used.with_suffix(".unfinished")
    unfinished.write_text(json.dumps({"python": whole - native, "native": native}))
    unfinished.rename(used)


def _native_seconds() -> float:
    """Processor time of the threads that Python did not start."""
    ours = {str(thread.native_id) for thread in threading.enumerate()}
    tasks = [task for task in Path("/proc/self/task").iterdir() if task.name not in ours]
    words = [(task / "stat").read_text().rpartition(")")[2].split() for task in tasks]
    return sum(int(word[11]) + int(word[12]) for word in words) / TICKS


if __name__ == "__main__":
    place = Path(os.environ["SYNCLINE_WORKSPACE"])
    with (place / f"{sys.argv[1]}.stacks").open("wb", buffering=0) as stacks:
        faulthandler.register(signal.SIGPROF, file=stacks, all_threads=False)
        threading.Thread(target=_watch, args=(place, sys.argv[1]), daemon=True).start()
        main()
