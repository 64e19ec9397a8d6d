"""The connection to Temporal, for workers, gateways and commands alike.

Its client is loaded by who connects: `syncline run`, which only needs to know the address, stays small.
"""

import asyncio
from typing import TYPE_CHECKING

from workers.settings import Settings

if TYPE_CHECKING:
    from temporalio.client import Client

EMBEDDED_PORT_OFFSET = 1000
"""The embedded Temporal listens on the gateway's port plus this, on loopback."""


def address(settings: Settings) -> str:
    """Where Temporal is."""
    return settings.temporal_address or f"127.0.0.1:{settings.port + EMBEDDED_PORT_OFFSET}"


class NoTemporal(RuntimeError):
    """There is no Temporal to be had; the text says where we looked and what to do."""


async def connect(settings: Settings, *, wait_seconds: float = 60.0) -> "Client":
    """A client, waiting for a server that is still starting. Raises NoTemporal."""
    from temporalio.client import Client
    from temporalio.service import RPCError

    from workers.payloads import encrypted

    deadline = asyncio.get_running_loop().time() + wait_seconds
    key = settings.temporal_api_key
    while True:
        try:
            return await Client.connect(
                address(settings),
                namespace=settings.temporal_namespace,
                api_key=key.get_secret_value() if key else None,
                tls=key is not None,
                data_converter=encrypted(settings.payload_key),
            )
        except (RuntimeError, RPCError) as error:
            if asyncio.get_running_loop().time() > deadline:
                raise NoTemporal(
                    f"no Temporal at {address(settings)}: is `syncline run` up, or SYNCLINE_TEMPORAL_ADDRESS right?"
                ) from error
            await asyncio.sleep(0.1)
