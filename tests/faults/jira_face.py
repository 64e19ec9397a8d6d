"""A Jira as people use it."""

import random
from collections.abc import Sequence
from typing import Any

import httpx

from connectors.standins.jira.catalogue import BY_ACCOUNT, BY_NAME
from tests.faults.faces import Face, labels_of, lines_of, said
from tests.faults.model import Record

POINTS = "customfield_10031"
KEYS = {"title": "summary", "due": "duedate", "number": POINTS, "details": "description", "assignee": "assignee"}
STATUSES = {"To Do": "todo", "In Progress": "in_progress", "In Review": "in_progress", "Done": "done"}
API = "/rest/api/2/issue"


class JiraFace(Face):
    """Cloud or Data Center."""

    @property
    def cloud(self) -> bool:
        """Whether this is Jira Cloud."""
        return self.tool.system == "jira"

    async def records(self) -> list[Record]:
        return [_record(issue) for issue in (await self.state())["issues"]]

    async def record(self, id_: str) -> Record | None:
        found = await self._ask("ana", "GET", f"/{id_}", gone=True)
        return found and _record(found)

    async def create(self, by: str, title: str, lines: Sequence[str]) -> str:
        fields = {"project": {"key": "ENG"}, "issuetype": {"name": "Task"}, "summary": title}
        made = await self._ask(by, "POST", "", {"fields": {**fields, "description": "\n\n".join(lines)}})
        return str(made["id"])

    async def write(self, by: str, id_: str, name: str, value: Any) -> None:
        if name == "details":
            value = "\n\n".join(value)
        if name == "assignee" and value is not None:
            value = {"accountId": BY_NAME[value].account} if self.cloud else {"name": value}
        await self._ask(by, "PUT", f"/{id_}", {"fields": {KEYS[name]: value}})

    async def move(self, by: str, id_: str, chance: random.Random) -> None:
        chosen = chance.choice((await self._ask(by, "GET", f"/{id_}/transitions"))["transitions"])
        fields = {"resolution": {"name": "Done"}} if chosen["to"]["name"] == "Done" else {}
        await self._ask(by, "POST", f"/{id_}/transitions", {"transition": {"id": chosen["id"]}, "fields": fields})

    async def label(self, by: str, id_: str, label: str, *, there: bool) -> None:
        change = [{"add" if there else "remove": label}]
        await self._ask(by, "PUT", f"/{id_}", {"update": {"labels": change}})

    async def say(self, by: str, id_: str, text: str, comment: str = "") -> str:
        method, path = ("PUT", f"/{id_}/comment/{comment}") if comment else ("POST", f"/{id_}/comment")
        return str((await self._ask(by, method, path, {"body": text}))["id"])

    async def unsay(self, by: str, id_: str, comment: str) -> None:
        await self._ask(by, "DELETE", f"/{id_}/comment/{comment}")

    async def delete(self, by: str, id_: str) -> None:
        await self._ask(by, "DELETE", f"/{id_}")

    async def _ask(self, by: str, method: str, path: str, body: Any = None, *, gone: bool = False) -> Any:
        auth = (f"{by}@acme.example", f"{by}-token") if self.cloud else None
        headers = {} if self.cloud else {"Authorization": f"Bearer {by}-token"}
        answer = await self.http.request(method, API + path, json=body, auth=auth, headers=headers)
        if gone and answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
        return answer.json() if answer.content else None


def _record(issue: Any) -> Record:
    fields = issue["fields"]
    shown = {
        "title": fields["summary"],
        "due": fields["duedate"],
        "number": fields[POINTS],
        "status": STATUSES.get(fields["status"]["name"], fields["status"]["name"]),
        "assignee": _name(fields["assignee"]),
        "labels": labels_of(fields["labels"]),
        "details": lines_of(_text(fields["description"])),
    }
    comments = tuple(said(_name(one["author"]) or "", _text(one["body"])) for one in issue.get("comments", ()))
    return Record(issue["id"], shown, comments)


def _name(user: Any) -> str | None:
    if user is None:
        return None
    return BY_ACCOUNT[user["accountId"]].name if "accountId" in user else str(user["name"])


def _text(node: Any) -> str:
    """The text of a document node of Cloud, or the wiki text of Data Center."""
    if node is None or isinstance(node, str):
        return node or ""
    if node["type"] == "hardBreak":
        return "\n"
    inner = "".join(map(_text, node.get("content", ())))
    return node["text"] if node["type"] == "text" else f"{inner}\n" if node["type"] != "doc" else inner
