"""What an apply pairs, and that a store put back from a backup makes nothing twice."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

from tests.faults.parts import Parts
from tests.faults.people import Crowd, crowd
from tests.faults.rig import rig

PARTS = ("temporal", "worker", "gateway")
PATIENCE_SECONDS = 60.0
CALM_SECONDS = 8.0


async def test_apply_pairs_what_is_clear() -> None:
    eng, mkt = ["only here", "only there", "pair", "twin", "twin"], ["only here", "only there", "pair", "twin"]
    with rig() as (parts, _):
        await parts.up()
        async with crowd(parts.stage, 1) as people:
            await asyncio.gather(*(people.create("eng", title) for title in ("Twin", "Twin", "Pair", "Only here")))
            await asyncio.gather(*(people.create("mkt", title) for title in ("Twin", "pair", "Only there")))
            await parts.begin()
            await _titles(people, lambda shown: shown == {"eng": eng, "mkt": mkt})
            await parts.begin()
            assert await _titles(people, lambda shown: True) == {"eng": eng, "mkt": mkt}


async def test_restored_store_copies_nothing_twice() -> None:
    only = ["made after the backup"]
    with rig() as (parts, _):
        await parts.up()
        await parts.begin()
        backup = parts.logs / "backup.db"
        _copy_store(parts.folder / "syncline.db", backup)
        async with crowd(parts.stage, 1) as people:
            await people.create("eng", "Made after the backup")
            await _titles(people, lambda shown: bool(shown["mkt"]))
            await _restore(parts, backup)
            await asyncio.sleep(CALM_SECONDS)  # longer than both kinds of sweeps wait
            assert await _titles(people, lambda shown: True) == {"eng": only, "mkt": only}


async def _titles(people: Crowd, wanted: Callable[[dict[str, list[str]]], bool]) -> dict[str, list[str]]:
    """The titles on each side, in small letters, once they are as wanted."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            shown = {
                side: sorted(str(record.fields["title"]).casefold() for record in records)
                for side, records in (await people.look()).items()
            }
            if wanted(shown):
                return shown
            await asyncio.sleep(0.1)


async def _restore(parts: Parts, backup: Path) -> None:
    """As the README says: without what Temporal held."""
    for name in PARTS:
        await parts.kill(name)
    for path in (*parts.folder.glob("syncline.db*"), *parts.folder.glob("temporal.db*")):
        path.unlink()
    backup.rename(parts.folder / "syncline.db")
    for name in PARTS:
        await parts.start(name)
    await parts.wait()


def _copy_store(store: Path, to: Path) -> None:
    with sqlite3.connect(store) as source, sqlite3.connect(to) as target:
        source.backup(target)
