"""Several workers on one PostgreSQL."""

from dataclasses import replace

from tests.bench.measures.carrying import carry
from tests.bench.measures.filling import equal, fill
from tests.bench.results import Results, Row
from tests.bench.sizes import Sizes
from tests.bench.starting import Shape, started
from tests.postgresql import Server


async def scaling(sizes: Sizes, results: Results) -> None:
    """Changes a second, and what each costs, by number of workers."""
    server = Server()
    server.start()
    try:
        for workers in sizes.workers:
            own = Results()
            async with started(Shape(workers=workers, server=server)) as rig:
                await fill(rig, sizes.scaled, own)
                await carry(rig, sizes, own)
                what = f"{workers} workers on PostgreSQL, {sizes.scaled:,} changes"
                results.add(Row("scaling", what, rig.saturated, "changes/s"))
                results.add(*await equal(rig, f"{workers} workers"))
            results.costs.append(replace(own.costs[-1], what=f"scaling, {workers} workers"))
    finally:
        server.close()
