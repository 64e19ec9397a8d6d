"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL both know and SQLAlchemy spells by dialect."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert_into(tx: AsyncConnection, table: Table) -> sqlite.Insert:
    """An insert that offers `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if tx.dialect.name == "postgresql":
        # The two dialects' classes share these methods but no base class that declares them.
        return postgresql.insert(table)  # type: ignore[return-value]
    return sqlite.insert(table)
