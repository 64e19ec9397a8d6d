"""`syncline hooks`: the webhooks that the mappings need, and what to enter by hand where they cannot be registered."""

import asyncio
from typing import TYPE_CHECKING, Any

from workers.cli.output import CommandError, out
from workers.cli.session import opened_store, read_settings, read_workspace

if TYPE_CHECKING:
    from mappings.workspace import Workspace
    from workers.settings import Settings

PLACEHOLDER = "https://YOUR-ADDRESS"


def hooks() -> None:
    """The webhooks that the mappings need: registered by the service, or to be entered by hand."""
    settings = read_settings()
    workspace = read_workspace(settings)
    rows = asyncio.run(_needed(settings, workspace))
    lines = [line for row in rows for line in _told(row)]
    unusable = sorted(workspace.systems.keys() - workspace.connections.keys())
    lines += [f"{name}: unusable; `syncline check` tells why" for name in unusable]
    lines = lines or ["no mapping needs a webhook"]
    if settings.public_url is None:
        lines.append("With SYNCLINE_PUBLIC_URL set, the service registers these by itself.")
    out.lines({"public_url": settings.public_url, "hooks": rows}, *lines)


async def _needed(settings: "Settings", workspace: "Workspace") -> list[dict[str, Any]]:
    from connectors import lookup
    from connectors.errors import ConnectorError
    from workers.connections import WorkspaceConnections
    from workers.registering import hook_url, needed_hooks

    connections = WorkspaceConnections(lambda: workspace)
    try:
        needed = sorted(needed_hooks(workspace, connections))
    except ConnectorError as error:
        raise CommandError(f"{error}. Mend the mapping; `syncline check --live` names the line.") from error
    finally:
        await connections.close()
    rows = []
    for connection, hook in needed:
        system = workspace.connections[connection].system
        rows.append({
            "connection": connection, "system": system,
            "url": hook_url(settings.public_url or PLACEHOLDER, connection, hook),
            "handshake": lookup.receiver(system).shakes_hands,
            "registered": await _is_registered(settings, connection, hook),
        })  # fmt: skip
    return rows


async def _is_registered(settings: "Settings", connection: str, hook: str) -> bool:
    from sqlalchemy import select

    from workflows.store.tables import hooks as table

    query = select(table.c.vendor_id).where(table.c.connection == connection, table.c.hook == hook)
    async with opened_store(settings) as store, store.read() as tx:
        return await tx.scalar(query) is not None


def _told(row: dict[str, Any]) -> list[str]:
    state = "registered" if row["registered"] else "not registered"
    lines = [f"{row['connection']} ({row['system']}): {state}", f"  {row['url']}"]
    if not row["registered"] and row["handshake"]:
        lines.append(
            f"  {row['system']} hands its secret over while the service registers; it cannot be entered by hand"
        )
    elif not row["registered"]:
        lines.append(
            "  by hand: this address, all issue and comment events, and the secret of the connection's webhook"
        )
    return lines
