"""A person's hands and eyes in Jira."""

from typing import Any

import httpx

from tests.faults.crash.tools import Copy

STATUSES = {"To Do": "todo", "In Progress": "in_progress", "In Review": "in_progress", "Done": "done"}
ROAD_TO_DONE = ("11", "21", "31")
SHOWN = "summary,description,status,duedate,assignee,labels,comment,attachment"
PERSON, READER = ("ana@acme.example", "ana-token"), ("wei@acme.example", "wei-token")


class Eng:
    """See `tools.Tool`."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http, self._url = http, url
        self._points = ""
        self._accounts: dict[str, str] = {}

    async def make(self, wanted: Copy) -> str:
        kind = {"project": {"key": "ENG"}, "issuetype": {"name": "Task"}}
        made = await self._ask("POST", "issue", {"fields": {**kind, **await self._fields(wanted)}})
        return str(made["id"])

    async def change(self, id_: str, wanted: Copy) -> None:
        kept = (await self._ask("GET", f"issue/{id_}?fields=labels"))["fields"]["labels"]
        marks = [label for label in kept if label.startswith("sl-")]
        fields = await self._fields(wanted)
        await self._ask("PUT", f"issue/{id_}", {"fields": {**fields, "labels": [*marks, *wanted.labels]}})

    async def finish(self, id_: str) -> None:
        for step in ROAD_TO_DONE:
            screen = {"resolution": {"name": "Done"}} if step == ROAD_TO_DONE[-1] else {}
            await self._ask("POST", f"issue/{id_}/transitions", {"transition": {"id": step}, "fields": screen})

    async def delete(self, id_: str) -> None:
        await self._ask("DELETE", f"issue/{id_}")

    async def comment(self, id_: str, text: str) -> str:
        return str((await self._ask("POST", f"issue/{id_}/comment", {"body": text}))["id"])

    async def edit_comment(self, id_: str, comment: str, text: str) -> None:
        await self._ask("PUT", f"issue/{id_}/comment/{comment}", {"body": text})

    async def drop_comment(self, id_: str, comment: str) -> None:
        await self._ask("DELETE", f"issue/{id_}/comment/{comment}")

    async def attach(self, id_: str, name: str, content: str) -> str:
        answer = await self._http.post(
            f"{self._url}/rest/api/2/issue/{id_}/attachments",
            files={"file": (name, content.encode(), "text/plain")},
            headers={"X-Atlassian-Token": "no-check"},
            auth=PERSON,
        )
        return str(answer.raise_for_status().json()[0]["id"])

    async def drop_file(self, file: str) -> None:
        await self._ask("DELETE", f"attachment/{file}")

    async def titles(self) -> dict[str, str]:
        found: dict[str, str] = {}
        body: dict[str, Any] = {"jql": "project = ENG ORDER BY key", "fields": ["summary"], "maxResults": 100}
        while True:
            page = (await self._http.post(f"{self._url}/rest/api/3/search/jql", json=body, auth=READER)).json()
            found |= {issue["id"]: issue["fields"]["summary"] for issue in page["issues"]}
            if not page.get("nextPageToken"):
                return found
            body["nextPageToken"] = page["nextPageToken"]

    async def look(self, id_: str) -> Copy | None:
        shown = {"fields": f"{SHOWN},{await self._effort()}"}
        answer = await self._http.get(f"{self._url}/rest/api/2/issue/{id_}", params=shown, auth=READER)
        if answer.status_code == 404:
            return None
        fields = answer.raise_for_status().json()["fields"]
        return Copy(
            title=fields["summary"],
            details=fields["description"] or "",
            status=STATUSES[fields["status"]["name"]],
            due=fields["duedate"] or "",
            assignee=(fields["assignee"] or {}).get("emailAddress", ""),
            effort=fields[await self._effort()] or 0.0,
            labels=tuple(sorted(label for label in fields["labels"] if not label.startswith("sl-"))),
            comments=tuple(sorted(one["body"].splitlines()[-1] for one in fields["comment"]["comments"])),
            files=tuple(sorted([(one["filename"], await self._content(one["id"])) for one in fields["attachment"]])),
        )

    async def _fields(self, wanted: Copy) -> dict[str, Any]:
        return {
            "summary": wanted.title,
            "description": wanted.details,
            "duedate": wanted.due,
            "assignee": {"accountId": await self._account(wanted.assignee)},
            "labels": list(wanted.labels),
            await self._effort(): wanted.effort,
        }

    async def _effort(self) -> str:
        if not self._points:
            fields = await self._ask("GET", "field")
            self._points = next(one["id"] for one in fields if one["name"] == "Story Points")
        return self._points

    async def _account(self, email: str) -> str:
        if email not in self._accounts:
            self._accounts[email] = (await self._ask("GET", f"user/search?query={email}"))[0]["accountId"]
        return self._accounts[email]

    async def _content(self, file: str) -> str:
        url = f"{self._url}/rest/api/3/attachment/content/{file}"
        return (await self._http.get(url, params={"redirect": "false"}, auth=READER)).text

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self._http.request(method, f"{self._url}/rest/api/2/{path}", json=body, auth=PERSON)
        return answer.raise_for_status().json() if answer.content else answer.raise_for_status() and None
