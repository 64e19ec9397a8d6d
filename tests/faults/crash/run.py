"""A crash at every step: `python -m tests.faults.crash.run`.

Without options every scenario is played, once for each step that it walks through, with a `kill -9` at that step; and
once more at its last passing where it is passed more than once. `--list` prints all steps there are.
"""

import argparse
import asyncio
import json
import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from tests.faults.crash import planning, playing
from tests.faults.crash.orders import Death, Passed
from tests.faults.crash.planning import Deaths
from tests.faults.crash.playing import Round
from tests.faults.crash.report import Report, listed
from tests.faults.crash.scenarios import SCENARIOS
from tests.faults.crash.steps import every_step

Wanted = Sequence[tuple[str, list[Deaths]]]
ROUNDS_A_SERVICE = 40
"""Rounds in one service: what a round looks through grows with the records that the ones before it left."""


def main() -> int:
    """The command; its exit code is 0 if nothing was doubled or lost."""
    asked = _arguments()
    if asked.list:
        print(listed(every_step()))
        return 0
    with ProcessPoolExecutor(asked.jobs, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        report = _single(pool, asked) if asked.step else _all(pool, asked)
    print(report.as_text())
    if asked.json:
        asked.json.write_text(json.dumps(report.as_json(), indent=1), encoding="utf-8")
    return 1 if report.faults() else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", action="append", choices=sorted(SCENARIOS), help="only these; else all")
    parser.add_argument("--step", help="only this one: MODULE:LINE, or a whole name as `--list` prints it")
    parser.add_argument("--part", default="worker", choices=("worker", "gateway"), help="with --step: who dies there")
    parser.add_argument("--passing", type=int, default=1, help="with --step: the how-manieth time that it is reached")
    parser.add_argument("--sample", type=int, default=0, help="at most so many deaths a scenario")
    parser.add_argument("--moments", action="store_true", help="one death for all steps that are one moment")
    parser.add_argument("--jobs", type=int, default=4, help="services at once; a round mostly waits")
    parser.add_argument("--json", type=Path, help="write the numbers there")
    parser.add_argument("--list", action="store_true", help="print the steps and end")
    return parser.parse_args()


def _single(pool: ProcessPoolExecutor, asked: argparse.Namespace) -> Report:
    steps = [step.name for step in every_step() if f"{step.name}:".startswith(f"{asked.step}:")]
    if not steps:
        raise SystemExit(f"no step {asked.step!r}; `--list` prints those that there are")
    report = Report({name: [] for name in asked.scenario or SCENARIOS})
    deaths = [Death(asked.part, step, asked.passing) for step in steps]
    wanted = [(name, [(*planning.first_deaths(SCENARIOS[name]), one) for one in deaths]) for name in report.walks]
    report.rounds = _played(pool, wanted, report.broken)
    return report


def _all(pool: ProcessPoolExecutor, asked: argparse.Namespace) -> Report:
    plain = {name: name.removesuffix("-again") for name in asked.scenario or SCENARIOS}
    report = Report()
    walks = _walked(pool, {*plain, *plain.values()}, asked.jobs, report.broken)
    report.walks = {name: walks[name] for name in plain if name in walks}
    wanted: list[tuple[str, list[Deaths]]] = []
    for name, passed in report.walks.items():
        known = walks.get(plain[name], []) if plain[name] != name else []
        deaths = planning.plan(SCENARIOS[name], passed, known, moments=asked.moments)
        wanted.append((name, planning.thinned(deaths, asked.sample)))
    report.rounds = _played(pool, wanted, report.broken)
    return report


def _walked(pool: ProcessPoolExecutor, names: Iterable[str], jobs: int, broken: list[str]) -> dict[str, list[Passed]]:
    ordered = sorted(names)
    walks = [pool.submit(_walk, ordered[start::jobs]) for start in range(min(jobs, len(ordered)))]
    broken += [str(error) for walk in walks if (error := walk.exception())]
    return {name: passed for walk in walks if not walk.exception() for name, passed in walk.result().items()}


def _played(pool: ProcessPoolExecutor, wanted: Wanted, broken: list[str]) -> list[Round]:
    started = time.monotonic()
    chunks: list[Future[list[Round]]] = []
    for name, deaths in wanted:
        starts = range(0, len(deaths), ROUNDS_A_SERVICE)
        chunks += [pool.submit(_play, name, deaths[start : start + ROUNDS_A_SERVICE]) for start in starts]
    rounds: list[Round] = []
    total = sum(len(deaths) for _, deaths in wanted)
    for chunk in as_completed(chunks):
        error = chunk.exception()
        broken += [str(error)] if error else []
        rounds += [] if error else chunk.result()
        bad = len(broken) + sum(bool(one.faults) for one in rounds)
        told = f"{len(rounds)} of {total} rounds, {bad} bad, {time.monotonic() - started:.0f} s"
        print(told, file=sys.stderr, flush=True)
    return rounds


def _walk(names: Sequence[str]) -> dict[str, list[Passed]]:
    with _told(", ".join(names)):
        return asyncio.run(planning.walk([SCENARIOS[name] for name in names]))


def _play(name: str, deaths: list[Deaths]) -> list[Round]:
    with _told(name):
        return asyncio.run(playing.play_all(SCENARIOS[name], deaths))


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Name the scenario; an httpx error, besides, could not be handed from process to process."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it was, the run tells of it
        raise RuntimeError(f"{name}: {type(error).__name__}: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
