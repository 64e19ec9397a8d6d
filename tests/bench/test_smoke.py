"""The benchmarks work, with next to nothing to do. No number is judged here."""

import json
from pathlib import Path

import pytest
import uvloop

from tests.bench.results import Results, percentile, table
from tests.bench.running import SHARED, guarded, run
from tests.bench.sizes import Sizes
from tests.bench.stacks import EVENT_LOOP, ROOT, shares

TINY = Sizes(records=4, spaced=1, repeated=2, repeats=3, webhooks=4, kilobytes=(4,), connections=(2,), events=20)


@pytest.fixture(scope="module")
def results() -> Results:
    """One run of what shares a workspace, very small."""
    return uvloop.run(run(TINY, list(SHARED)))


def value(results: Results, what: str) -> float:
    """The one number of that name after all measurements."""
    return next(row.value for row in reversed(results.rows) if row.what == what)


def test_nothing_breaks(results: Results) -> None:
    assert results.failures == {}


def test_both_sides_end_equal(results: Results) -> None:
    assert value(results, "pairs with the same title after all") == TINY.records
    assert value(results, "records that have no equal after all") == 0


def test_every_change_is_written(results: Results) -> None:
    assert value(results, "calls a record, asana POST /api/1.0/tasks") == 1


def test_table_shows_every_number(results: Results, tmp_path: Path) -> None:
    lines = table(results).splitlines()
    assert len(lines) == 1 + len(results.rows) + 3 + len(results.costs)
    results.save(tmp_path / "numbers.json")
    assert len(json.loads((tmp_path / "numbers.json").read_text())["rows"]) == len(results.rows)


async def test_broken_measurement_is_told() -> None:
    async def broken() -> None:
        raise RuntimeError("the lane is gone")

    results = Results()
    await guarded("carry", broken(), results)
    assert table(results).endswith("FAILED carry: RuntimeError: the lane is gone")


def test_percentile_is_a_value() -> None:
    assert [percentile([3.0, 1.0, 2.0], share) for share in (0.0, 0.5, 0.99)] == [1.0, 2.0, 3.0]


STACKS = f"""Stack (most recent call first):
  File "/usr/lib/python3.11/json/decoder.py", line 1 in decode
  File "{ROOT}workflows/store/links.py", line 2 in load
  File "{ROOT}workflows/sync/batch.py", line 3 in sync_batch
  File "{ROOT}workers/__main__.py", line 4 in main
Stack (most recent call first):
  File "/usr/lib/python3.11/selectors.py", line 1 in select
  File "{ROOT}workers/__main__.py", line 4 in main
"""


def test_stack_belongs_to_innermost() -> None:
    found = shares(STACKS)
    assert found.parts == {"store": 0.5, EVENT_LOOP: 0.5}
    assert found.within == {"load (workflows/store/links.py)": 0.5, "sync_batch (workflows/sync/batch.py)": 0.5}
