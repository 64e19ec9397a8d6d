"""Asana as people use it, through its API with their own tokens.

Nothing here goes through Syncline's connector, so that what the demo proves does not rest on what it tests.
"""

from typing import Any, Final

import httpx

from connectors.asana.html import to_markdown
from workers.demo.people import Seen, answer

PROJECT_GID: Final = "1204001"
WORKSPACE_GID: Final = "1200001"


class AsanaDesk:
    """Somebody in Asana."""

    FIELDS = (
        "name,html_notes,memberships.section.name,due_on,assignee.email,tags.name,custom_fields.name,"
        "custom_fields.number_value"
    )

    def __init__(self, url: str, person: str) -> None:
        headers = {"Authorization": f"Bearer {person}-token"}
        self._http = httpx.AsyncClient(base_url=f"{url}/api/1.0/", headers=headers, timeout=30)

    async def create(self, **values: Any) -> str:
        data = {**await self._native(values), "projects": [PROJECT_GID]}
        gid = str((await self._ask("POST", "tasks", data))["gid"])
        await self._place(gid, values)
        return gid

    async def edit(self, id_: str, **values: Any) -> None:
        native = await self._native(values)
        if native:
            await self._ask("PUT", f"tasks/{id_}", native)
        await self._place(id_, values)

    async def _place(self, id_: str, values: dict[str, Any]) -> None:
        """What Asana changes by routes of their own: the section, and the tags."""
        if "status" in values:
            sections = await self._ask("GET", f"projects/{PROJECT_GID}/sections")
            gid = next(section["gid"] for section in sections if section["name"] == values["status"])
            await self._ask("POST", f"sections/{gid}/addTask", {"task": id_})
        if "labels" in values:
            there = await self._ask("GET", f"tasks/{id_}/tags")
            for tag in there:
                if tag["name"] not in values["labels"]:
                    await self._ask("POST", f"tasks/{id_}/removeTag", {"tag": tag["gid"]})
            for name in set(values["labels"]) - {tag["name"] for tag in there}:
                await self._ask("POST", f"tasks/{id_}/addTag", {"tag": await self._tag(name)})

    async def _tag(self, name: str) -> str:
        for tag in await self._ask("GET", f"workspaces/{WORKSPACE_GID}/tags"):
            if tag["name"] == name:
                return str(tag["gid"])
        return str((await self._ask("POST", "tags", {"name": name, "workspace": WORKSPACE_GID}))["gid"])

    async def comment(self, id_: str, text: str) -> str:
        return str((await self._ask("POST", f"tasks/{id_}/stories", {"text": text}))["gid"])

    async def edit_comment(self, id_: str, comment: str, text: str) -> None:  # noqa: ARG002 - the comment is enough
        await self._ask("PUT", f"stories/{comment}", {"text": text})

    async def attach(self, id_: str, name: str, content: bytes) -> None:
        sent = await self._http.post("attachments", data={"parent": id_}, files={"file": (name, content)})
        answer(sent)

    async def delete(self, id_: str) -> None:
        await self._ask("DELETE", f"tasks/{id_}")

    async def all(self) -> list[Seen]:
        found: list[Seen] = []
        query = {"opt_fields": self.FIELDS, "limit": "100"}
        while True:
            page = answer(await self._http.get(f"projects/{PROJECT_GID}/tasks", params=query))
            found += [self._seen(task) for task in page["data"]]
            if not page.get("next_page"):
                return found
            query["offset"] = page["next_page"]["offset"]

    async def read(self, id_: str) -> Seen:
        task = await self._ask("GET", f"tasks/{id_}?opt_fields={self.FIELDS}")
        stories = await self._ask("GET", f"tasks/{id_}/stories?opt_fields=type,html_text,created_by.name&limit=100")
        files = await self._ask("GET", f"attachments?parent={id_}&opt_fields=name,size&limit=100")
        said = ((one["created_by"]["name"], one["html_text"]) for one in stories if one["type"] == "comment")
        return self._seen(
            task,
            comments=tuple((author, to_markdown(text) or "") for author, text in said),
            files=tuple((one["name"], one["size"]) for one in files),
        )

    async def _native(self, values: dict[str, Any]) -> dict[str, Any]:
        names = {"title": "name", "details": "notes", "due": "due_on", "assignee": "assignee"}
        native = {names[name]: value for name, value in values.items() if name in names}
        if "effort" in values:
            settings = await self._ask("GET", f"projects/{PROJECT_GID}/custom_field_settings")
            fields = {one["custom_field"]["name"]: one["custom_field"]["gid"] for one in settings}
            native["custom_fields"] = {fields["Effort"]: values["effort"]}
        return native

    def _seen(self, task: dict[str, Any], **more: Any) -> Seen:
        numbers = {one["name"]: one.get("number_value") for one in task["custom_fields"]}
        return Seen(
            id=task["gid"],
            title=task["name"],
            details=to_markdown(task["html_notes"]),
            status=task["memberships"][0]["section"]["name"],
            due=task["due_on"],
            assignee=(task["assignee"] or {}).get("email"),
            labels=frozenset(tag["name"] for tag in task["tags"]),
            effort=numbers.get("Effort"),
            **more,
        )

    async def _ask(self, method: str, path: str, data: dict[str, Any] | None = None) -> Any:
        sent: dict[str, Any] = {"json": {"data": data}} if data is not None else {}
        return answer(await self._http.request(method, path, **sent))["data"]
