"""Batches, limits, faults and files of the Asana stand-in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.connectors.standins.asana_desk import NOWHERE, PROJECT, Desk, at_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with at_desk() as desk:
        yield desk


def read(path: str, **options: Any) -> dict[str, Any]:
    return {"method": "get", "relative_path": path, "options": options}


def test_batch_answers_in_order(desk: Desk) -> None:
    gid = desk.task("Post")
    create = {"method": "post", "relative_path": "/tasks", "data": {"name": "New", "projects": [PROJECT]}}
    actions = [read(f"/tasks/{gid}", fields=["name"]), read(f"/tasks/{NOWHERE}"), create, read("/batch")]
    results = desk.do("POST", "/batch", {"actions": actions}, status=200)
    assert [result["status_code"] for result in results] == [200, 404, 201, 400]
    assert results[0]["body"] == {"data": {"gid": gid, "name": "Post"}}
    assert results[1]["body"]["errors"]


@pytest.mark.parametrize("count", [0, 11])
def test_batch_size_is_bounded(desk: Desk, count: int) -> None:
    desk.refuse("POST", "/batch", {"actions": [read("/users/me")] * count})


def test_batch_counts_each_action(desk: Desk) -> None:
    desk.control.limits = {"requests_per_minute": 5}
    desk.do("POST", "/batch", {"actions": [read("/users/me")] * 6}, status=429)


def test_limit_tells_retry_after(desk: Desk) -> None:
    desk.control.limits = {"requests_per_minute": 2}
    answers = [desk.send("GET", "/users/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) >= 1
    assert not any(name.lower().startswith("x-ratelimit") for name in answers[2].headers)
    assert desk.get("/users/me", token="bo-token")


def test_rejected_calls_count_too(desk: Desk) -> None:
    desk.control.limits = {"requests_per_minute": 2}
    waits = [int(desk.send("GET", "/users/me").headers.get("Retry-After", 0)) for _ in range(4)]
    assert waits == sorted(waits)
    assert waits[3] > waits[2] > 0


def test_concurrent_writes_are_bounded(desk: Desk) -> None:
    desk.control.limits = {"concurrent_writes": 3}
    desk.control.latency = 0.5
    with ThreadPoolExecutor(6) as pool:
        data = {"data": {"name": "x", "projects": [PROJECT]}}
        calls = [pool.submit(desk.send, "POST", "/tasks", json=data) for _ in range(6)]
        statuses = sorted(call.result().status_code for call in calls)
    assert statuses == [201, 201, 201, 429, 429, 429]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_fault_is_worded_like_vendor(desk: Desk, status: int) -> None:
    fault = {"match": "GET /api/1.0/users", "do": "status", "status": status, "retry_after": 2.5}
    desk.control.bend({"faults": [fault]})
    answer = desk.send("GET", "/users/me")
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "3")
    assert ("phrase" in answer.json()["errors"][0]) == (status == 500)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"data": 1}'])
def test_bad_body_is_refused(desk: Desk, body: bytes) -> None:
    assert desk.send("POST", "/tasks", content=body).status_code == 400


def upload(desk: Desk, gid: str, name: str, content: bytes) -> Any:
    answer = desk.send("POST", "/attachments", data={"parent": gid}, files={"file": (name, content)})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_upload_can_be_downloaded(desk: Desk) -> None:
    gid = desk.task()
    made = upload(desk, gid, "%E4%BD%A0%E5%A5%BD.txt", b"hello")
    assert (made["name"], made["size"], made["host"]) == ("你好.txt", 5, "asana")
    listed = desk.get("/attachments", parent=gid, opt_fields="name,download_url")["data"]
    assert httpx.get(listed[0]["download_url"]).content == b"hello"


def test_download_link_expires(desk: Desk) -> None:
    url = upload(desk, desk.task(), "a.txt", b"hello")["download_url"]
    desk.control.skew = 300
    assert httpx.get(url).status_code == 403
    assert httpx.get(url.replace("signature=", "signature=0")).status_code == 403


def test_link_is_attached(desk: Desk) -> None:
    gid = desk.task()
    data = {"resource_subtype": "external", "parent": gid, "name": "Spec", "url": "https://x.example/1"}
    made = desk.do("POST", "/attachments", data)
    assert (made["view_url"], made["download_url"]) == ("https://x.example/1", None)
    assert desk.do("DELETE", f"/attachments/{made['gid']}", status=200) == {}
    assert desk.get("/attachments", parent=gid)["data"] == []
