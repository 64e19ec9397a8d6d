"""Posts of the stand-ins: what counts as an answer, and which connections are used again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from connectors.standins import posting
from connectors.standins.posting import Answer, Poster, place_of

PLAIN = b"HTTP/1.1 200 OK\r\nX-Hook-Secret: s\r\nContent-Length: 2\r\n\r\n{}"


class Target:
    """Answers every post with `answer`, and hangs up after it unless `stays`."""

    def __init__(self, answer: bytes, *, stays: bool) -> None:
        self.answer = answer
        self.stays = stays
        self.requests: list[bytes] = []
        self.connections = 0
        self.url = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(4))
                writer.write(self.answer)
                if not self.stays:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(answer: bytes, *, stays: bool = True) -> AsyncIterator[tuple[Target, Poster]]:
    """A target, and a poster that is closed before it."""
    target, poster = Target(answer, stays=stays), Poster()
    server = await asyncio.start_server(target, "127.0.0.1", 0)
    target.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks/a b?x=1"
    try:
        yield target, poster
    finally:
        poster.close()
        server.close()
        await server.wait_closed()


async def post(target: Target, poster: Poster) -> Answer | None:
    """One post of four bytes."""
    return await poster.post(target.url, b"body", {"X-Signed": "yes"})


async def test_request_is_written_whole() -> None:
    async with listening(PLAIN) as (target, poster):
        assert await post(target, poster) == Answer(200, {"x-hook-secret": "s", "content-length": "2"})
        head, _, body = target.requests[0].partition(b"\r\n\r\n")
        host = target.url.split("/")[2]
        assert head.decode().split("\r\n") == [
            "POST /hooks/a%20b?x=1 HTTP/1.1", f"Host: {host}", "X-Signed: yes", "Content-Length: 4",
        ]  # fmt: skip
        assert body == b"body"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 503),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 200),
    ],
)
async def test_connection_is_used_again(answer: bytes, status: int) -> None:
    async with listening(answer) as (target, poster):
        answers = [await post(target, poster) for _ in range(3)]
        assert [one and one.status_code for one in answers] == [status] * 3
        assert (len(target.requests), target.connections) == (3, 1)


@pytest.mark.parametrize("answer", [PLAIN, b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"])
async def test_closed_connection_is_replaced(answer: bytes) -> None:
    async with listening(answer, stays=False) as (target, poster):
        for _ in range(3):
            told = await post(target, poster)
            assert told is not None
            await asyncio.sleep(0.05)
        assert target.connections == 3


async def test_idle_connection_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "IDLE_SECONDS", 0.0)
    async with listening(PLAIN) as (target, poster):
        for _ in range(2):
            assert await post(target, poster) is not None
            await asyncio.sleep(0.01)
        assert target.connections == 2


@pytest.mark.parametrize("head", [b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\n", b"HTTP/1.1 200 OK\r\nServer: old\r\n\r\n"])
async def test_close_ends_unmeasured_answer(head: bytes) -> None:
    async with listening(head + b"anything", stays=False) as (target, poster):
        assert await post(target, poster) == Answer(200, {"server": "old"})


@pytest.mark.parametrize(
    "answer", [b"", PLAIN[:-1], PLAIN[:20], b"HTTP/1.1 200 OK\r\nServer: old\r\n", b"SSH-2.0-OpenSSH_9.6\r\n"]
)
async def test_broken_answer_is_none(answer: bytes) -> None:
    async with listening(answer, stays=False) as (target, poster):
        assert await post(target, poster) is None


async def test_silent_target_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "TIMEOUT_SECONDS", 0.05)
    async with listening(b"") as (target, poster):
        assert await post(target, poster) is None
        assert await post(target, poster) is None
        assert target.connections == 2


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "ftp://127.0.0.1/x", "http:///x", "http://127.0.0.1:99999/x", ""]
)
async def test_unreachable_target_is_none(url: str) -> None:
    assert await Poster().post(url, b"{}", {}) is None


def test_place_has_default_ports() -> None:
    places = [place_of(url) for url in ("http://a.example", "https://user:word@a.example/x", "http://[::1]:8/")]
    assert [(place.host, place.port, place.tls) for place in places] == [
        ("a.example", 80, False), ("a.example", 443, True), ("::1", 8, False),
    ]  # fmt: skip
    assert [place.head.split("Host: ")[1].strip() for place in places] == ["a.example", "a.example", "[::1]:8"]
