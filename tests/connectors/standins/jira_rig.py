"""A running Jira stand-in with the calls that tests make most, and a place where its webhooks arrive."""

import contextlib
import queue
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from starlette.types import Receive, Scope, Send

from connectors.standins.control import Control
from connectors.standins.jira.app import build
from connectors.standins.jira.catalogue import BY_NAME
from connectors.standins.server import read_body, running, send_json

PATIENCE_SECONDS = 60.0


class Rig:
    """Calls the API as one of the people, `bot` unless told; paths are below `/rest/api/N/`."""

    def __init__(self, url: str, control: Control, *, cloud: bool) -> None:
        self.url = url
        self.control = control
        self.cloud = cloud
        self.api = f"{url}/rest/api/{'3' if cloud else '2'}/"
        self.http = httpx.Client()

    def call(self, method: str, path: str, person: str = "bot", **arguments: Any) -> httpx.Response:
        """One request; `person` empty is nobody."""
        headers = arguments.pop("headers", {})
        if person and self.cloud:
            arguments["auth"] = (BY_NAME[person].email, BY_NAME[person].token)
        elif person:
            headers = {**headers, "Authorization": f"Bearer {BY_NAME[person].token}"}
        place = path if path.startswith("http") else self.api + path
        return self.http.request(method, place, headers=headers, **arguments)

    def get(self, path: str, person: str = "bot", **query: Any) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.call("GET", path, person, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, method: str, path: str, body: Any, person: str = "bot", **arguments: Any) -> httpx.Response:
        """A request with a JSON body, whatever the answer."""
        return self.call(method, path, person, json=body, **arguments)

    def create(self, person: str = "bot", project: str = "ENG", kind: str = "Task", **fields: Any) -> str:
        """The id of a new issue."""
        given = {"project": {"key": project}, "issuetype": {"name": kind}, "summary": "Launch page", **fields}
        answer = self.send("POST", "issue", {"fields": given}, person)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def edit(self, issue: str, person: str = "bot", **fields: Any) -> httpx.Response:
        """Set fields, whatever the answer."""
        return self.send("PUT", f"issue/{issue}", {"fields": fields}, person)

    def fields(self, issue: str) -> dict[str, Any]:
        """What an issue holds now."""
        found: dict[str, Any] = self.get(f"issue/{issue}")["fields"]
        return found

    def find(self, jql: str, person: str = "bot", **query: Any) -> list[str]:
        """The ids that a query finds, in its order."""
        return [issue["id"] for issue in self.get("search/jql", person, jql=jql, **query)["issues"]]

    def move(self, issue: str, *transitions: str, **fields: Any) -> None:
        """Run transitions in a row; the fields go with the last."""
        for transition in transitions:
            given = fields if transition is transitions[-1] else {}
            body = {"transition": {"id": transition}, "fields": given}
            answer = self.send("POST", f"issue/{issue}/transitions", body)
            assert answer.status_code == 204, answer.text

    def hook(self, url: str, **more: Any) -> httpx.Response:
        """Register a webhook for everything about issues and comments."""
        events = [f"{what}_{done}" for what in ("jira:issue", "comment") for done in ("created", "updated", "deleted")]
        body = {"name": "test", "url": url, "events": [*events, "attachment_created"], **more}
        return self.send("POST", f"{self.url}/rest/webhooks/1.0/webhook", body)


@contextlib.contextmanager
def jira(**options: Any) -> Iterator[Rig]:
    """A stand-in of its own, with the options of `build`."""
    control = Control()
    with running(build(control, **options)) as url:
        rig = Rig(url, control, cloud=options.get("deployment", "Cloud") == "Cloud")
        with rig.http:
            yield rig


@dataclass(frozen=True)
class Arrival:
    """One delivery as it came."""

    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        """The JSON of it."""
        parsed: dict[str, Any] = orjson.loads(self.raw)
        return parsed

    @property
    def event(self) -> str:
        """The name of the event."""
        return str(self.body["webhookEvent"])


class Inbox:
    """Takes deliveries; answers with the given statuses first, then with 200."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.arrivals: queue.Queue[Arrival] = queue.Queue()

    def take(self, count: int) -> list[Arrival]:
        """The next deliveries."""
        return [self.arrivals.get(timeout=PATIENCE_SECONDS) for _ in range(count)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for step in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{step}.complete"})
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.arrivals.put(Arrival(headers, await read_body(receive)))
        await send_json(send, self.statuses.pop(0) if self.statuses else 200, {})


@contextlib.contextmanager
def receiving() -> Iterator[tuple[Inbox, str]]:
    """An inbox and its URL."""
    inbox = Inbox()
    with running(inbox) as url:
        yield inbox, url


def paragraph(text: str) -> dict[str, Any]:
    """A document of one paragraph."""
    content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]
    return {"type": "doc", "version": 1, "content": content}
