"""Signed Jira webhooks, as many as the gateway takes, by size of the body and number of connections."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

from tests.bench.results import Results, Row, timed
from tests.bench.rig import Rig
from tests.bench.sizes import Sizes
from tests.bench.wire import Line, opened_many

USUAL_KILOBYTES: Final = 4
MOST_BYTES: Final = 64 * 2**20
"""Of all bodies of one round together: more of them would only take longer."""
GOAL: Final = {(4, 64): "2,000, p99 100"}
STRANGERS: Final = 900_000_000
"""The first id of issues that nobody lists, so that the work behind a webhook is small."""
ID_MARK: Final = b"000000000"


async def webhooks(rig: Rig, sizes: Sizes, results: Results) -> None:
    """Answered once they are durable: of issues that nobody lists, then of linked ones."""
    linked = list(rig.tasks)
    for size in sizes.kilobytes:
        for lines in sizes.connections:
            ids = [str(STRANGERS + number) for number in range(_count(sizes, size, lines))]
            await _flood(rig, results, f"{size} KB, {lines} at once", ids, size, lines)
    for lines in sizes.connections:
        ids = [linked[number % len(linked)] for number in range(_count(sizes, USUAL_KILOBYTES, lines))]
        await _flood(rig, results, f"4 KB, linked, {lines} at once", ids, USUAL_KILOBYTES, lines)


def _count(sizes: Sizes, kilobytes: int, lines: int) -> int:
    """How many to send: fewer where each waits for the one before, and of large ones."""
    return max(lines, min(sizes.webhooks * min(lines, 16) // 16, MOST_BYTES // (kilobytes * 1024)))


async def _flood(rig: Rig, results: Results, what: str, ids: list[str], size: int, lines: int) -> None:
    """Those that are refused count as such alone. Raises RuntimeError where every one is."""
    queue, taken, refused, template = iter(ids), list[float](), list[str](), _template(size * 1024)
    async with rig.counted(results, f"webhooks, {what}", len(ids)), opened_many(rig.gateway, lines) as open_lines:
        begun = time.monotonic()
        await asyncio.gather(*(_send_from(line, rig.secret, template, queue, taken, refused) for line in open_lines))
        seconds = time.monotonic() - begun
    if not taken:
        raise RuntimeError(f"every webhook was refused: {what}; the first: {refused[0]}")
    goal = GOAL.get((size, lines), "")
    results.add(timed("webhooks", f"acknowledged, {what}", len(taken) / seconds, "webhooks/s", taken, goal))
    if refused:
        results.add(Row("webhooks", f"refused, {what}", len(refused), "webhooks", "0"))


async def _send_from(
    line: Line, secret: str, template: bytes, queue: Iterator[str], taken: list[float], refused: list[str]
) -> None:
    for id_ in queue:
        body = template.replace(ID_MARK, id_.encode(), 1)
        headers = {
            "Content-Type": "application/json",
            "X-Atlassian-Webhook-Identifier": str(uuid4()),
            "X-Hub-Signature": "sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex(),
        }
        begun = time.monotonic()
        answer = await line.ask("POST", "/hooks/eng-jira", body, headers)
        if answer.status == 200:
            taken.append(time.monotonic() - begun)
        else:
            refused.append(f"HTTP {answer.status}: {answer.body[:200].decode(errors='replace')}")


def _template(size: int) -> bytes:
    """An update as Jira tells it, filled up to its size with a description; the id of the issue is `ID_MARK`."""
    person = {"accountId": "712020:00000000-0000-4000-8000-000000000001", "displayName": "Ana Chen"}
    named = {"id": "10000", "name": "To Do"}
    fields: dict[str, Any] = {
        "summary": "Launch page", "status": named, "labels": ["launch"], "assignee": person, "issuetype": named,
        "description": "",
    }  # fmt: skip
    body = {
        "timestamp": 1_790_000_000_000,
        "webhookEvent": "jira:issue_updated",
        "issue_event_type_name": "issue_generic",
        "user": person,
        "issue": {"id": ID_MARK.decode(), "key": "ENG-1", "fields": fields},
        "changelog": {"id": "1", "items": [{"field": "summary", "fromString": "A", "toString": "Launch page"}]},
    }
    fields["description"] = "x" * (size - len(json.dumps(body)))
    return json.dumps(body).encode()
