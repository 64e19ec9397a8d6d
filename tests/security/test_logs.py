"""No log line holds a secret: not by its value, wherever it stands, and not under a name that says what it is."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from workers import logs

SECRET = "hush-hush-token"


@pytest.fixture(params=[False, True], ids=["json", "terminal"])
def lines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """What was logged, with logging as a process sets it up; put back afterwards."""
    root, told = logging.getLogger(), io.StringIO()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    monkeypatch.setattr(sys, "stderr", told)
    monkeypatch.setattr(logs, "_secrets", {SECRET})
    logs.configure("INFO", terminal=request.param)
    yield told.getvalue
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


HOLDERS: dict[str, Any] = {
    "text": f"Bearer {SECRET}",
    "dict": {"a": {"b": [SECRET]}},
    "key": {SECRET: 1},
    "tuple": ((SECRET,),),
    "set": {SECRET},
    "bytes": SECRET.encode(),
    "error": ValueError(SECRET),
    "address": f"https://bot:{SECRET}@acme.example/?token={SECRET}",
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_value_is_blacked_out(lines: Callable[[], str], holder: str) -> None:
    structlog.get_logger().info("asked", detail=HOLDERS[holder])
    logging.getLogger("vendor").warning("asked %s", HOLDERS[holder])
    told = lines()
    assert SECRET not in told
    assert told.count(logs.HIDDEN) >= 2


def test_traceback_is_blacked_out(lines: Callable[[], str]) -> None:
    try:
        int(f"no number but {SECRET}")
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("vendor").exception("failed with %r", {"a": SECRET})
    told = lines()
    assert told.count("Traceback") == 2
    assert SECRET not in told


@pytest.mark.parametrize(
    "name", ["authorization", "Authorization", "X-Hub-Signature", "X-Hook-Secret", "api_key", "password", "Set-Cookie"]
)
def test_named_secret_is_blacked_out(lines: Callable[[], str], name: str) -> None:
    structlog.get_logger().info("asked", headers={name: "never seen before"}, **{name: "never seen before"})
    told = lines()
    assert "never seen" not in told
    assert told.count(logs.HIDDEN) == 2


def test_json_where_nobody_watches(lines: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    logs.configure("INFO")
    structlog.get_logger().info("asked", token="never seen before")
    assert json.loads(told.getvalue())["token"] == logs.HIDDEN
