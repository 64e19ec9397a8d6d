"""The gateway's door takes in nothing that was not signed by the vendor, over these bytes, for this hook."""

import gzip
import hashlib
import hmac
import socket
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.conftest import Place
from tests.service import Service
from tests.workers.front_door import BODY_LIMIT, FILES, SECRET, front_door, post, signed, taken_in, updated
from workflows.store import hooks

BODY = updated(1)
SIGNATURE = signed(BODY)["X-Hub-Signature"]
DIGEST = SIGNATURE.partition("=")[2]
HEADER = "X-Hub-Signature"
ZIPPED = gzip.compress(updated(2) + b" " * 50_000_000)


def sha1(body: bytes) -> str:
    return hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()


FORGED: dict[str, list[tuple[str, str]]] = {
    "nothing": [],
    "an empty header": [(HEADER, "")],
    "no algorithm": [(HEADER, DIGEST)],
    "none": [(HEADER, "none=")],
    "an empty digest": [(HEADER, "sha256=")],
    "sha1": [(HEADER, f"sha1={sha1(BODY)}")],
    "sha1 under another name": [(HEADER, f"sha256={sha1(BODY)}")],
    "a plain hash": [(HEADER, f"sha256={hashlib.sha256(BODY).hexdigest()}")],
    "an empty secret": [(HEADER, signed(BODY, "")[HEADER])],
    "other bytes": [(HEADER, signed(BODY + b" ")[HEADER])],
    "part of the digest": [(HEADER, SIGNATURE[:-1])],
    "more than the digest": [(HEADER, SIGNATURE + "0")],
    "two in one": [(HEADER, f"sha256=00, {SIGNATURE}")],
    "a right one and a wrong one": [(HEADER, SIGNATURE), (HEADER, "sha256=00")],
    "another header": [("X-Hook-Signature", DIGEST), ("X-Signature", SIGNATURE), ("Authorization", SIGNATURE)],
    "the header of the body's type": [("Content-Type", f"application/json; {HEADER}={SIGNATURE}")],
    "a handshake": [("X-Hook-Secret", SECRET)],
}
TRICKS = [
    "/hooks/../hooks/eng-jira", "/hooks/%2e%2e/hooks/bare-jira", "//hooks/eng-jira", "/hooks//eng-jira", "/hooks",
    "/hooks/", "/hooks/eng-jira/..", "/hooks/eng-jira/%2e%2e/mkt-asana", "/hooks/eng-jira%00", "/hooks/ENG-JIRA",
    "/hooks/eng-jira%20", "/hooks/%65ng-jira;x", "/hooks/eng-jira/a/b", "/hooks/bare-jira%2f..%2feng-jira",
    "/HOOKS/eng-jira", "/api/../hooks/eng-jira", "/hooks/mkt-asana/../eng-jira", "/hooks/eng-jira?x=/../y#z",
]  # fmt: skip


def raw(service: Service, target: str, *lines: str, body: bytes = BODY, method: str = "POST") -> int:
    """Send a request as it stands, which a client would tidy up; the status of the answer."""
    host, _, port = service.settings.http.rpartition(":")
    head = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", *lines]
    with socket.create_connection((host, int(port)), 10) as wire:
        wire.sendall("\r\n".join([*head, "", ""]).encode() + body)
        return int(wire.recv(100).split()[1])


def length(body: bytes = BODY) -> str:
    return f"Content-Length: {len(body)}"


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
def test_forged_delivery_is_refused(door: Service, headers: list[tuple[str, str]]) -> None:
    before = taken_in(door)
    answer = httpx.post(f"{door.url}/hooks/eng-jira", content=BODY, headers=headers)
    assert answer.status_code == 401
    assert SECRET not in answer.text
    assert DIGEST not in answer.text
    assert taken_in(door) == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_type_of_body_decides_nothing(door: Service, kind: str) -> None:
    body = updated(70 + len(kind))
    assert post(door, "eng-jira", body, {"Content-Type": kind}).status_code == 401
    assert post(door, "eng-jira", body, {"Content-Type": kind, **signed(body)}).status_code == 200
    assert taken_in(door).count(f"eng-jira:issue:{70 + len(kind)}") == 1


@pytest.mark.parametrize("target", TRICKS)
def test_path_trick_opens_nothing(door: Service, target: str) -> None:
    """Without a signature for what is reached in the end, no path leads in."""
    before = taken_in(door)
    assert raw(door, target, length()) in (401, 404)
    assert raw(door, target, length(), f"{HEADER}: {signed(BODY, 'a guess')[HEADER]}") in (401, 404)
    assert taken_in(door) == before


def test_escaped_name_needs_its_signature(door: Service) -> None:
    body = updated(91)
    assert raw(door, "/hooks/%65ng-jira", length(body), body=body) == 401
    assert raw(door, "/hooks/%65ng-jira", length(body), f"{HEADER}: {signed(body)[HEADER]}", body=body) == 200


