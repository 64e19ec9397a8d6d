"""Ports for the demo: the ones that people can remember where they are free, and never another demo's."""

import asyncio
import fcntl
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workers.cli.files import PORTS
from workers.temporal import EMBEDDED_PORT_OFFSET

GATEWAY: Final = 8480
_HIGHEST: Final = 65535
_LOCK: Final = "syncline-demo.lock"


@dataclass(frozen=True)
class Ports:
    """Where the gateway and each stand-in listen."""

    gateway: int
    standins: dict[str, int]


@asynccontextmanager
async def starting_alone() -> AsyncIterator[None]:
    """Keep other demos of this machine from starting: two would find the same ports free, and mix."""
    with (Path(tempfile.gettempdir()) / _LOCK).open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                await asyncio.sleep(0.2)
            else:
                break
        yield


def free_ports() -> Ports:
    """Ports on which nobody listens; the gateway's is free together with that of the embedded Temporal."""
    return Ports(_gateway(), {system: port if _is_free(port) else _any() for system, port in PORTS.items()})


def _gateway() -> int:
    port = GATEWAY
    while port + EMBEDDED_PORT_OFFSET > _HIGHEST or not (_is_free(port) and _is_free(port + EMBEDDED_PORT_OFFSET)):
        port = _any()
    return port


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _any() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
