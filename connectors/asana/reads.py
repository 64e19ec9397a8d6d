"""Reading tasks by gid and by marker, and what fields there are."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from connectors.asana.account import Account, Place
from connectors.asana.client import Forbidden, Json, failure
from connectors.asana.fields import STANDARD, TASK, TYPES
from connectors.asana.records import is_work, opt_fields, record
from connectors.contract import Aspect, Field, ObjectType, Record, Scope
from connectors.errors import NotFound
from connectors.values import format_datetime

BATCH_SIZE: Final = 10

CLOCK_MARGIN: Final = timedelta(minutes=15)
"""How much further back a marker is looked for than it can be, by Asana's own clock."""


class Reads(Account):
    """Fetching and describing."""

    async def describe(self, object_: str, scope: Scope) -> ObjectType:
        """The standard fields and the project's custom fields; see `connectors.contract.Reader`."""
        project = (await self.place(object_, scope)).project
        project = await self.metadata.project(project.gid, fresh=True)
        sections = tuple(project.sections)
        standard = (replace(f, options=sections) if f.key == "section" else f for f in STANDARD[TASK].fields)
        custom: Iterator[Field] = (field.described() for field in project.custom.values())
        return ObjectType(TASK, (*standard, *custom))

    async def fetch(
        self,
        ids: Sequence[str],
        object_: str,
        fields: Collection[str],
        scope: Scope,
        aspects: Collection[Aspect] = (),  # noqa: ARG002 - Asana tells of comments and files only when asked for them
    ) -> list[Record]:
        """See `connectors.contract.Reader`: up to ten tasks a request, several requests at once."""
        if not ids:
            return []
        place = await self.place(object_, scope)
        tasks = await self.tasks(ids, opt_fields(fields, place))
        records = [record(task, fields, place, scope, self.name) for task in tasks if is_work(task)]
        # Tags and sections do not move `modified_at`.
        now = self.client.clock.now()
        return [replace(one, read=now) for one in records]

    async def is_own(self, record: Record) -> bool:
        """See `connectors.contract.Reader`."""
        maker = record.native["task"].get("created_by") or {}
        return maker.get("gid") == (await self.metadata.me()).id

    async def find_by_marker(self, object_: str, scope: Scope, marker: str, since: datetime) -> Record | None:
        """See `connectors.contract.Writer`. Asana lists what it has just stored: nothing here lags."""
        place = await self.place(object_, scope)
        keys = [*TYPES, *place.project.custom]
        asked = opt_fields(keys, place)
        if place.marking.place == "external":
            found = await self.tasks([f"external:{marker}"], asked)
        else:
            carrying = await self._carrying(marker, since, place)
            found = await self.tasks(carrying[:1], asked)
        return record(found[0], keys, place, scope, self.name) if found else None

    async def tasks(self, ids: Sequence[str], asked: Sequence[str]) -> list[Json]:
        """The tasks as they are now; those that are gone or hidden from us are left out."""
        if len(ids) == 1:
            return await self._task(ids[0], asked)
        chunks = [ids[at : at + BATCH_SIZE] for at in range(0, len(ids), BATCH_SIZE)]
        found = await asyncio.gather(*(self._batch(chunk, asked) for chunk in chunks))
        return [task for chunk in found for task in chunk]

    async def _task(self, gid: str, asked: Sequence[str]) -> list[Json]:
        try:
            answer = await self.client.request("GET", "/tasks/{}", gid, query={"opt_fields": ",".join(asked)})
        except (NotFound, Forbidden):
            return []
        return [answer["data"]]

    async def _batch(self, ids: Sequence[str], asked: Sequence[str]) -> list[Json]:
        actions = [
            {"method": "get", "relative_path": f"/tasks/{quote(gid, safe='')}", "options": {"fields": list(asked)}}
            for gid in ids
        ]
        answer = await self.client.request("POST", "/batch", data={"actions": actions})
        tasks: list[Json] = []
        for gid, result in zip(ids, answer["data"], strict=True):
            if result["status_code"] == 200:
                tasks.append(result["body"]["data"])
                continue
            error = failure(f"GET /tasks/{gid}", result["status_code"], result.get("headers") or {}, result["body"])
            if not isinstance(error, NotFound | Forbidden):
                raise error
        return tasks

    async def _carrying(self, marker: str, since: datetime, place: Place) -> list[str]:
        """The gids of the project's tasks with this marker, the oldest first."""
        query: dict[str, Any] = {
            "project": place.project.gid,
            "modified_since": format_datetime(since + self.client.clock.ahead - CLOCK_MARGIN),
            "opt_fields": ",".join(("created_at", *place.marking.opt_fields)),
        }
        tasks = await self.client.list_all("/tasks", query=query)
        found = [task for task in tasks if place.marking.read(task) == marker]
        return [task["gid"] for task in sorted(found, key=lambda task: str(task["created_at"]))]
