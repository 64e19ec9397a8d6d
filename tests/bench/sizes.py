"""How much of everything is measured."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Sizes:
    """`records` are linked in the workspace that most measurements share; the other numbers are each one's own."""

    records: int = 2_000
    fills: tuple[int, ...] = (1_000, 10_000)
    """Records of the first fills, each in a workspace of its own."""
    spaced: int = 100
    """Edits each way on an idle system."""
    repeated: int = 200
    repeats: int = 200
    """Edits of each repeated record."""
    webhooks: int = 3_000
    """For each size of the body and number of connections; less of large bodies."""
    kilobytes: tuple[int, ...] = (1, 4, 32, 256)
    connections: tuple[int, ...] = (1, 16, 64, 256)
    events: int = 10_000
    links: int = 100_000
    looks: int = 100
    """How often each query of the store is timed."""
    workers: tuple[int, ...] = (1, 2, 4)
    scaled: int = 1_000
    """Records that the workers share."""


QUICK: Final = Sizes(
    records=400, fills=(200, 1_000), spaced=20, repeats=20, webhooks=400, events=2_000, links=10_000, looks=30,
    workers=(1, 2), scaled=200,
)  # fmt: skip
FULL: Final = Sizes(records=10_000, fills=(1_000, 10_000, 100_000), events=100_000, links=1_000_000, scaled=4_000)
