"""A person at the Asana stand-in: calls with a token, and shortcuts to what it starts with."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from connectors.standins.asana.app import build
from connectors.standins.control import Control
from connectors.standins.server import running

PROJECT, WORKSPACE = "1204001", "1200001"
ANA, BO, WEI, BOT = ("1201001", "1201002", "1201003", "1201004")
NOWHERE = "999"


class Desk:
    """Calls to one stand-in, as Ana unless another token is given. A status that was not expected fails the test."""

    def __init__(self, url: str, control: Control) -> None:
        self.url = url
        self.control = control
        self.http = httpx.Client(base_url=f"{url}/api/1.0", timeout=20)

    def send(self, method: str, path: str, *, token: str = "ana-token", **options: Any) -> httpx.Response:
        """The bare answer."""
        return self.http.request(method, path, headers={"Authorization": f"Bearer {token}"}, **options)

    def get(self, path: str, *, status: int = 200, token: str = "ana-token", **query: Any) -> Any:
        """The whole body of a read."""
        answer = self.send("GET", path, token=token, params=query or None)
        assert answer.status_code == status, answer.text
        return answer.json()

    def do(
        self, method: str, path: str, data: Any = None, *, status: int | None = None, token: str = "ana-token"
    ) -> Any:
        """What came back of a write: `data`, or the whole body of a refusal."""
        answer = self.send(method, path, token=token, json={"data": {} if data is None else data})
        assert answer.status_code == status if status else answer.is_success, answer.text
        return answer.json()["data"] if answer.is_success else answer.json()

    def refuse(self, method: str, path: str, data: Any = None, *, status: int = 400, token: str = "ana-token") -> str:
        """The message of the refusal that must come back."""
        return str(self.do(method, path, data, status=status, token=token)["errors"][0]["message"])

    def task(self, name: str = "Task", *, token: str = "ana-token", **fields: Any) -> str:
        """The gid of a new task, in the project unless told otherwise."""
        place = {} if {"workspace", "parent", "memberships", "projects"} & fields.keys() else {"projects": [PROJECT]}
        return str(self.do("POST", "/tasks", {"name": name, **place, **fields}, status=201, token=token)["gid"])

    def show(self, gid: str, opt_fields: str = "") -> Any:
        """One task."""
        query: dict[str, Any] = {"opt_fields": opt_fields} if opt_fields else {}
        return self.get(f"/tasks/{gid}", **query)["data"]

    def sections(self) -> dict[str, str]:
        """The gids of the project's sections by name."""
        return {item["name"]: item["gid"] for item in self.get(f"/projects/{PROJECT}/sections")["data"]}

    def fields(self) -> dict[str, Any]:
        """The project's custom fields by name."""
        settings = self.get(f"/projects/{PROJECT}/custom_field_settings")["data"]
        return {item["custom_field"]["name"]: item["custom_field"] for item in settings}

    def option(self, field: str, name: str) -> str:
        """The gid of an option by the names of field and option."""
        return str(next(item["gid"] for item in self.fields()[field]["enum_options"] if item["name"] == name))

    def stories(self, gid: str) -> list[Any]:
        """The feed of a task."""
        found: list[Any] = self.get(f"/tasks/{gid}/stories")["data"]
        return found

    def door(self, method: str, name: str, data: Any = None) -> Any:
        """What the control door answers."""
        answer = httpx.request(method, f"{self.url}/__control/{name}", json=data, timeout=20)
        assert answer.is_success, answer.text
        return answer.json()


def until(come_true: Callable[[], bool]) -> None:
    """Wait for what happens in the background; fails when it has not happened after a long while."""
    deadline = time.monotonic() + 10
    while not come_true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def at_desk(**options: Any) -> Iterator[Desk]:
    """A desk at a stand-in of its own."""
    control = Control()
    with running(build(control, **options)) as url:
        desk = Desk(url, control)
        try:
            yield desk
        finally:
            desk.http.close()
