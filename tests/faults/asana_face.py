"""An Asana as people use it."""

import random
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import httpx

from connectors.standins.asana.sample import PROJECT
from tests.faults.faces import Face, labels_of, lines_of, said
from tests.faults.model import Record
from tests.faults.stage import Tool

KEYS = {"title": "name", "due": "due_on", "details": "html_notes", "assignee": "assignee"}
STATUSES = {"Backlog": "todo", "Doing": "in_progress", "Done": "done"}
WORKSPACE = "1200001"


class AsanaFace(Face):
    """One workspace with one project."""

    def __init__(self, tool: Tool) -> None:
        super().__init__(tool)
        self._names: dict[str, str] = {}
        self._effort = ""

    async def records(self) -> list[Record]:
        state = await self.state()
        self._names = {user["gid"]: user["email"].partition("@")[0] for user in state["users"]}
        self._effort = next(one["gid"] for one in state["custom_fields"] if one["name"] == "Effort")
        return [self._record(task) for task in state["tasks"]]

    async def record(self, id_: str) -> Record | None:
        found = await self._ask("ana", "GET", f"/tasks/{id_}", gone=True)
        return found and self._record(found)

    async def create(self, by: str, title: str, lines: Sequence[str]) -> str:
        made = await self._ask(by, "POST", "/tasks", {"projects": [PROJECT], "name": title, "html_notes": _html(lines)})
        return str(made["gid"])

    async def write(self, by: str, id_: str, name: str, value: Any) -> None:
        if name == "number":
            await self._ask(by, "PUT", f"/tasks/{id_}", {"custom_fields": {self._effort: value}})
            return
        if name == "assignee" and value is not None:
            value = f"{value}@acme.example"
        await self._ask(by, "PUT", f"/tasks/{id_}", {KEYS[name]: _html(value) if name == "details" else value})

    async def move(self, by: str, id_: str, chance: random.Random) -> None:
        sections = await self._ask(by, "GET", f"/projects/{PROJECT}/sections")
        await self._ask(by, "POST", f"/sections/{chance.choice(sections)['gid']}/addTask", {"task": id_})

    async def label(self, by: str, id_: str, label: str, *, there: bool) -> None:
        tags = await self._ask(by, "GET", f"/workspaces/{WORKSPACE}/tags?limit=100")
        if there:
            # A tag is a thing of its own here; one of this name may be there already, made for a copy.
            gid = (
                next((tag["gid"] for tag in tags if tag["name"] == label), None)
                or (await self._ask(by, "POST", "/tags", {"workspace": WORKSPACE, "name": label}))["gid"]
            )
            await self._ask(by, "POST", f"/tasks/{id_}/addTag", {"tag": gid})
            return
        on_task = await self._ask(by, "GET", f"/tasks/{id_}/tags")
        for tag in on_task:
            if tag["name"] == label:
                await self._ask(by, "POST", f"/tasks/{id_}/removeTag", {"tag": tag["gid"]})

    async def say(self, by: str, id_: str, text: str, comment: str = "") -> str:
        method, path = ("PUT", f"/stories/{comment}") if comment else ("POST", f"/tasks/{id_}/stories")
        return str((await self._ask(by, method, path, {"text": text}))["gid"])

    async def unsay(self, by: str, id_: str, comment: str) -> None:
        await self._ask(by, "DELETE", f"/stories/{comment}")

    async def delete(self, by: str, id_: str) -> None:
        await self._ask(by, "DELETE", f"/tasks/{id_}")

    async def _ask(self, by: str, method: str, path: str, body: Any = None, *, gone: bool = False) -> Any:
        wrapped = None if body is None else {"data": body}
        headers = {"Authorization": f"Bearer {by}-token"}
        answer = await self.http.request(method, f"/api/1.0{path}", json=wrapped, headers=headers)
        if gone and answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
        return answer.json()["data"]

    def _record(self, task: Any) -> Record:
        custom = {one["name"]: one for one in task["custom_fields"]}
        sections = [STATUSES.get(one["section"]["name"], one["section"]["name"]) for one in task["memberships"]]
        shown = {
            "title": task["name"],
            "due": task["due_on"],
            "number": custom["Effort"]["number_value"] if "Effort" in custom else None,
            "status": sections[0] if sections else None,
            "assignee": self._names[task["assignee"]["gid"]] if task["assignee"] else None,
            "labels": labels_of([tag["name"] for tag in task["tags"]]),
            "details": lines_of(task["notes"]),
        }
        comments = (story for story in task.get("stories", ()) if story["type"] == "comment")
        return Record(
            task["gid"], shown, tuple(said(self._names[one["created_by"]["gid"]], one["text"]) for one in comments)
        )


def _html(lines: Sequence[str]) -> str:
    return f"<body>{escape(chr(10).join(line + chr(10) for line in lines).strip())}</body>"
