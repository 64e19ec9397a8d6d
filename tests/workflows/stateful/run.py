"""Many histories, drawn from a seed: `python -m tests.workflows.stateful.run --histories 2000 --seed 1 --sides 3`.

A failure prints what is wrong, the seed of its history, and the story of the shortest part of it that still fails.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

import structlog

from tests.workflows.stateful.playing import History, opened, play, shortened
from tests.workflows.stateful.steps import random_step
from tests.workflows.stateful.world import Terms


def drawn(seed: str, sides: int, length: int) -> History:
    """The history of a seed."""
    random = Random(seed)
    skews = (
        [0.0, 0.0, 0.0, 0.0]
        if random.random() < 0.5
        else [random.choice([-300.0, -7.0, 0.0, 3.0, 400.0]) for _ in "abcd"]
    )
    terms = Terms(
        sides="abcd"[:sides],
        skews=tuple(skews),
        lag=random.choice([0.0, 0.0, 1.5]),
        history=random.random() < 0.7,
        on_delete=random.choice(["unlink", "delete", "ignore"]),
        number=random.choice(["ask", "latest"]),
    )
    return terms, [("create", random.randrange(9)), *(random_step(random) for _ in range(random.randrange(5, length)))]


def _quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


async def main(options: argparse.Namespace) -> int:
    """Play all histories; the number of those that failed."""
    counts: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    began, bad = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder:
        async with opened(options.store, Path(folder)) as store:
            for number in range(options.first, options.first + options.histories):
                seed = f"{options.seed}/{number}"
                history = drawn(seed, options.sides or 2 + number % 3, options.length)
                world, found = await play(store, *history)
                counts += world.counts
                counts["steps"] += len(history[1])
                if found:
                    bad += 1
                    failed.update({fault.kind for fault in found})
                    print(f"\n--- {seed} ({len(history[0].sides)} sides): {'; '.join(map(str, found[:3]))}", flush=True)
                    if bad <= options.stories:
                        await _print_story(store, history, found[0].kind)
    print(f"\n{options.histories} histories, {bad} failed, in {time.monotonic() - began:.0f} s")
    print("befell:", dict(sorted(counts.items())))
    print("failures:", dict(sorted(failed.items())))
    return bad


async def _print_story(store: object, history: History, kind: str) -> None:
    terms, steps = await shortened(store, history, kind)  # type: ignore[arg-type]
    world, found = await play(store, terms, steps)  # type: ignore[arg-type]
    print(terms, "\n", steps)
    print("\n".join(world.story))
    print("\n".join(map(str, found)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first history")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--sides", type=int, choices=(2, 3, 4), help="default: all three in turn")
    parser.add_argument("--length", type=int, default=80, help="steps at most")
    parser.add_argument("--stories", type=int, default=3, help="how many failures to shorten and to tell in full")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    return parser.parse_args()


if __name__ == "__main__":
    _quiet()
    sys.exit(1 if asyncio.run(main(_options())) else 0)
