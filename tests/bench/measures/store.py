"""Every query of a batch on a small and on a large store, on SQLite and on PostgreSQL."""

import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from tests.bench.results import Results, percentile, timed
from tests.bench.sizes import Sizes
from tests.bench.stocking import MAPPING, NOW, Numbered, drawn, stock
from tests.postgresql import Server
from workflows.policies import BATCH_SIZE
from workflows.store import cursors, journal, leases, links, parking, remarks
from workflows.store.database import Store, open_store
from workflows.store.journal import Entry, Kind
from workflows.store.links import Link
from workflows.store.parking import Parked

SMALL: Final = 1_000
OWNER: Final = "bench"
READING: Final = frozenset({"find", "load", "what is parked", "conflicts", "versions", "remarks", "last applied"})

Step = Callable[[AsyncConnection], Awaitable[object]]


async def store(sizes: Sizes, results: Results) -> None:
    """On both databases; what a step takes with many links, against what it takes with few."""
    with tempfile.TemporaryDirectory(prefix="syncline-bench-") as folder:
        urls = [f"sqlite+aiosqlite:///{Path(folder) / name}.db" for name in ("small", "large")]
        await _compared("SQLite", urls, sizes, results)
    server = Server()
    server.start()
    try:
        await _compared("PostgreSQL", [server.url(server.create()) for _ in range(2)], sizes, results)
    finally:
        server.close()


async def _compared(database: str, urls: list[str], sizes: Sizes, results: Results) -> None:
    """The small and the large store by turns, so that what else the machine does falls on both."""
    source, counts = random.Random(1), (SMALL, sizes.links)
    taken: tuple[dict[str, list[float]], ...] = ({}, {})
    async with AsyncExitStack() as stack:
        stores = [await open_store(url) for url in urls]
        for opened, count in zip(stores, counts, strict=True):
            stack.push_async_callback(opened.close)
            await stock(opened, count)
        for _ in range(sizes.looks):
            for opened, count, seconds in zip(stores, counts, taken, strict=True):
                await _look(opened, drawn(BATCH_SIZE, count, source), seconds)
    small, large = taken
    for step, slow in large.items():
        quick = small[step]
        ratio = percentile(slow, 0.5) / percentile(quick, 0.5)
        results.add(
            timed("store", f"{database}, {step}, of {SMALL:,} links", 1, "times", quick),
            timed("store", f"{database}, {step}, of {sizes.links:,} links", ratio, "times", slow, "2"),
        )


async def _look(opened: Store, batch: list[Numbered], taken: dict[str, list[float]]) -> None:
    """Time each step once, with its transaction."""
    async with opened.read() as tx:
        loaded = list((await links.load(tx, [one.link for one in batch])).values())
    for name, step in _steps(batch, loaded).items():
        begun = time.perf_counter()
        async with opened.read() if name in READING else opened.begin() as tx:
            await step(tx)
        taken.setdefault(name, []).append(time.perf_counter() - begun)


def _steps(batch: list[Numbered], loaded: list[Link]) -> dict[str, Step]:
    """What a batch asks of the store, in its order, then what a page of a sweep does."""
    ids, keys = [one.link for one in batch], {("eng", one.issue) for one in batch}
    tasks, now = [one.task for one in batch], time.time()
    for link in loaded:
        link.announced = {"mkt": {"title": ["Launch page"]}}
    lines = [Entry(kind, MAPPING, one.link, "mkt", one.ref, "title", {"after": "Launch page"})
             for one in batch for kind in (Kind.DECIDED, Kind.WROTE)]  # fmt: skip
    aside = [Parked(MAPPING, batch[0].link, "mkt", "due", batch[0].ref, "The project has no such date")]
    copy = remarks.Row("eng", batch[0].issue, "mkt", "0" * 64, batch[0].task)
    return {
        "find": lambda tx: links.find(tx, MAPPING, keys),
        "lease": lambda tx: leases.take(tx, ids, OWNER, 1, now, 60.0),
        "load": lambda tx: links.load(tx, ids),
        "what is parked": lambda tx: parking.of_links(tx, ids),
        "still leased": lambda tx: leases.held(tx, ids, OWNER, 1, now),
        "announce": lambda tx: links.announce(tx, loaded),
        "settle": lambda tx: links.settle(tx, loaded, now),
        "conflicts": lambda tx: parking.open_fields(tx, ids),
        "park": lambda tx: parking.park(tx, aside, NOW),
        "journal": lambda tx: journal.write(tx, lines, now),
        "remarks": lambda tx: remarks.of_link(tx, ids[0], "comments"),
        "keep a remark": lambda tx: remarks.put(tx, ids[0], "comments", copy),
        "release": lambda tx: leases.release(tx, OWNER, 1),
        "last applied": lambda tx: cursors.fingerprint(tx, MAPPING),
        "versions": lambda tx: links.versions(tx, MAPPING, "mkt", tasks),
        "mark as seen": lambda tx: links.mark_seen(tx, MAPPING, "mkt", tasks, str(now)),
        "cursor": lambda tx: cursors.accept(tx, MAPPING, "mkt", str(now), now),
    }
