"""Reading many tasks: each answer inside a batch has a status of its own."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.asana.connector import AsanaConnector
from connectors.asana.connector import connect as connect_to
from connectors.asana.settings import Auth, Settings
from connectors.errors import AuthFailed, ConnectorError, RateLimited, Unavailable
from connectors.settings import ConnectionSettings
from connectors.standins.server import running
from tests.connectors.asana.conftest import PROJECT


async def _batch(request: Request) -> JSONResponse:
    """Answers each read with the status that the task's gid spells."""
    results: list[dict[str, Any]] = []
    for action in (await request.json())["data"]["actions"]:
        status = int(action["relative_path"].rsplit("/", 1)[1])
        body = {"data": {"gid": str(status)}} if status == 200 else {"errors": [{"message": "no"}]}
        results.append({"status_code": status, "headers": {"Retry-After": "9"}, "body": body})
    return JSONResponse({"data": results})


@pytest_asyncio.fixture
async def batching() -> AsyncIterator[AsanaConnector]:
    with running(Starlette(routes=[Route("/batch", _batch, methods=["POST"])])) as url:
        connector = AsanaConnector("desk", Settings(url=url, auth=Auth(token=SecretStr("t"))))
        yield connector
        await connector.close()


async def test_hidden_tasks_are_absent(batching: AsanaConnector) -> None:
    assert await batching.tasks(["200", "404", "403"], ["name"]) == [{"gid": "200"}]


@pytest.mark.parametrize(("status", "error"), [(401, AuthFailed), (429, RateLimited), (500, Unavailable)])
async def test_failure_within_batch_raises(batching: AsanaConnector, status: int, error: type[ConnectorError]) -> None:
    with pytest.raises(error) as caught:
        await batching.tasks(["200", str(status)], ["name"])
    assert getattr(caught.value, "retry_after", 9.0) == 9.0


async def test_numeric_project_will_do(connector: AsanaConnector) -> None:
    scope = {"project": int(PROJECT)}
    record = (await connector.create("task", scope, {"name": "Launch page", "section": "Doing"}, "mark-1")).record
    moved = (await connector.update(record, {"section": "Done"}, {})).record
    assert (await connector.edits(moved, ["section"]))["section"].by == "Syncline Bot"
    assert connector.hook_names("task", scope) == (PROJECT,)


def test_settings_of_another_system() -> None:
    with pytest.raises(TypeError, match="desk"):
        connect_to("desk", ConnectionSettings(url="https://acme.example"))
