"""Addresses that a vendor's answer names lead nowhere but where a connection may go."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from connectors.contract import Attachment, Connector, Ref
from connectors.errors import Rejected
from connectors.lookup import connect, settings_model
from connectors.outbound import refusal
from tests.security.elsewhere import host

HOME = "https://acme.example"
PRIVATE = [
    "https://169.254.169.254/latest/meta-data", "https://127.0.0.1/", "https://localhost:8233/", "https://[::1]/",
    "https://10.0.0.5/", "https://192.168.1.1/", "https://172.16.0.1/", "https://0.0.0.0/", "https://[fd00::1]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:a9fe:a9fe]/", "https://2130706433/", "https://0x7f.1/",
    "https://127.1/", "https://0177.0.0.1/", "https://[fe80::1]/", "https://100.64.0.1/", "https://224.0.0.1/",
]  # fmt: skip
STRANGE = [
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "ftp://8.8.8.8/", "data:text/plain,x", "//8.8.8.8/", "",
    "http://8.8.8.8/", "https://bot:token@8.8.8.8/", "https://8.8.8.8\\@127.0.0.1/", "https://8.8.8.8 .evil/",
    "https://8.8.8.8/\r\nHost: x", "https://[8.8.8.8/", "https://8.8.8.8:99999/", "https://",
]  # fmt: skip
FILE = Attachment("77", "plan.txt", 4, datetime(2026, 11, 20, tzinfo=UTC), own=False)
ANSWERS: dict[str, Callable[[str], Response]] = {
    "asana": lambda place: JSONResponse({"data": {"gid": "77", "download_url": place, "size": 4}}),
    "jira": lambda place: RedirectResponse(place, 303),
}


def connector(system: str, url: str) -> Connector:
    more = {"deployment": "cloud"} if system == "jira" else {}
    given = {"url": url, "auth": {"token": "bot-token"}, "read_timeout": 5, "connect_timeout": 1, **more}
    return connect(system, "desk", settings_model(system).model_validate(given))


async def download(system: str, place: str, to: Path, seen: list[Request] | None = None) -> None:
    """Download a file that the vendor says is at `place`; the vendor is on 127.0.0.1."""
    with host(lambda _: ANSWERS[system](place)) as vendor:
        made = connector(system, vendor.url)
        try:
            await made.download(FILE, Ref("desk", "issue", "1"), to, 1_000)
        finally:
            await made.close()


@pytest.mark.parametrize("url", PRIVATE)
def test_private_address_is_refused(url: str) -> None:
    assert "private address" in (refusal(url, HOME) or "")


@pytest.mark.parametrize("url", STRANGE)
def test_strange_address_is_refused(url: str) -> None:
    assert refusal(url, HOME)


@pytest.mark.parametrize(
    ("url", "home"),
    [
        ("https://8.8.8.8/file?token=a%20b", HOME),
        ("https://[2001:4860:4860::8888]/file", HOME),
        ("https://10.0.0.5/jira/secure/attachment/1", "https://10.0.0.5/jira"),
        ("https://10.0.0.5:443/file", "https://10.0.0.5"),
        ("http://localhost:8901/media/1", "http://127.0.0.1:8901"),
    ],
)
def test_known_address_is_allowed(url: str, home: str) -> None:
    assert refusal(url, home) is None


@pytest.mark.parametrize("url", ["http://10.0.0.6:8080/", "http://10.0.0.5:6379/", "http://127.0.0.1:8080/"])
def test_neighbour_is_refused(url: str) -> None:
    assert "private address" in (refusal(url, "http://10.0.0.5:8080") or "")


def test_every_address_must_be_public(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"files.example": ("8.8.8.8", "10.0.0.5"), "acme.example": ("8.8.4.4",)}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: [(2, 1, 6, "", (ip, 0)) for ip in known[host]])
    assert "private address" in (refusal("https://files.example/", HOME) or "")


@pytest.mark.parametrize("system", ["asana", "jira"])
@pytest.mark.parametrize("place", ["http://169.254.169.254/latest", "file:///etc/passwd", "gopher://127.0.0.1:1/"])
async def test_connector_fetches_nothing_there(system: str, place: str, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="not safe to follow"):
        await download(system, place, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("system", ["asana", "jira"])
async def test_neighbour_is_never_asked(system: str, tmp_path: Path) -> None:
    with host() as neighbour:
        with pytest.raises(Rejected, match="not safe to follow"):
            await download(system, f"{neighbour.url}/metrics", tmp_path / "copy")
        assert neighbour.asked == []
    assert not (tmp_path / "copy").exists()


async def test_endless_redirects_end(tmp_path: Path) -> None:
    with host(lambda request: RedirectResponse(f"{request.url}x", 302)) as vendor:
        made = connector("jira", vendor.url)
        with pytest.raises(Exception, match="redirect"):
            await made.download(FILE, Ref("desk", "issue", "1"), tmp_path / "copy", 1_000)
        await made.close()
        assert len(vendor.asked) <= 10
