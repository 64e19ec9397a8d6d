"""`syncline status`: how every mapping and connection stands."""

import asyncio
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from workers.cli.output import FAILED, CommandError, out
from workers.cli.session import find_temporal, opened_store, read_settings, read_workspace

if TYPE_CHECKING:
    from rich.console import Console
    from temporalio.client import Client

    from mappings.workspace import Workspace
    from workers.settings import Settings
    from workflows.store.database import Store


def status() -> None:
    """How every mapping and connection stands; also tells what it can when the service is down."""
    settings = read_settings()
    workspace = read_workspace(settings)
    data = asyncio.run(gather(settings, workspace))
    out.show(data, lambda console: _render(console, data))
    if data["service"] != "ok" or data["errors_in_files"] or any(_is_ill(mapping) for mapping in data["mappings"]):
        raise typer.Exit(FAILED)


def _is_ill(mapping: dict[str, Any]) -> bool:
    """Whether a person should look: parked records and open conflicts are daily work, an alert is not."""
    return mapping["lane"] not in ("ok", "paused") or bool(mapping.get("alert"))


async def gather(settings: "Settings", workspace: "Workspace") -> dict[str, Any]:
    """`service` (ok, or why not), `mappings` and `connections`, as the JSON shows them."""
    client: Client | None = None
    service = "ok"
    try:
        client = await find_temporal(settings)
    except CommandError as error:
        service = str(error)
    async with opened_store(settings) as store:
        mappings = [await _mapping(client, store, name) for name in sorted(workspace.mappings)]
    connections = [_connection(workspace, name, mappings) for name in sorted(workspace.systems)]
    errors = sum(finding.severity == "error" for finding in workspace.findings)
    return {"service": service, "mappings": mappings, "connections": connections, "errors_in_files": errors}


async def _mapping(client: "Client | None", store: "Store", name: str) -> dict[str, Any]:
    from workflows.store import cursors, links, parking

    async with store.read() as tx:
        counts = await links.count(tx, name)
        parked, conflicts = await parking.counted(tx, name)
        swept = await cursors.swept(tx, name)
    stored = {"mapping": name, "links": counts.get("active", 0), "parked": parked, "conflicts": conflicts}
    return {**stored, "swept": swept, **await _lane(client, name)}


async def _lane(client: "Client | None", name: str) -> dict[str, Any]:
    """What the lane says; `lane` tells why it says nothing."""
    if client is None:
        return {"lane": "the service is down"}
    from workers.cli.lanes import Lane

    try:
        told = await Lane(client, name).status()
    except CommandError as error:
        return {"lane": str(error)}
    keys = ("pending", "in_flight", "oldest", "sweeping", "written", "missed", "alert")
    paused = {connection: asdict(pause) for connection, pause in told.paused.items()}
    state = "paused" if told.stopped else "ok"
    return {"lane": state, **{key: getattr(told, key) for key in keys}, "paused": paused}


def _connection(workspace: "Workspace", name: str, mappings: list[dict[str, Any]]) -> dict[str, Any]:
    shown = {"connection": name, "system": workspace.systems[name]}
    if name not in workspace.connections:
        return {**shown, "state": "unusable", "reason": "see `syncline check`"}
    pauses = [mapping["paused"][name] for mapping in mappings if name in mapping.get("paused", {})]
    if pauses:
        return {**shown, "state": "paused", **max(pauses, key=lambda pause: float(pause["until"]))}
    return {**shown, "state": "ok"}


def _render(console: "Console", data: dict[str, Any]) -> None:
    from rich.table import Table

    if data["service"] != "ok":
        console.print(data["service"], style="yellow", soft_wrap=True)
    columns = ("mapping", "links", "pending", "busy", "oldest", "parked", "conflicts", "missed", "lane")
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for column in columns:
        # On a narrow terminal the name gives way, not the numbers and not the state.
        table.add_column(column, no_wrap=column != "mapping")
    for mapping in data["mappings"]:
        table.add_row(*_cells(mapping))
    console.print(table)
    for mapping in data["mappings"]:
        for line in _remarks(mapping):
            console.print(f"{mapping['mapping']}: {line}", soft_wrap=True)
    console.print()
    for connection in data["connections"]:
        reason = f"  {connection['reason']}" if "reason" in connection else ""
        line = f"{connection['connection']} ({connection['system']}): {connection['state']}{reason}"
        console.print(line, soft_wrap=True)
    if data["errors_in_files"]:
        console.print(f"{data['errors_in_files']} errors in the files; `syncline check` lists them.", style="red")


def _cells(mapping: dict[str, Any]) -> list[str]:
    lane = mapping["lane"] if mapping["lane"] in ("ok", "paused") else "down"
    oldest = mapping.get("oldest")
    shown = [mapping.get(key) for key in ("links", "pending", "in_flight")]
    return [
        mapping["mapping"], *("-" if value is None else str(value) for value in shown),
        ago(oldest) if oldest else "-", str(mapping["parked"]), str(mapping["conflicts"]),
        str(mapping.get("missed", "-")), lane,
    ]  # fmt: skip


def _remarks(mapping: dict[str, Any]) -> list[str]:
    lines = []
    if mapping.get("alert"):
        lines.append(f"ALERT {mapping['alert']}")
    if mapping["lane"] not in ("ok", "paused", "the service is down"):
        lines.append(mapping["lane"])
    if "mapping" in mapping.get("paused", {}):
        lines.append(f"waits: {mapping['paused']['mapping']['reason']}")
    if mapping["swept"]:
        lines.append("swept " + ", ".join(f"{side} {ago(at)} ago" for side, at in sorted(mapping["swept"].items())))
    return lines


def ago(moment: float) -> str:
    """The time since then, in the unit that suits it."""
    seconds = max(0.0, time.time() - moment)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
