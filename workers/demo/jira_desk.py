"""Jira as people use it, through its API with their own tokens.

Nothing here goes through Syncline's connector, so that what the demo proves does not rest on what it tests.
"""

from typing import Any, Final

import httpx

from connectors.jira.adf import to_markdown
from workers.demo.people import Seen, answer

PROJECT_KEY: Final = "ENG"
STORY_POINTS: Final = "customfield_10031"
MARKER: Final = "sl-"
"""How the labels begin by which Syncline knows its issues again."""


class JiraDesk:
    """Somebody in Jira."""

    def __init__(self, url: str, person: str) -> None:
        auth = (f"{person}@acme.example", f"{person}-token")
        self._http = httpx.AsyncClient(base_url=f"{url}/rest/api/3/", auth=auth, timeout=30)

    async def create(self, **values: Any) -> str:
        fields = {"project": {"key": PROJECT_KEY}, "issuetype": {"name": "Task"}, **await self._native(values)}
        return str((await self._ask("POST", "issue", json={"fields": fields}))["id"])

    async def edit(self, id_: str, **values: Any) -> None:
        fields = await self._native({name: value for name, value in values.items() if name != "status"})
        if fields:
            await self._ask("PUT", f"issue/{id_}", json={"fields": fields})
        if "status" in values:
            await self._move(id_, values["status"])

    async def _move(self, id_: str, status: str) -> None:
        found = await self._ask("GET", f"issue/{id_}/transitions")
        transitions = {one["to"]["name"]: one["id"] for one in found["transitions"]}
        if status not in transitions:
            raise LookupError(f"expected a transition to {status}, found {sorted(transitions)}")
        await self._ask("POST", f"issue/{id_}/transitions", json={"transition": {"id": transitions[status]}})

    async def comment(self, id_: str, text: str) -> str:
        return str((await self._ask("POST", f"issue/{id_}/comment", json={"body": _adf(text)}))["id"])

    async def edit_comment(self, id_: str, comment: str, text: str) -> None:
        await self._ask("PUT", f"issue/{id_}/comment/{comment}", json={"body": _adf(text)})

    async def attach(self, id_: str, name: str, content: bytes) -> None:
        headers = {"X-Atlassian-Token": "no-check"}
        await self._ask("POST", f"issue/{id_}/attachments", files={"file": (name, content)}, headers=headers)

    async def delete(self, id_: str) -> None:
        await self._ask("DELETE", f"issue/{id_}")

    async def all(self) -> list[Seen]:
        query = {"jql": f"project = {PROJECT_KEY} AND issuetype != Epic", "fields": "*all", "maxResults": "100"}
        found: list[Seen] = []
        while True:
            page = await self._ask("GET", "search/jql", params=query)
            found += [self._seen(issue) for issue in page["issues"]]
            if not page.get("nextPageToken"):
                return found
            query["nextPageToken"] = page["nextPageToken"]

    async def read(self, id_: str) -> Seen:
        return self._seen(await self._ask("GET", f"issue/{id_}"))

    async def resolution(self, id_: str) -> str | None:
        """How an issue was resolved."""
        resolution = (await self._ask("GET", f"issue/{id_}"))["fields"]["resolution"]
        return resolution["name"] if resolution else None

    async def _native(self, values: dict[str, Any]) -> dict[str, Any]:
        names = {"title": "summary", "due": "duedate", "effort": STORY_POINTS}
        native = {names.get(name, name): value for name, value in values.items()}
        if "details" in native:
            native["description"] = _adf(native.pop("details"))
        if native.get("assignee"):
            found = await self._ask("GET", "user/search", params={"query": native["assignee"]})
            native["assignee"] = {"accountId": found[0]["accountId"]}
        return native

    def _seen(self, issue: dict[str, Any]) -> Seen:
        fields = issue["fields"]
        comments = (fields.get("comment") or {}).get("comments", [])
        return Seen(
            id=str(issue["id"]),
            title=fields["summary"],
            details=to_markdown(fields.get("description")),
            status=fields["status"]["name"],
            due=fields.get("duedate"),
            assignee=(fields.get("assignee") or {}).get("emailAddress"),
            labels=frozenset(label for label in fields["labels"] if not label.startswith(MARKER)),
            effort=fields.get(STORY_POINTS),
            comments=tuple((one["author"]["displayName"], to_markdown(one["body"]) or "") for one in comments),
            files=tuple((one["filename"], one["size"]) for one in fields.get("attachment") or []),
        )

    async def _ask(self, method: str, path: str, **sent: Any) -> Any:
        return answer(await self._http.request(method, path, **sent))


def _adf(text: str | None) -> dict[str, Any] | None:
    if not text:
        return None
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in text.split("\n\n")],
    }
