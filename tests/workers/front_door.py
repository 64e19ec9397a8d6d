"""A gateway alone, with a real Temporal and nobody who works: what it takes in stays visible in the lane's history."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from temporalio.service import RPCError

from tests.conftest import Place
from tests.service import Service, serving, workspace
from workers.demo.ports import any_port
from workers.settings import Settings
from workflows.messages import Changes

SECRET = "jira-hook-secret"
BODY_LIMIT = 10_000
FILES = {
    "connections.yaml": """
connections:
  eng-jira:
    system: jira
    url: http://127.0.0.1:9
    auth: {email: bot@acme.example, token: jira-api-token}
    webhook: {secret: jira-hook-secret}
  bare-jira:
    system: jira
    url: http://127.0.0.1:9
    auth: {token: other-api-token}
  mkt-asana:
    system: asana
    url: http://127.0.0.1:9
    auth: {token: asana-api-token}
""",
    "mappings/tasks.yaml": """
kind: sync
name: tasks
sides:
  eng: {connection: eng-jira, object: issue, scope: {project: ENG}, create: {issuetype: Task}}
  mkt: {connection: mkt-asana, object: task, scope: {project: "1204001"}}
fields:
  title: {eng: summary, mkt: name}
""",
}
SECRETS = (SECRET, "jira-api-token", "other-api-token", "asana-api-token")


@contextmanager
def front_door(folder: Path, place: Place, **more: Any) -> Iterator[Service]:
    """A gateway with the workspace above; `more` are settings."""
    settings = Settings(
        workspace=workspace(folder, FILES), http=f"127.0.0.1:{any_port()}", body_limit=BODY_LIMIT,
        temporal_address=place.address, temporal_namespace=place.namespace, **more,
    )  # fmt: skip
    with serving(settings, working=False) as service:
        yield service


def updated(issue: int) -> bytes:
    """A delivery of Jira that says that an issue was edited."""
    return json.dumps({"webhookEvent": "jira:issue_updated", "issue": {"id": str(issue)}}).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers of Jira's delivery."""
    return {"X-Hub-Signature": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}


def post(service: Service, path: str, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    """Deliver."""
    return httpx.post(f"{service.url}/hooks/{path}", content=body, headers=headers or {}, timeout=30)


def taken_in(service: Service, mapping: str = "tasks") -> list[str]:
    """The refs of all notes that the lane was ever told, in order; empty where no lane was started."""

    async def asking() -> list[str]:
        try:
            history = await service.lane(mapping).fetch_history()
        except RPCError:
            return []
        return [
            note.ref
            for event in history.events
            for payload in event.workflow_execution_signaled_event_attributes.input.payloads
            for note in Changes(**json.loads(payload.data)).notes
        ]

    return service.do(asking)
