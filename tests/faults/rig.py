"""Everything of one run: the tools, the lines, the disk, the store, and the product's parts, not yet started."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.faults.disk import Disk, disk
from tests.faults.parts import Parts
from tests.faults.product import DATABASE, Product, read
from tests.faults.relay import network
from tests.faults.stage import stage
from tests.postgresql import Server

SYNCLINE = Path(__file__).parent / "products" / "syncline.yaml"


@contextmanager
def rig(
    sides: int = 2, store: str = "sqlite", product: Product | None = None, *, small_disk: bool = False
) -> Iterator[tuple[Parts, Disk | None]]:
    """For as long as the block lasts; the parts are stopped at its end. The disk is None unless it is a small one."""
    with _place() as place, ExitStack() as stack:
        folder, logs = place / "product", place / "logs"
        folder.mkdir(mode=0o711)
        logs.mkdir()
        small = stack.enter_context(disk(folder)) if small_disk else None
        server = Server(folder / DATABASE) if store == "postgresql" else None
        tools, lines = stack.enter_context(stage(sides)), stack.enter_context(network())
        parts = Parts(product or read(SYNCLINE), folder, logs, store, lines, tools, server)
        stack.callback(parts.stop)
        yield parts, small


@contextmanager
def _place() -> Iterator[Path]:
    """A folder that also the account of a database may pass through."""
    with tempfile.TemporaryDirectory(prefix="storm-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        place.chmod(0o711)
        yield place
