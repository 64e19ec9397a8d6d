"""Ports for the demo: the ones that people can remember where they are free, and never another demo's."""

import asyncio
import fcntl
import secrets
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
_LOWEST: Final = 12_000
_HIGHEST: Final = 31_000
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
    gateway = GATEWAY if is_free(GATEWAY) and is_free(GATEWAY + EMBEDDED_PORT_OFFSET) else any_port()
    return Ports(gateway, {system: port if is_free(port) else any_port() for system, port in PORTS.items()})


def any_port() -> int:
    """A port that nobody listens on, free together with that of an embedded Temporal.

    It is below those that the system gives to connections, any of which could take it before it is listened on.
    """
    while True:
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
        if is_free(port) and is_free(port + EMBEDDED_PORT_OFFSET):
            return port


def is_free(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