def test_chunked_body_is_limited(door: Service) -> None:
    chunks = b"".join(b"400\r\n" + b"x" * 1024 + b"\r\n" for _ in range(BODY_LIMIT // 1024 + 1)) + b"0\r\n\r\n"
    assert raw(door, "/hooks/eng-jira", "Transfer-Encoding: chunked", body=chunks) == 413


def test_zipped_body_stays_zipped(door: Service) -> None:
    """What is signed are the bytes that came, so nothing is unpacked, and a bomb has no room to go off."""
    headers = {"Content-Encoding": "gzip"}
    assert post(door, "eng-jira", ZIPPED, {**headers, **signed(ZIPPED)}).status_code == 413
    small = gzip.compress(updated(2))
    assert post(door, "eng-jira", small, {**headers, **signed(updated(2))}).status_code == 401
    assert post(door, "eng-jira", small, {**headers, **signed(small)}).status_code == 400


@pytest.mark.parametrize("body", [b"[" * 9_000, b'{"a":' * 1_500, b'{"issue": {"id": ' + b"9" * 8_000 + b"}}"])
def test_hostile_json_is_malformed(door: Service, body: bytes) -> None:
    assert post(door, "eng-jira", body, signed(body)).status_code == 400


@pytest.mark.parametrize("id_", ["1/../2", "10001 OR 1=1", "\u0661\u0662", "9" * 40, "", "-1", "1\n2"])
def test_hostile_id_is_malformed(door: Service, id_: str) -> None:
    body = updated(1).replace(b'"1"', httpx.Request("POST", "http://x", json=id_).content)
    before = taken_in(door)
    assert post(door, "eng-jira", body, signed(body)).status_code == 400
    assert taken_in(door) == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(door: Service, method: str) -> None:
    assert raw(door, "/hooks/eng-jira", length(), f"{HEADER}: {SIGNATURE}", method=method) in (400, 405)


def test_replay_after_restart_is_harmless(
    places: Callable[[], Place], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What was seen is not kept over a restart: a replay is only a hint to read again, and adds no entry of its own."""
    place, folder = places(), tmp_path_factory.mktemp("replay")
    for _ in range(2):
        with front_door(folder, place) as service:
            assert post(service, "eng-jira", BODY, signed(BODY)).status_code == 200
            assert post(service, "eng-jira", BODY, signed(BODY)).status_code == 200
            seen = taken_in(service)
    assert seen == ["eng-jira:issue:1"] * 2


@pytest.fixture
def pending(door: Service) -> Iterator[Service]:
    """Hook 1204001 is being registered, and no other."""

    async def expect() -> None:
        async with door.store.begin() as tx:
            await hooks.expect(tx, "mkt-asana", "1204001", time.time() + 60)

    async def forget() -> None:
        async with door.store.begin() as tx:
            await hooks.forget(tx, "mkt-asana", "1204001")

    door.do(expect)
    yield door
    door.do(forget)


@pytest.mark.parametrize(
    "path", ["mkt-asana/1204002", "mkt-asana", "eng-jira/1204001", "bare-jira/1204001", "x/1204001"]
)
def test_handshake_elsewhere_is_refused(pending: Service, path: str) -> None:
    answer = post(pending, path, b"", {"X-Hook-Secret": "planted by a stranger"})
    assert answer.status_code in (401, 404)
    assert "X-Hook-Secret" not in answer.headers
    assert "planted" not in answer.text


def test_secret_is_good_for_one_hook(pending: Service) -> None:
    body = b'{"events": []}'
    signature = {"X-Hook-Signature": hmac.new(b"the secret", body, hashlib.sha256).hexdigest()}
    assert post(pending, "mkt-asana/1204001", b"", {"X-Hook-Secret": "the secret"}).status_code == 200
    assert post(pending, "mkt-asana/1204001", body, signature).status_code == 200
    assert post(pending, "mkt-asana/1204002", body, signature).status_code == 401
    assert post(pending, "mkt-asana", body, signature).status_code == 401


@pytest.mark.parametrize(("path", "header"), [("eng-jira", HEADER), ("mkt-asana/1204001", "X-Hook-Signature")])
def test_comparison_takes_constant_time(
    pending: Service, monkeypatch: pytest.MonkeyPatch, path: str, header: str
) -> None:
    compared: list[tuple[bytes, bytes]] = []
    real = hmac.compare_digest

    def spy(own: bytes, given: bytes) -> bool:
        compared.append((own, given))
        return real(own, given)

    monkeypatch.setattr(hmac, "compare_digest", spy)
    post(pending, "mkt-asana/1204001", b"", {"X-Hook-Secret": "the secret"})
    given = "sha256=" + "0" * 64 if path == "eng-jira" else "0" * 64
    assert post(pending, path, BODY, {header: given}).status_code == 401
    assert [len(own) for own, _ in compared] == [64]
    assert compared[0][1] == b"0" * 64


def test_empty_secret_is_refused(places: Callable[[], Place], tmp_path_factory: pytest.TempPathFactory) -> None:
    """It would be one that everybody knows."""
    folder = tmp_path_factory.mktemp("empty")
    with front_door(folder, places()) as service:
        service.put_in_force("connections.yaml", FILES["connections.yaml"].replace(f"secret: {SECRET}", 'secret: ""'))
        assert post(service, "eng-jira", BODY, signed(BODY, "")).status_code in (401, 404)
