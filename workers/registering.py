"""Registering webhooks at the vendors: exactly one a hook name, however often the service starts."""

import time
import uuid

import structlog
from pydantic import BaseModel

from connectors import lookup
from connectors.contract import Capability
from connectors.errors import ConnectorError
from connectors.settings import ConnectionSettings
from mappings.workspace import Workspace
from workers.connections import WorkspaceConnections, connection_settings
from workflows.store import hooks, leases
from workflows.store.database import Store

HANDSHAKE_SECONDS = 60.0

log = structlog.get_logger()


def hook_url(public_url: str, connection: str, hook: str) -> str:
    """Where a vendor is to deliver."""
    return "/".join(part for part in (public_url.rstrip("/"), "hooks", connection, hook) if part)


def needed_hooks(workspace: Workspace, connections: WorkspaceConnections) -> set[tuple[str, str]]:
    """Connection and hook name of every hook that the mappings in force need."""
    needed: set[tuple[str, str]] = set()
    for loaded in workspace.mappings.values():
        for side in loaded.mapping.sides.values():
            if side.connection not in workspace.connections:
                continue
            connector = connections.get(side.connection)
            if Capability.HOOKS in connector.capabilities:
                needed |= {(side.connection, hook) for hook in connector.hook_names(side.object, side.scope)}
    return needed


async def register_hooks(
    workspace: Workspace, connections: WorkspaceConnections, store: Store, public_url: str
) -> list[str]:
    """Make sure that each needed hook is registered once and can be verified. Returns what failed, in sentences."""
    failed: list[str] = []
    owner = uuid.uuid4().hex
    for connection, hook in sorted(needed_hooks(workspace, connections)):
        # Two workers that start together would each find none and register one.
        async with store.begin() as tx:
            if not await leases.take(tx, [f"hook/{connection}/{hook}"], owner, 1, time.time(), HANDSHAKE_SECONDS):
                failed.append(f"{connection}: another worker is registering hook {hook!r}")
                continue
        try:
            await _register(workspace, connections, store, connection, hook, hook_url(public_url, connection, hook))
        except ConnectorError as error:
            log.warning("hook not registered", connection=connection, hook=hook, reason=str(error))
            failed.append(f"{connection}: {error}")
    async with store.begin() as tx:
        await leases.release(tx, owner, 1)
    return failed


async def _register(
    workspace: Workspace, connections: WorkspaceConnections, store: Store, connection: str, hook: str, url: str
) -> None:
    connector = connections.get(connection)
    receiver = lookup.receiver(workspace.connections[connection].system)
    async with store.begin() as tx:
        stored = await hooks.secret(tx, connection, hook)
    there = [found for found in await connector.hooks(url) if found.url == url]
    good = [found for found in there if found.active and (stored is not None or not receiver.shakes_hands)]
    for extra in [found for found in there if found not in good[:1]]:
        await connector.unsubscribe(extra)
    if good:
        kept = await connector.renew(good[0]) if good[0].expires is not None else good[0]
    else:
        async with store.begin() as tx:
            await hooks.expect(tx, connection, hook, time.time() + HANDSHAKE_SECONDS)
        kept = await connector.subscribe(url, hook, webhook_secret(connection_settings(workspace, connection)))
        log.info("hook registered", connection=connection, hook=hook)
    async with store.begin() as tx:
        await hooks.registered(tx, connection, hook, kept.id)


def webhook_secret(settings: BaseModel) -> str | None:
    """The secret that signs a connection's deliveries, where it is ours to choose."""
    if isinstance(settings, ConnectionSettings) and settings.webhook.secret is not None:
        return settings.webhook.secret.get_secret_value()
    return None
