"""A stand-in for each test, connectors for us and for a person beside us, and a way to act on the vendor directly."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from connectors.asana import cache
from connectors.asana.connector import AsanaConnector
from connectors.asana.settings import Auth, Settings
from connectors.standins.asana.app import build
from connectors.standins.control import Control
from connectors.standins.server import running

PROJECT = "1204001"
WORKSPACE = "1200001"
SCOPE = {"project": PROJECT}

Connect = Callable[..., AsanaConnector]


@pytest.fixture
def control() -> Control:
    return Control()


@pytest.fixture
def url(control: Control, request: pytest.FixtureRequest) -> Iterator[str]:
    """The stand-in's address; `@pytest.mark.parametrize("url", [{...}], indirect=True)` gives it options."""
    with running(build(control, **getattr(request, "param", {}))) as address:
        yield address


@pytest_asyncio.fixture
async def connect(url: str) -> AsyncIterator[Connect]:
    """Makes connectors: `connect(token=..., marker=...)`."""
    async with AsyncExitStack() as stack:

        def made(token: str = "bot-token", **more: Any) -> AsanaConnector:
            settings = Settings(url=f"{url}/api/1.0", auth=Auth(token=SecretStr(token)), read_timeout=2.0, **more)
            connector = AsanaConnector("desk", settings)
            stack.push_async_callback(connector.close)
            return connector

        yield made


@pytest.fixture
def connector(connect: Connect) -> AsanaConnector:
    return connect()


@pytest.fixture
def ana(connect: Connect) -> AsanaConnector:
    return connect("ana-token")


@pytest.fixture
def vendor(url: str) -> Iterator[Callable[..., Any]]:
    """`vendor("PUT", "/tasks/1", {...})`: a request as Ana makes it, past our connector."""
    with httpx.Client(base_url=url, headers={"Authorization": "Bearer ana-token"}) as client:

        def call(method: str, path: str, data: dict[str, Any] | None = None) -> Any:
            full = path if path.startswith("/__control") else f"/api/1.0{path}"
            body = data if path.startswith("/__control") else {"data": data or {}}
            answer = client.request(method, full, json=None if method == "GET" else body)
            answer.raise_for_status()
            return answer.json().get("data")

        yield call


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every refresh of cached names through, however soon after the last."""
    monkeypatch.setattr(cache, "MIN_AGE_SECONDS", 0.0)
