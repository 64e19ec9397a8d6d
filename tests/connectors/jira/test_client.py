"""The wire: what is sent, how often, and to whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from connectors.errors import Rejected, Unavailable
from connectors.jira.client import Client
from connectors.jira.settings import Settings
from connectors.standins.server import running


class Wire:
    """A server that notes what arrives and answers as its path says."""

    def __init__(self) -> None:
        self.seen: list[Request] = []
        self.elsewhere = ""
        self.app = Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST"])])

    async def answer(self, request: Request) -> Response:
        self.seen.append(request)
        match request.url.path.rpartition("/")[2]:
            case "serverInfo":
                return JSONResponse({"deploymentType": "Cloud", "baseUrl": "https://acme.example/"})
            case "html":
                return HTMLResponse("<html>Sign in</html>")
            case "moved":
                return RedirectResponse("/rest/api/3/html", 302)
            case "file":
                return RedirectResponse(f"{self.elsewhere}/media", 303)
            case "media":
                return StreamingResponse(iter([b"x" * 1000] * 1000))
        return JSONResponse({"sent": request.headers.get("authorization", "")})


@contextmanager
def client(wire: Wire, auth: dict[str, str], deployment: str | None = "cloud") -> Iterator[Client]:
    with running(wire.app) as url:
        wire.elsewhere = url.replace("127.0.0.1", "localhost")
        given = {"url": url, "auth": auth, "deployment": deployment}
        made = Client("eng-jira", Settings.model_validate(given))
        yield made
        made.close()


BASIC = {"email": "bot@acme.example", "token": "secret-token\n"}
BEARER = {"token": "secret-token"}


@pytest.mark.parametrize(
    ("auth", "header"), [(BASIC, "Basic Ym90QGFjbWUuZXhhbXBsZTpzZWNyZXQtdG9rZW4="), (BEARER, "Bearer secret-token")]
)
async def test_token_signs_requests(auth: dict[str, str], header: str) -> None:
    with client(Wire(), auth) as made:
        assert await made.get("anything") == {"sent": header}


async def test_edition_is_asked_once() -> None:
    wire = Wire()
    with client(wire, BASIC, None) as made:
        await made.get("one")
        await made.get("two")
        assert made.site == "https://acme.example"
    assert [request.url.path for request in wire.seen] == [
        "/rest/api/2/serverInfo",
        "/rest/api/3/one",
        "/rest/api/3/two",
    ]


@pytest.mark.parametrize(("path", "text"), [("html", "no JSON"), ("moved", "set `url`")])
async def test_strange_answer_is_unavailable(path: str, text: str) -> None:
    wire = Wire()
    with client(wire, BASIC) as made, pytest.raises(Unavailable, match=text):
        await made.post(path, {})
    assert len(wire.seen) == 1


@pytest.mark.parametrize("auth", [BASIC, BEARER])
async def test_other_host_sees_no_token(auth: dict[str, str], tmp_path: Path) -> None:
    wire = Wire()
    with client(wire, auth) as made:
        await made.download("file", tmp_path / "copy", 1_000_000)
    asked, followed = wire.seen
    assert "authorization" in asked.headers
    assert "authorization" not in followed.headers
    assert (tmp_path / "copy").stat().st_size == 1_000_000


async def test_endless_file_is_cut(tmp_path: Path) -> None:
    with client(Wire(), BASIC) as made, pytest.raises(Rejected, match="999999 bytes"):
        await made.download("file", tmp_path / "copy", 999_999)
    assert not (tmp_path / "copy").exists()


async def test_file_is_sent_as_form(tmp_path: Path) -> None:
    wire = Wire()
    (tmp_path / "plan").write_bytes(b"plan")
    with client(wire, BASIC) as made:
        await made.upload("issue/1/attachments", tmp_path / "plan", "Plan.txt", "text/plain")
    (request,) = wire.seen
    assert request.headers["x-atlassian-token"] == "no-check"
    assert request.headers["content-type"].startswith("multipart/form-data")
