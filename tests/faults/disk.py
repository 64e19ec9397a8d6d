"""A small disk of its own for the product's files, which can be filled up and freed again. Linux, root."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEGABYTES = 384
"""Enough for PostgreSQL's first files and a storm's worth of changes; it lives in memory."""
BALLAST = "ballast"
CHUNK = bytes(65536)


def unable() -> str | None:
    """Why no disk can be made here; None where it can."""
    return None if os.name == "posix" and os.geteuid() == 0 else "mounting a small disk needs root"


class Disk:
    """A mounted disk."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / BALLAST

    def fill(self) -> None:
        """To the last byte."""
        descriptor = os.open(self._ballast, os.O_WRONLY | os.O_CREAT)
        try:
            os.lseek(descriptor, 0, os.SEEK_END)
            while True:
                os.write(descriptor, CHUNK)
        except OSError:  # it is full now
            return
        finally:
            os.close(descriptor)

    def free(self) -> None:
        """Give the space back."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """Mount one at an empty folder for as long as the block lasts. Raises CalledProcessError."""
    options = ["-o", f"size={MEGABYTES}m,mode=0711"]
    subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], check=True, capture_output=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)
