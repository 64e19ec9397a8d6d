"""What commands work with: the settings, the workspace, the store and Temporal, each with its error in plain words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from workers.cli.output import FAILED, MISUSED, CommandError

if TYPE_CHECKING:
    from temporalio.client import Client

    from mappings.loader import Loaded
    from mappings.workspace import Workspace
    from workers.settings import Settings
    from workflows.store.database import Store

TEMPORAL_SECONDS = 1.5
"""How long a command looks for Temporal: it runs already, or it does not."""


def read_settings() -> "Settings":
    """The settings of this environment. Raises CommandError that names the variable that is wrong."""
    from pydantic import ValidationError

    from workers.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"SYNCLINE_{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
        raise CommandError(f"{'; '.join(wrong)}. Set it right and try again.", MISUSED) from error


def must_be_workspace(settings: "Settings") -> None:
    """Raises CommandError where there is no workspace."""
    folder = settings.workspace
    if not (folder / "connections.yaml").is_file():
        raise CommandError(
            f"there is no workspace at {folder} (no connections.yaml). Type `syncline init {folder}` to make one, or "
            "name another with --workspace.",
            MISUSED,
        )


def read_workspace(settings: "Settings") -> "Workspace":
    """The workspace with its findings. Raises CommandError where there is none."""
    from workers.logs import configure
    from workers.workspace import WorkspaceFolder

    must_be_workspace(settings)
    configure("ERROR")
    return WorkspaceFolder(settings.workspace).current()


def find_mapping(workspace: "Workspace", name: str) -> "Loaded":
    """A mapping in force. Raises CommandError that names the nearest."""
    from mappings.findings import nearest

    if name not in workspace.mappings:
        hint = nearest(name, workspace.mappings)
        raise CommandError(
            f"no usable mapping {name!r}{hint.rstrip('?')}. `syncline check` shows what is wrong.", MISUSED
        )
    return workspace.mappings[name]


@asynccontextmanager
async def opened_store(settings: "Settings") -> AsyncIterator["Store"]:
    """The store of the workspace. Raises CommandError where the database does not answer."""
    from sqlalchemy.exc import SQLAlchemyError

    from workers.logs import configure
    from workflows.store.database import open_store

    configure("ERROR")
    try:
        store = await open_store(settings.store_url)
    except (OSError, SQLAlchemyError) as error:
        # Without the statement and the address that SQLAlchemy adds, which may hold a password.
        reason = getattr(error, "orig", None) or type(error).__name__
        raise CommandError(
            f"the database cannot be opened: {reason}. Is the workspace writable, and SYNCLINE_DATABASE_URL right?"
        ) from error
    try:
        yield store
    finally:
        await store.close()


async def find_temporal(settings: "Settings") -> "Client":
    """A client of the running Temporal. Raises CommandError that says how to start it."""
    from workers.temporal import NoTemporal, address, connect

    try:
        # Knocked at first: a client that found nobody keeps trying in threads of its own while the process ends.
        async with asyncio.timeout(TEMPORAL_SECONDS):
            _reader, writer = await asyncio.open_connection(*address(settings).rsplit(":", 1))
            writer.close()
        return await connect(settings, wait_seconds=TEMPORAL_SECONDS)
    except (OSError, NoTemporal) as error:
        raise CommandError(
            f"no Temporal at {address(settings)}. Start the service with `syncline run`, or set "
            "SYNCLINE_TEMPORAL_ADDRESS to where it runs.",
            FAILED,
        ) from error
