"""Migrations lead from nothing to exactly the tables that the code declares, and may be run again."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from workflows.store.database import Store, open_store
from workflows.store.tables import metadata


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
    return list(compare_metadata(context, metadata))


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


async def test_migrations_equal_the_tables(store: Store) -> None:
    async with store.engine.connect() as connection:
        assert await connection.run_sync(tables) == {*metadata.tables, "alembic_version"}
        assert await connection.run_sync(differences) == []


async def test_opening_again_changes_nothing(store: Store, empty_url: str) -> None:
    again = await open_store(empty_url)
    async with again.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await again.close()
