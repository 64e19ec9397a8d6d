"""An empty, migrated store for each test, on both databases."""

from collections.abc import AsyncIterator

import pytest_asyncio

from workflows.store.database import Store, open_store


@pytest_asyncio.fixture
async def store(empty_url: str) -> AsyncIterator[Store]:
    """The open store."""
    opened = await open_store(empty_url)
    yield opened
    await opened.close()
