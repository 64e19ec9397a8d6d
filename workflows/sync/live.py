"""A mapping as it is in force: its file bound to the live fields of the connected systems, kept for a while."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from connectors.contract import Connector, ObjectType
from mappings.bind import BindError, BoundMapping, bind
from mappings.loader import Loaded
from mappings.people import People
from mappings.workspace import Workspace

DESCRIBE_SECONDS = 600.0
"""How long the live fields of a side are believed; a renamed option is noticed at the latest then."""
MISFIT_SECONDS = 15.0
"""How soon a version that did not fit is tried again: the field it names may be made meanwhile."""


class Connections(Protocol):
    """Connectors by connection name. Raises KeyError for an unknown name, AuthFailed for unusable settings."""

    def get(self, name: str) -> Connector:
        """The connector of a connection, made on first use."""
        ...


@dataclass(frozen=True)
class Live:
    """What a batch works with. `fingerprint` changes when an apply is needed before anything new is created.

    `misfit`: why the newest version of the file is not the one in force.
    """

    loaded: Loaded
    bound: BoundMapping
    people: People
    connections: Connections
    fingerprint: str
    misfit: str | None = None

    def connector(self, side: str) -> Connector:
        """The connector of a side."""
        return self.connections.get(self.bound.sides[side].connection)

    def ref(self, side: str, external_id: str) -> str:
        """The ref of a record on a side."""
        there = self.bound.sides[side]
        return f"{there.connection}:{there.object}:{external_id}"

    def sides_of(self, connection: str, object_: str) -> tuple[str, ...]:
        """The sides that a record of this connection and object may belong to."""
        return tuple(
            n for n, side in self.bound.sides.items() if (side.connection, side.object) == (connection, object_)
        )

    def rule(self, field: str) -> str:
        """Where in the file a field's rule stands, and of which version of the file."""
        line, _column = self.loaded.at(("fields", field))
        return f"{self.loaded.file}:{line}@{self.loaded.version}"


@dataclass(frozen=True)
class _Kept:
    """A mapping in force, the version of the file last `tried`, and until when both are believed."""

    loaded: Loaded
    bound: BoundMapping
    tried: str
    until: float
    misfit: str | None = None


class LiveMappings:
    """Gives the mapping in force, always from the workspace's newest good files."""

    def __init__(self, workspace: Callable[[], Workspace], connections: Connections) -> None:
        self._workspace = workspace
        self._connections = connections
        self._kept: dict[str, _Kept] = {}
        self._lock = asyncio.Lock()

    async def get(self, name: str) -> Live | None:
        """The mapping, or None where the workspace has none of this name.

        A version that does not fit the live systems leaves the one before in force. Raises BindError where there is
        none before, and what connectors raise when asked for their fields.
        """
        workspace = self._workspace()
        loaded = workspace.mappings.get(name)
        if loaded is None:
            return None
        async with self._lock:
            kept = self._kept.get(name)
            if kept is None or kept.tried != loaded.version or kept.until < time.monotonic():
                kept = await self._bind(loaded, kept)
                self._kept[name] = kept
        people = People(workspace.people)
        return Live(kept.loaded, kept.bound, people, self._connections, fingerprint(kept.bound), kept.misfit)

    async def _bind(self, loaded: Loaded, before: _Kept | None) -> _Kept:
        described = await self._describe(loaded)
        try:
            bound, _warnings = bind(loaded.mapping, described)
        except BindError as error:
            if before is None:
                raise
            misfit = f"version {loaded.version} does not fit the live systems, the one before stays in force: {error}"
            return replace(before, tried=loaded.version, until=time.monotonic() + MISFIT_SECONDS, misfit=misfit)
        return _Kept(loaded, bound, loaded.version, time.monotonic() + DESCRIBE_SECONDS)

    async def _describe(self, loaded: Loaded) -> Mapping[str, ObjectType]:
        sides = loaded.mapping.sides
        described = await asyncio.gather(
            *(self._connections.get(side.connection).describe(side.object, side.scope) for side in sides.values())
        )
        return dict(zip(sides, described, strict=True))


def fingerprint(bound: BoundMapping) -> str:
    """What decides which records belong together: sides, scopes, filters and `match`."""
    sides = [
        [name, side.connection, side.object, side.scope, side.where.source if side.where else None]
        for name, side in bound.sides.items()
    ]
    return hashlib.sha256(json.dumps([sides, bound.match], sort_keys=True, default=str).encode()).hexdigest()
