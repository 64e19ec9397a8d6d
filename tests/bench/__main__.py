"""`python -m tests.bench`: measure, print one table."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import uvloop

from tests.bench.results import Results, table
from tests.bench.running import MEASUREMENTS, run
from tests.bench.sizes import FULL, QUICK, Sizes


def main() -> int:
    """Measure what the command line asks for; 1 where something broke, or both sides are not equal in the end."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", choices=MEASUREMENTS, action="append", help="take this measurement alone; repeatable")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_const", const=QUICK, dest="sizes", help="little of everything: minutes")
    size.add_argument(
        "--full", action="store_const", const=FULL, dest="sizes", help="as the goals say: an hour or more"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything to this file")
    chosen = parser.parse_args()
    results = uvloop.run(_until_told(chosen.sizes or Sizes(), chosen.only or MEASUREMENTS))
    print("\n\n".join([table(results), *results.profiles]))
    if chosen.json:
        results.save(chosen.json)
    unequal = any(row.measurement == "equal" and row.unit == "records" and row.value for row in results.rows)
    return int(unequal or bool(results.failures))


async def _until_told(sizes: Sizes, names: Sequence[str]) -> Results:
    """Run, and on SIGTERM end what was started, as Ctrl-C does."""
    running = asyncio.ensure_future(run(sizes, names))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await running


if __name__ == "__main__":
    sys.exit(main())
