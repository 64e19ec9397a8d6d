"""A Jira Cloud to try things on: its control door, our connector, and Ana beside us."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from connectors.jira.connector import JiraConnector
from connectors.jira.settings import Settings
from connectors.standins.control import Control
from connectors.standins.jira.app import build
from connectors.standins.server import running


def settings(url: str, who: str = "bot") -> Settings:
    """A Cloud connection for one of the stand-in's people."""
    auth = {"email": f"{who}@acme.example", "token": f"{who}-token"}
    return Settings.model_validate({"url": url, "auth": auth, "read_timeout": 5.0})


@pytest.fixture
def control() -> Control:
    return Control()


@pytest.fixture
def url(control: Control) -> Iterator[str]:
    with running(build(control)) as url:
        yield url


@pytest_asyncio.fixture
async def jira(url: str) -> AsyncIterator[JiraConnector]:
    connector = JiraConnector("eng-jira", settings(url))
    yield connector
    await connector.close()


@pytest_asyncio.fixture
async def ana(url: str) -> AsyncIterator[JiraConnector]:
    connector = JiraConnector("eng-jira", settings(url, "ana"))
    yield connector
    await connector.close()
