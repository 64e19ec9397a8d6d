"""Small storms, of a size that fits every test run: all numbers of sides, and both stores between them."""

import pytest

from tests.faults.product import Part, Product
from tests.faults.storm import Plan, Report, storm
from tests.faults.weather import KINDS, Area, forecast
from tests.postgresql import programs

SLOW = {"token_expired", "disk_full"}
"""What keeps even a small storm waiting for long; the long form has it."""
QUICK = tuple(kind for kind in KINDS if kind not in SLOW)
PLACES: dict[Area, list[str]] = {"part": ["worker"], "line": ["a->b"], "clock": ["eng", "mkt"]}


def small(seed: int, sides: int, store: str = "sqlite") -> Plan:
    return Plan(seed, sides, store, items=12, edits=70, seconds=7.0, patience=240.0, kinds=QUICK)


async def played(plan: Plan) -> Report:
    print(plan.command)
    report = await storm(plan)
    assert report.good, "\n".join(report.stories)
    assert report.histories == plan.items
    assert report.edits > plan.edits / 2
    assert sum(report.faults.values()) >= 5
    return report


@pytest.mark.parametrize(("seed", "sides"), [(5, 2), (6, 3)])
async def test_storm_leaves_no_trace(seed: int, sides: int) -> None:
    await played(small(seed, sides))


@pytest.mark.skipif(programs() is None, reason="no PostgreSQL on this machine (Debian: apt-get install postgresql)")
async def test_storm_over_postgresql() -> None:
    await played(small(7, 4, "postgresql"))


async def test_idle_product_loses_everything() -> None:
    command = ("{python}", "-m", "http.server", "{port}", "--bind", "127.0.0.1")
    door = Part(command=command, listens=True)
    idle = Product(name="idle", parts={"door": door}, entrance="door", ready="http://{at_door}/", stores={"sqlite": ""})
    report = await storm(Plan(seed=1, items=4, edits=20, seconds=2.0, patience=1.0, kinds=()), idle)
    assert report.verdict["lost"] >= report.histories == 4
    assert (report.verdict["doubled"], report.verdict["swapped"]) == (0, 0)
    assert len(report.stories) == 4


def test_seed_decides_the_weather() -> None:
    assert forecast(3, 20, PLACES, KINDS) == forecast(3, 20, PLACES, KINDS)
    assert forecast(3, 20, PLACES, KINDS) != forecast(4, 20, PLACES, KINDS)


def test_places_limit_the_weather() -> None:
    gusts = [gust for seed in range(20) for gust in forecast(seed, 20, PLACES, KINDS)]
    assert {gust.kind for gust in gusts} == {
        "kill", "freeze", "line_reset", "line_refused", "line_silent", "clock_skew",
    }  # fmt: skip
