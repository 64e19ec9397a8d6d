"""Asana's handshake: only while we are registering, and its secret is kept encrypted."""

import hashlib
import hmac
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.conftest import Place
from tests.service import Service
from tests.workers.front_door import front_door, post, taken_in
from workers.secrets import PREFIX, SecretBox
from workflows.store import hooks

HANDED = "the secret that Asana hands over"


@pytest.fixture
def door(places: Callable[[], Place], tmp_path: Path) -> Iterator[Service]:
    with front_door(tmp_path, places(), store_key="a key for tests") as service:
        yield service


def expect(service: Service, until: float) -> None:
    """What registering does just before it asks Asana."""

    async def writing() -> None:
        async with service.store.begin() as tx:
            await hooks.expect(tx, "mkt-asana", "1204001", until)

    service.do(writing)


def stored(service: Service) -> str:
    """The secret as it stands in the file."""
    with sqlite3.connect(service.settings.workspace / "syncline.db") as database:
        found = database.execute("select secret from hooks").fetchone()[0]
    database.close()
    return str(found)


def shake_hands(service: Service, secret: str = HANDED) -> int:
    return post(service, "mkt-asana/1204001", b"", {"X-Hook-Secret": secret}).status_code


def test_handshake_only_while_pending(door: Service) -> None:
    assert shake_hands(door) == 401
    expect(door, time.time() - 1)
    assert shake_hands(door) == 401
    expect(door, time.time() + 60)
    answer = post(door, "mkt-asana/1204001", b"", {"X-Hook-Secret": HANDED})
    assert (answer.status_code, answer.headers["X-Hook-Secret"]) == (200, HANDED)

    async def registered() -> None:
        async with door.store.begin() as tx:
            await hooks.registered(tx, "mkt-asana", "1204001", "77")

    door.do(registered)
    assert shake_hands(door, "a later secret") == 401
    assert SecretBox(SecretStr("a key for tests")).open(stored(door)) == HANDED


def test_secret_is_encrypted_at_rest(door: Service) -> None:
    expect(door, time.time() + 60)
    assert shake_hands(door) == 200
    assert stored(door).startswith(PREFIX)
    assert HANDED not in stored(door)
    body = b'{"events": [{"action": "changed", "resource": {"gid": "5", "resource_type": "task"}}]}'
    signature = hmac.new(HANDED.encode(), body, hashlib.sha256).hexdigest()
    assert post(door, "mkt-asana/1204001", body, {"X-Hook-Signature": signature}).status_code == 200
    assert taken_in(door) == ["mkt-asana:task:5"]


@pytest.mark.parametrize("key", [None, SecretStr("another key")])
def test_other_key_is_named(key: SecretStr | None) -> None:
    closed = SecretBox(SecretStr("a key")).close("hidden")
    with pytest.raises(RuntimeError, match="SYNCLINE_STORE_KEY") as refusal:
        SecretBox(key).open(closed)
    assert "hidden" not in str(refusal.value)
