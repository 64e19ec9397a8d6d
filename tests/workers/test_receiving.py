"""Webhooks at the gateway's door: what is refused starts nothing and is told once, what is answered 2xx is kept."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import LogCapture

from tests.conftest import Place
from tests.service import Service
from tests.workers.front_door import BODY_LIMIT, SECRETS, front_door, post, signed, taken_in, updated

HUGE = b'{"x": "' + b"x" * BODY_LIMIT + b'"}'
NOT_JSON = b"<xml>issue 1</xml>"
REFUSED: dict[str, tuple[str, bytes, dict[str, str], int]] = {
    "unsigned": ("eng-jira", updated(1), {}, 401),
    "wrongly signed": ("eng-jira", updated(1), signed(updated(1), "a guess"), 401),
    "signed for something else": ("eng-jira", updated(1), signed(updated(2)), 401),
    "weak algorithm": ("eng-jira", updated(1), {"X-Hub-Signature": "sha1=00"}, 401),
    "signature of odd bytes": ("eng-jira", updated(1), {"X-Hub-Signature": "sha256=\u00e9"}, 401),
    "no secret configured": ("bare-jira", updated(1), signed(updated(1), ""), 401),
    "no handshake yet": ("mkt-asana/1204001", b'{"events": []}', {"X-Hook-Signature": "00"}, 401),
    "unasked handshake": ("mkt-asana/1204001", b"", {"X-Hook-Secret": "planted"}, 401),
    "too large": ("eng-jira", HUGE, signed(HUGE), 413),
    "not JSON": ("eng-jira", NOT_JSON, signed(NOT_JSON), 400),
    "not an object": ("eng-jira", b"[1]", signed(b"[1]"), 400),
    "unknown event": ("eng-jira", b'{"webhookEvent": "x"}', signed(b'{"webhookEvent": "x"}'), 400),
    "unknown connection": ("nowhere", updated(1), signed(updated(1)), 404),
}


@pytest.fixture(scope="module")
def door(places: Callable[[], Place], tmp_path_factory: pytest.TempPathFactory, service_url: str) -> Iterator[Service]:
    with front_door(tmp_path_factory.mktemp("door"), places(), database_url=service_url) as service:
        yield service


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the desk logs, before anything is blacked out."""
    capture = LogCapture()
    monkeypatch.setattr("workers.receiving.log", structlog.wrap_logger(structlog.PrintLogger(), processors=[capture]))
    return capture.entries


@pytest.mark.parametrize("case", REFUSED)
def test_bad_delivery_is_refused(door: Service, told: list[Any], case: str) -> None:
    path, body, headers, status = REFUSED[case]
    before = taken_in(door)
    answer = post(door, path, body, {name: value.encode("latin-1") for name, value in headers.items()})  # type: ignore[misc]
    assert answer.status_code == status
    assert [(line["event"], line["status"]) for line in told] == [("webhook refused", status)]
    assert told[0]["reason"] == answer.json()["error"]
    assert not any(secret in f"{told} {answer.text}" for secret in (*SECRETS, "planted"))
    assert taken_in(door) == before


def test_repeat_takes_effect_once(door: Service, told: list[Any]) -> None:
    headers = {**signed(updated(11)), "X-Atlassian-Webhook-Identifier": "delivery-11"}
    answers = [post(door, "eng-jira", updated(11), headers).status_code for _ in range(3)]
    assert answers == [200, 200, 200]
    assert taken_in(door).count("eng-jira:issue:11") == 1
    assert told == []


def test_burst_loses_nothing(door: Service) -> None:
    numbers = range(1000, 1100)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: post(door, "eng-jira", updated(n), signed(updated(n))), numbers))
    assert {answer.status_code for answer in answers} == {200}
    assert {f"eng-jira:issue:{number}" for number in numbers} <= set(taken_in(door))


def test_ignored_event_starts_nothing(door: Service) -> None:
    body, before = b'{"webhookEvent": "sprint_started"}', taken_in(door)
    assert post(door, "eng-jira", body, signed(body)).status_code == 200
    assert taken_in(door) == before


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_is_served(door: Service, method: str) -> None:
    assert httpx.request(method, f"{door.url}/hooks/eng-jira").status_code == 405
