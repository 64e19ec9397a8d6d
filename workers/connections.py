"""Connectors by connection name, made on first use and made anew when their settings change."""

import asyncio
from collections.abc import Callable

from pydantic import BaseModel, SecretStr, ValidationError

from connectors import lookup
from connectors.contract import Connector
from connectors.throttle import Quota
from mappings.workspace import Workspace
from workers.logs import keep_secret

RETIRE_SECONDS = 600.0
"""What a batch may take at most."""


class WorkspaceConnections:
    """The connectors of a workspace, in one process; `quota` gives what a connection shares with other processes."""

    def __init__(self, workspace: Callable[[], Workspace], quota: Callable[[str], Quota] | None = None) -> None:
        self._workspace, self._quota = workspace, quota
        self._made: dict[str, tuple[object, Connector]] = {}
        self._retiring: set[asyncio.Task[None]] = set()

    def get(self, name: str) -> Connector:
        """The connector of a connection. Raises KeyError where there is none that can be used."""
        model = self._workspace().connections.get(name)
        if model is None:
            raise KeyError(name)
        kept = self._made.get(name)
        if kept is not None and kept[0] == model:
            return kept[1]
        quota = self._quota(name) if self._quota is not None else None
        connector = lookup.connect(model.system, name, connection_settings(self._workspace(), name), quota)
        self._made[name] = (model, connector)
        if kept is not None:
            task = asyncio.create_task(_retire(kept[1]))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)
        return connector

    async def close(self) -> None:
        """Close all."""
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        await asyncio.gather(*(connector.close() for _, connector in self._made.values()), return_exceptions=True)
        self._made.clear()


async def _retire(connector: Connector) -> None:
    """Close a connector whose settings are old, once no batch can still be at work with it."""
    try:
        await asyncio.sleep(RETIRE_SECONDS)
    finally:
        await connector.close()


class SettingsKept:
    """The validated settings of connections, kept until the workspace has others: a webhook must not validate anew."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[object, BaseModel]] = {}

    def get(self, workspace: Workspace, name: str) -> BaseModel:
        """The settings of a connection. Raises KeyError."""
        model = workspace.connections[name]
        kept = self._kept.get(name)
        if kept is None or kept[0] is not model:
            kept = (model, connection_settings(workspace, name))
            self._kept[name] = kept
        return kept[1]


def connection_settings(workspace: Workspace, name: str) -> BaseModel:
    """The validated settings of a connection; its secrets are kept out of every log. Raises KeyError."""
    model = workspace.connections[name]
    values = {key: value for key, value in model.model_dump().items() if key != "system"}
    try:
        settings = lookup.settings_model(model.system).model_validate(values)
    except ValidationError as error:
        raise KeyError(name) from error
    _keep_secrets(settings)
    return settings


def _keep_secrets(value: object) -> None:
    if isinstance(value, SecretStr):
        keep_secret(value.get_secret_value())
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            _keep_secrets(getattr(value, name))
