"""What one change costs in each part: gateway and worker are sampled, the others are whole processes."""

import json
from itertools import islice
from typing import Final

from tests.bench.measures.carrying import carry
from tests.bench.measures.filling import fill
from tests.bench.results import Results, Row
from tests.bench.rig import PATIENCE_SECONDS, Rig, until
from tests.bench.sampling import SWITCH
from tests.bench.sizes import Sizes
from tests.bench.stacks import shares
from tests.bench.starting import Shape, started

SAMPLED: Final = ("gateway", "worker")
LISTED: Final = 25


async def parts(sizes: Sizes, results: Results) -> None:
    """Processor time a change by part, carrying as in `carry`; being sampled costs a little too."""
    own, rows = Results(), list[Row]()
    async with started(Shape(workers=1, command=("-m", "tests.bench.sampling"))) as rig:
        await fill(rig, sizes.records, own)
        (rig.folder / SWITCH).touch()
        await carry(rig, sizes, own)
        (rig.folder / SWITCH).unlink()
        for name in SAMPLED:
            used, profile = await _sampled(rig, name)
            rows += [_row(f"{name}: {part}", seconds, len(rig.tasks)) for part, seconds in used.items()]
            results.profiles.append(profile)
    cost = own.costs[-1]
    rows += [_row(f"{name}, whole process", seconds, cost.units) for name, seconds in cost.cpu.items()
             if name not in SAMPLED]  # fmt: skip
    results.rows += sorted(rows, key=lambda row: -row.value)
    results.costs.append(cost)


def _row(what: str, seconds: float, changes: int) -> Row:
    return Row("parts", what, 1000 * seconds / changes, "ms a change")


async def _sampled(rig: Rig, name: str) -> tuple[dict[str, float], str]:
    """Seconds by part, and, as text, the functions of ours that a process was busy in."""
    file = rig.folder / f"{name}.used.json"

    async def written() -> bool:
        return file.exists()

    await until(written, f"what {name} used", PATIENCE_SECONDS)
    used = json.loads(file.read_text())
    found = shares((rig.folder / f"{name}.stacks").read_text(errors="replace"))
    lines = [f"{name}: functions of ours with what they call"]
    lines += [f"  {share:6.1%}  {function}" for function, share in islice(found.within.items(), LISTED)]
    seconds = {part: share * used["python"] for part, share in found.parts.items()}
    return {**seconds, "Temporal SDK, native threads": used["native"]}, "\n".join(lines)
