"""Credentials go to the connection's own address and nowhere else, wherever its answers point."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from connectors.contract import Attachment, Connector, Ref
from connectors.errors import ConnectorError
from tests.security.elsewhere import Host, host
from tests.security.test_addresses import connector

CALLS: dict[str, Callable[[Connector, Ref], Awaitable[Any]]] = {
    "me": lambda made, ref: made.me(),
    "comments": lambda made, ref: made.comments(ref),
    "add comment": lambda made, ref: made.add_comment(ref, "Hello"),
    "delete": lambda made, ref: made.delete(ref),
    "scan": lambda made, ref: made.scan(ref.object, {"project": "1"}, None, []),
    "files": lambda made, ref: made.attachments(ref),
}
REF = {"jira": Ref("desk", "issue", "10001"), "asana": Ref("desk", "task", "1205001")}
FILE = Attachment("77", "plan.txt", 4, datetime(2026, 11, 20, tzinfo=UTC), own=False)


@asynccontextmanager
async def between(system: str, answer: Callable[[str, Request], Response]) -> AsyncIterator[tuple[Connector, Host]]:
    """A connector to a vendor that answers by `answer(the other host's address, request)`, and the other host."""
    with host(lambda _: JSONResponse({"data": []})) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        with host(lambda request: answer(elsewhere, request)) as vendor:
            made = connector(system, vendor.url)
            yield made, other
            await made.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("system", ["asana", "jira"])
async def test_redirect_is_not_followed(system: str, status: int) -> None:
    async with between(system, lambda url, request: RedirectResponse(f"{url}{request.url.path}", status)) as parts:
        made, other = parts
        for call in CALLS.values():
            with pytest.raises(ConnectorError):
                await call(made, REF[system])
        assert other.asked == []


async def test_probe_follows_no_redirect() -> None:
    """After a 404 we ask who we are, which a stranger is told by a redirect to a page of sign-in."""

    def answer(url: str, request: Request) -> Response:
        return RedirectResponse(f"{url}/login") if request.url.path.endswith("/myself") else Response(status_code=404)

    async with between("jira", answer) as (made, other):
        with pytest.raises(ConnectorError):
            await made.comments(REF["jira"])
        assert other.asked == []


async def test_next_page_stays_at_home() -> None:
    """Asana names the next page by its whole address too; only the offset in it is used."""
    asked: list[Request] = []

    def answer(url: str, request: Request) -> Response:
        asked.append(request)
        if request.url.path.endswith("/users/me"):
            return JSONResponse({"data": {"gid": "1", "name": "Bot"}})
        after = None if "offset" in request.query_params else {"offset": "o1", "uri": f"{url}/x", "path": f"{url}/x"}
        return JSONResponse({"data": [], "next_page": after})

    async with between("asana", answer) as (made, other):
        assert await made.comments(REF["asana"]) == []
        assert [request.query_params.get("offset") for request in asked[-2:]] == [None, "o1"]
        assert other.asked == []


async def test_self_links_are_not_followed() -> None:
    """Every thing in Jira's answers names its own address, and so does a server its `baseUrl`."""

    def answer(url: str, request: Request) -> Response:
        comment = {"id": "1", "self": f"{url}/comment/1", "created": "2026-11-20T10:00:00.000+0000", "body": None}
        page = {
            "self": url,
            "nextPage": f"{url}/next",
            "comments": [comment],
            "total": 1,
            "accountId": "a",
            "key": "E-1",
        }
        return JSONResponse({**page, "id": "10001", "deploymentType": "Cloud", "baseUrl": url, "fields": {}})

    async with between("jira", answer) as (made, other):
        (comment,) = await made.comments(REF["jira"])
        assert comment.id == "1"
        assert other.asked == []


@pytest.mark.parametrize("system", ["asana", "jira"])
async def test_file_is_asked_without_token(system: str, tmp_path: Path) -> None:
    """The same machine under another name, which the connection may reach, and which is not trusted with a token."""
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        if request.url.path == "/media":
            return Response("plan")
        place = f"{str(request.base_url).replace('127.0.0.1', 'localhost')}media"
        return RedirectResponse(place, 303) if system == "jira" else JSONResponse({"data": {"download_url": place}})

    with host(answer) as vendor:
        made = connector(system, vendor.url)
        await made.download(FILE, REF[system], tmp_path / "copy", 1_000)
        await made.close()
    assert (tmp_path / "copy").read_text() == "plan"
    assert ["authorization" in request.headers for request in asked] == [True, False]
    assert "cookie" not in asked[1].headers
