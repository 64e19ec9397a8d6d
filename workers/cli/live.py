"""Asking the live systems whether the files are right: credentials, then fields, options and types of every side."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from connectors.contract import ObjectType
from connectors.errors import ConnectorError
from mappings.checks import prove
from mappings.errors import Problem
from mappings.findings import Finding
from mappings.loader import Loaded
from mappings.positions import parse
from mappings.workspace import CONNECTIONS, Workspace
from workers.connections import WorkspaceConnections

UNREACHED: Final = "L101"
"""A connection does not answer, or refuses the credentials."""
UNKNOWN_PLACE: Final = "L102"
"""A side's object or scope is not there, or our account may not see it."""


async def check_live(workspace: Workspace, folder: Path) -> list[Finding]:
    """What the systems say against the files; a system that does not answer is told once."""
    connections = WorkspaceConnections(lambda: workspace)
    try:
        names = sorted(workspace.connections)
        probed = await asyncio.gather(*(_probe(connections, name) for name in names))
        reasons = {name: reason for name, reason in zip(names, probed, strict=True) if reason is not None}
        findings = _unreached(folder, reasons)
        answering = workspace.connections.keys() - reasons.keys()
        for loaded in workspace.mappings.values():
            if all(side.connection in answering for side in loaded.mapping.sides.values()):
                findings += await _check_mapping(connections, loaded)
        return findings
    finally:
        await connections.close()


async def _probe(connections: WorkspaceConnections, name: str) -> str | None:
    try:
        await connections.get(name).me()
    except ConnectorError as error:
        return str(error)
    except KeyError:
        return "its settings cannot be used"
    return None


def _unreached(folder: Path, reasons: dict[str, str]) -> list[Finding]:
    document, _ = parse(CONNECTIONS, (folder / CONNECTIONS).read_text(encoding="utf-8"))
    findings = []
    for name, reason in reasons.items():
        place = document.key_at(("connections", name)) if document else (1, 1)
        message = f"{reason if name in reason else f'{name}: {reason}'}; mend its url or credentials"
        findings.append(Finding(CONNECTIONS, *place, UNREACHED, "error", message))
    return findings


async def _check_mapping(connections: WorkspaceConnections, loaded: Loaded) -> list[Finding]:
    objects: dict[str, ObjectType] = {}
    problems: list[Problem] = []
    for name, side in loaded.mapping.sides.items():
        try:
            objects[name] = await connections.get(side.connection).describe(side.object, side.scope)
        except ConnectorError as error:
            problems.append(Problem(("sides", name, "scope"), UNKNOWN_PLACE, f"side {name}: {error}"))
    if not problems:
        return prove(loaded, objects)
    return [
        Finding(loaded.file, *loaded.at(problem.path), problem.code, problem.severity, problem.message)
        for problem in problems
    ]


def without_doubts(findings: Sequence[Finding]) -> list[Finding]:
    """Those that only say that the live system was not asked are left out once it was."""
    return [finding for finding in findings if finding.code != "M210"]
