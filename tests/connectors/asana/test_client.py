"""The vendor's package wrapped: what each answer and each broken connection becomes."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from connectors.asana.client import Client, Forbidden, SyncExpired, failure
from connectors.asana.settings import Auth, Settings
from connectors.errors import AuthFailed, Conflict, ConnectorError, NotFound, RateLimited, Rejected, Unavailable
from connectors.standins.server import running

HTML = b"<html><body>502 from a proxy, secret-token</body></html>"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, Unavailable),
        (400, Rejected),
        (401, AuthFailed),
        (402, Rejected),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (412, Conflict),
        (418, Rejected),
        (429, RateLimited),
        (451, Rejected),
        (500, Unavailable),
        (504, Unavailable),
    ],
)
def test_status_becomes_error(status: int, error: type[ConnectorError]) -> None:
    body = b'{"errors":[{"message":"name: Too long"}]}'
    assert type(failure("PUT /tasks/1", status, {}, body)) is error


@pytest.mark.parametrize("status", [200, 400, 403, 404, 502])
def test_page_of_proxy_is_unavailable(status: int) -> None:
    error = failure("GET /tasks/1", status, {}, HTML)
    assert isinstance(error, Unavailable)
    assert len(str(error)) < 100


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("due_on: Not a valid date: x", ["due_on"]),
        ("html_notes: XML is invalid", ["notes"]),
        ("custom_fields[1300]: Not a number: x", ["1300"]),
        ("Custom field with ID 1300 is not on given object", ["1300"]),
        ("XML is invalid: <p> is not supported here", []),
    ],
)
def test_refusal_names_its_field(message: str, fields: list[str]) -> None:
    error = failure("PUT /tasks/1", 400, {}, {"errors": [{"message": message}]})
    assert isinstance(error, Rejected)
    assert list(error.fields) == fields
    assert message in str(error)


@pytest.mark.parametrize(("header", "seconds"), [({"Retry-After": "7"}, 7.0), ({}, 60.0), ({"Retry-After": "?"}, 60.0)])
def test_rate_limit_tells_when(header: dict[str, str], seconds: float) -> None:
    error = failure("GET /tasks", 429, header, b"")
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_expired_token_carries_new() -> None:
    error = failure("GET /events", 412, {}, b'{"errors":[{"message":"Sync token invalid"}],"sync":"next"}')
    assert isinstance(error, SyncExpired)
    assert error.sync == "next"


async def _odd(request: Request) -> Response:
    request.app.state.asked.append((request.scope["raw_path"].decode(), request.url.query))
    match request.path_params["what"]:
        case "changing":
            return Response(b'{"data":{}}', headers={"Asana-Change": "name=new_tasks;affected=true"})
        case "elsewhere":
            return Response(status_code=302, headers={"Location": "/changing"})
        case "empty":
            return Response(b"")
        case _:
            return Response(HTML)


@pytest.fixture
def odd() -> Starlette:
    app = Starlette(routes=[Route("/{what}", _odd, methods=["GET", "PUT"])])
    app.state.asked = []
    return app


@pytest.fixture
def client(odd: Starlette) -> Iterator[Client]:
    with running(odd) as url:
        client = Client(Settings(url=url, auth=Auth(token=SecretStr("secret-token"))))
        yield client
        client.close()


@pytest.mark.parametrize("path", ["/page", "/empty", "/elsewhere"])
async def test_answer_without_data(client: Client, odd: Starlette, path: str) -> None:
    with pytest.raises(Unavailable) as caught:
        await client.request("GET", path)
    assert "secret-token" not in f"{caught.value}"
    assert len(odd.state.asked) == 1


async def test_announced_change_logged_once(client: Client) -> None:
    with capture_logs() as logs:
        await client.request("GET", "/changing")
        await client.request("GET", "/changing")
    assert [entry["change"] for entry in logs] == ["name=new_tasks;affected=true"]


async def test_request_is_spelt_right(client: Client, odd: Starlette) -> None:
    query = {"opt_fields": "name,due_on"}
    with pytest.raises(Unavailable):
        await client.request("PUT", "/{}", "a?b", query=query, data={"name": "x"})
    assert odd.state.asked == [("/a%3Fb", "opt_fields=name%2Cdue_on")]
    assert query == {"opt_fields": "name,due_on"}
