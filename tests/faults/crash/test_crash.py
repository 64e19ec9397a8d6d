"""A slice of `run`: in every kind of write, a death between what a tool was told and what is committed of it."""

import ast
import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.faults.crash.orders import Death
from tests.faults.crash.planning import step_of
from tests.faults.crash.playing import Round, player
from tests.faults.crash.report import OFF_THE_WAY
from tests.faults.crash.scenarios import DOINGS, ONCE
from tests.faults.crash.steps import BEGAN, BEGINNINGS, LEAVING, REACHED, every_step, instrument, modules

KNOWN = {
    "workers.receiving:HookDesk._hand_on",
    "workers.committing:Committer._signal",
    "workflows.activities:SyncActivities.sync_batch",
    "workflows.sync.creating:create",
    "workflows.sync.settling:commit",
    "workflows.store.links:settle",
    "connectors.jira.client:Client._json",
    "connectors.asana.writes:Writes._post",
}
SOURCE = """
async def work(lock, turns):
    async with lock:
        async for turn in turns():
            await turn()
        return "done"
"""


def test_list_knows_the_way() -> None:
    functions = {f"{step.module}:{step.function}" for step in every_step()}
    assert functions >= KNOWN
    places = functions | {step.module for step in every_step()}
    assert OFF_THE_WAY.keys() <= places


def test_every_await_is_listed() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in modules().values()]
    nodes = Counter(type(node) for tree in trees for node in ast.walk(tree))
    kinds = Counter(step.kind for step in every_step())
    assert (kinds["after"], kinds["next"], kinds["began"]) == (nodes[ast.Await], nodes[ast.AsyncFor], len(BEGINNINGS))
    assert kinds["entered"] == kinds["left"] >= nodes[ast.AsyncWith] > 0
    assert len({step.name for step in every_step()}) == len(every_step())


def test_steps_report_in_order() -> None:
    seen: list[str] = []

    def reached(step: str, value: Any = None) -> Any:
        seen.append(step.rpartition(":")[2])
        return value

    assert asyncio.run(_work(reached)) == "done"
    assert seen == ["entered", "next", "after", "next", "after", "end", "left"]


def test_no_death_loses_or_doubles() -> None:
    played = asyncio.run(_slice())
    assert [(one.scenario, one.died) for one in played] == [(scenario.name, 1) for scenario in ONCE]
    assert [(one.scenario, one.faults) for one in played if one.faults] == []


async def _work(reached: Callable[..., Any]) -> str:
    """Runs SOURCE with this in the place of the witness."""

    @contextmanager
    def leaving(step: str) -> Iterator[None]:
        yield
        reached(step)

    async def turn() -> None:
        await asyncio.sleep(0)

    async def turns() -> AsyncIterator[Callable[[], Any]]:
        yield turn
        yield turn

    names: dict[str, Any] = {BEGAN: reached, REACHED: reached, LEAVING: leaving}
    exec(compile(instrument("source", SOURCE)[0], "source", "exec"), names)
    return str(await names["work"](asyncio.Lock(), turns))


async def _slice() -> list[Round]:
    """From Jira's side the tool's answer is lost; from Asana's the death is at the other call that is worth one."""
    async with player() as one:
        for scenario in ONCE:
            _, _, call, other = DOINGS[scenario.name.rpartition("-")[0]]
            (item,) = await one.prepare(scenario, 1)
            await one.play(scenario, item, [Death("worker", step_of(call if scenario.side == "eng" else other).name)])
        await one.judge_all()
    return [played for _, played in one.played]
