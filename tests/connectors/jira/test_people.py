"""Finding people: Jira matches prefixes and names, and hides emails."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.jira.client import Client
from connectors.jira.people import Directory
from connectors.jira.settings import Settings
from connectors.standins.server import running

Person = dict[str, Any]
ANA: Person = {"accountId": "1", "displayName": "Ana", "emailAddress": "Ana@acme.example", "active": True}
ANABEL: Person = {"accountId": "2", "displayName": "Anabel", "emailAddress": "ana@acme.example.org", "active": True}
HIDDEN: Person = {"accountId": "3", "displayName": "Hidden", "active": True}
GONE: Person = {**ANA, "accountId": "4", "active": False}


@pytest.mark.parametrize(
    ("hits", "found"),
    [
        ([], None),
        ([ANA], "1"),
        ([ANABEL, ANA], "1"),
        ([ANABEL], None),
        ([HIDDEN], "3"),
        ([HIDDEN, ANA], "1"),
        ([HIDDEN, HIDDEN], None),
        ([ANA, {**ANA, "accountId": "5"}], None),
        ([GONE], None),
        ([GONE, ANA], "1"),
    ],
)
async def test_email_finds_one_person(hits: list[Person], found: str | None) -> None:
    async def search(_request: Request) -> Response:
        return JSONResponse(hits)

    with running(Starlette(routes=[Route("/rest/api/3/user/search", search)])) as url:
        given = {"url": url, "auth": {"token": "x"}, "deployment": "cloud"}
        client = Client("eng-jira", Settings.model_validate(given))
        user = await Directory(client).by_email("ana@ACME.example")
        client.close()
    assert (user.id if user else None) == found


async def test_unknown_zone_is_none() -> None:
    async def myself(_request: Request) -> Response:
        return JSONResponse({**ANA, "timeZone": "Mars/Olympus"})

    with running(Starlette(routes=[Route("/rest/api/3/myself", myself)])) as url:
        given = {"url": url, "auth": {"token": "x"}, "deployment": "cloud"}
        client = Client("eng-jira", Settings.model_validate(given))
        assert await Directory(client).time_zone() is None
        client.close()
