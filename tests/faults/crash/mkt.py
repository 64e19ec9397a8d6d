"""A person's hands and eyes in Asana."""

from typing import Any

import httpx

from tests.faults.crash.tools import Copy

PROJECT, WORKSPACE = "1204001", "1200001"
STATUSES = {"Backlog": "todo", "Doing": "in_progress", "Done": "done"}
SHOWN = (
    "name,notes,due_on,assignee.email,custom_fields.gid,custom_fields.number_value,tags.name,memberships.section.name"
)
PERSON, READER = {"Authorization": "Bearer bo-token"}, {"Authorization": "Bearer wei-token"}


class Mkt:
    """See `tools.Tool`."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http, self._url = http, f"{url}/api/1.0"
        self._field = ""
        self._sections: dict[str, str] = {}

    async def make(self, wanted: Copy) -> str:
        tags = [await self._tag(label) for label in wanted.labels]
        data = {"projects": [PROJECT], "tags": tags, **await self._fields(wanted)}
        return str((await self._ask("POST", "/tasks", data))["gid"])

    async def change(self, id_: str, wanted: Copy) -> None:
        before = await self.look(id_)
        await self._ask("PUT", f"/tasks/{id_}", await self._fields(wanted))
        for label in set(wanted.labels) - set(before.labels if before else ()):
            await self._ask("POST", f"/tasks/{id_}/addTag", {"tag": await self._tag(label)})

    async def finish(self, id_: str) -> None:
        if not self._sections:
            sections = await self._ask("GET", f"/projects/{PROJECT}/sections")
            self._sections = {STATUSES[one["name"]]: one["gid"] for one in sections if one["name"] in STATUSES}
        await self._ask("POST", f"/sections/{self._sections['done']}/addTask", {"task": id_})

    async def delete(self, id_: str) -> None:
        await self._ask("DELETE", f"/tasks/{id_}")

    async def comment(self, id_: str, text: str) -> str:
        return str((await self._ask("POST", f"/tasks/{id_}/stories", {"text": text}))["gid"])

    async def edit_comment(self, id_: str, comment: str, text: str) -> None:
        await self._ask("PUT", f"/stories/{comment}", {"text": text})

    async def drop_comment(self, id_: str, comment: str) -> None:
        await self._ask("DELETE", f"/stories/{comment}")

    async def attach(self, id_: str, name: str, content: str) -> str:
        answer = await self._http.post(
            f"{self._url}/attachments",
            data={"parent": id_},
            files={"file": (name, content.encode(), "text/plain")},
            headers=PERSON,
        )
        return str(answer.raise_for_status().json()["data"]["gid"])

    async def drop_file(self, file: str) -> None:
        await self._ask("DELETE", f"/attachments/{file}")

    async def titles(self) -> dict[str, str]:
        return {one["gid"]: one["name"] for one in await self._all("/tasks", project=PROJECT, opt_fields="name")}

    async def look(self, id_: str) -> Copy | None:
        answer = await self._http.get(f"{self._url}/tasks/{id_}", params={"opt_fields": SHOWN}, headers=READER)
        if answer.status_code == 404:
            return None
        try:
            return await self._copy(id_, answer.raise_for_status().json()["data"])
        except httpx.HTTPStatusError:
            if id_ in await self.titles():
                raise
            return None  # deleted between two looks

    async def _copy(self, id_: str, task: dict[str, Any]) -> Copy:
        field = await self._effort()
        stories = await self._all(f"/tasks/{id_}/stories", opt_fields="type,text")
        files = await self._all("/attachments", parent=id_, opt_fields="name,download_url")
        return Copy(
            title=task["name"],
            details=task["notes"].strip(),
            status=STATUSES[task["memberships"][0]["section"]["name"]],
            due=task["due_on"] or "",
            assignee=(task["assignee"] or {}).get("email", ""),
            effort=next(one["number_value"] for one in task["custom_fields"] if one["gid"] == field) or 0.0,
            labels=tuple(sorted(tag["name"] for tag in task["tags"])),
            comments=tuple(sorted(one["text"].splitlines()[-1] for one in stories if one["type"] == "comment")),
            files=tuple(sorted([(one["name"], (await self._http.get(one["download_url"])).text) for one in files])),
        )

    async def tags(self) -> list[str]:
        """The names of all tags, in case one was made twice."""
        return [one["name"] for one in await self._all(f"/workspaces/{WORKSPACE}/tags", opt_fields="name")]

    async def _fields(self, wanted: Copy) -> dict[str, Any]:
        return {
            "name": wanted.title,
            "notes": wanted.details,
            "due_on": wanted.due,
            "assignee": wanted.assignee,
            "custom_fields": {await self._effort(): wanted.effort},
        }

    async def _tag(self, name: str) -> str:
        known = {one["name"]: one["gid"] for one in await self._all(f"/workspaces/{WORKSPACE}/tags", opt_fields="name")}
        if name not in known:
            known[name] = (await self._ask("POST", f"/workspaces/{WORKSPACE}/tags", {"name": name}))["gid"]
        return str(known[name])

    async def _effort(self) -> str:
        if not self._field:
            path = f"/projects/{PROJECT}/custom_field_settings"
            settings = await self._all(path, opt_fields="custom_field.name")
            named = [one["custom_field"] for one in settings]
            self._field = next(one["gid"] for one in named if one["name"] == "Effort")
        return self._field

    async def _all(self, path: str, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        asked = {"limit": "100", **query}
        while True:
            answer = await self._http.get(f"{self._url}{path}", params=asked, headers=READER)
            page = answer.raise_for_status().json()
            found += page["data"]
            if not page.get("next_page"):
                return found
            asked["offset"] = page["next_page"]["offset"]

    async def _ask(self, method: str, path: str, data: Any = None) -> Any:
        wrapped = None if data is None else {"data": data}
        answer = await self._http.request(method, self._url + path, json=wrapped, headers=PERSON)
        return answer.raise_for_status().json()["data"]
