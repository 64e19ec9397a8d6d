"""Scanning a project: a full listing once, then the event stream, which also tells of moves and deletions.

A cursor is JSON: `scope` it belongs to, `sync` the event token, and `offset` while the listing is under way. The token
is taken before the listing starts, so that nothing falls between the two.
https://developers.asana.com/docs/events-guide
"""

import asyncio
import json
from collections.abc import Collection
from typing import Any, Final

from connectors.asana.account import Place
from connectors.asana.client import PAGE_SIZE, Json, SyncExpired
from connectors.asana.fields import TASK
from connectors.asana.reads import Reads
from connectors.asana.records import SUBTASK_LEVELS, is_work, opt_fields, record
from connectors.contract import Page, Record, Ref, Scope
from connectors.errors import Rejected

_PARENT_OF: Final = ("story", "attachment")


class Scans(Reads):
    """Everything in scope, then everything that changed."""

    async def scan(self, object_: str, scope: Scope, cursor: str | None, fields: Collection[str]) -> Page:
        """See `connectors.contract.Reader`. An expired cursor starts a full listing again."""
        place = await self.place(object_, scope)
        at = _read(cursor, place)
        if "sync" not in at:
            return await self._listing(await self._token(place), None, place, scope, fields)
        if "offset" in at:
            try:
                return await self._listing(at["sync"], at["offset"], place, scope, fields)
            except Rejected:
                # An offset is good for minutes only: list again from the start.
                return await self._listing(await self._token(place), None, place, scope, fields)
        try:
            answer = await self._events(place, at["sync"])
        except SyncExpired as expired:
            return await self._listing(expired.sync, None, place, scope, fields)
        records, deleted = await self._changed(answer["data"], scope, fields)
        after = _write(place, sync=answer["sync"])
        return Page(records, after, more=bool(answer.get("has_more")), deleted=deleted)

    async def _events(self, place: Place, sync: str | None) -> Json:
        query = {"resource": place.project.gid, **({"sync": sync} if sync else {})}
        return await self.client.request("GET", "/events", query=query)

    async def _token(self, place: Place) -> str:
        try:
            answer = await self._events(place, None)
        except SyncExpired as fresh:
            return fresh.sync
        return str(answer["sync"])

    async def _listing(
        self, sync: str, offset: str | None, place: Place, scope: Scope, fields: Collection[str]
    ) -> Page:
        where = {"section": place.section} if place.section else {"project": place.project.gid}
        query: Json = {**where, "limit": PAGE_SIZE, "opt_fields": ",".join(opt_fields(fields, place))}
        if offset:
            query["offset"] = offset
        answer = await self.client.request("GET", "/tasks", query=query)
        tasks = await self._with_subtasks(answer["data"], query["opt_fields"], SUBTASK_LEVELS)
        records = [record(task, fields, place, scope, self.name) for task in tasks if is_work(task)]
        following = (answer.get("next_page") or {}).get("offset")
        after = _write(place, sync=sync, **({"offset": following} if following else {}))
        return Page(records, after, more=following is not None)

    async def _with_subtasks(self, tasks: list[Json], asked: str, levels: int) -> list[Json]:
        """These tasks and what is under them, which a project does not list."""
        parents = [task["gid"] for task in tasks if task.get("num_subtasks")]
        if not parents or not levels:
            return tasks
        query = {"opt_fields": asked}
        lists = await asyncio.gather(*(self.client.list_all("/tasks/{}/subtasks", gid, query=query) for gid in parents))
        below = await self._with_subtasks([task for found in lists for task in found], asked, levels - 1)
        return [*tasks, *below]

    async def _changed(
        self, events: list[Json], scope: Scope, fields: Collection[str]
    ) -> tuple[list[Record], list[Ref]]:
        touched, gone = _touched(events)
        records = await self.fetch(touched, TASK, fields, scope)
        there = {found.ref.id for found in records}
        return records, [Ref(self.name, TASK, gid) for gid in gone if gid not in there]


def _touched(events: list[Json]) -> tuple[list[str], list[str]]:
    """The gids of the tasks that events are about, and of those among them that were deleted."""
    touched: dict[str, None] = {}
    gone: dict[str, None] = {}
    for event in events:
        resource = event.get("resource") or {}
        task = event.get("parent") or {} if resource.get("resource_type") in _PARENT_OF else resource
        if task.get("resource_type") != TASK:
            continue
        touched[task["gid"]] = None
        if task is resource and event.get("action") == "deleted":
            gone[task["gid"]] = None
    return list(touched), list(gone)


def _scope_of(place: Place) -> list[str | None]:
    return [place.project.gid, place.section]


def _write(place: Place, **position: str) -> str:
    return json.dumps({"scope": _scope_of(place), **position})


def _read(cursor: str | None, place: Place) -> dict[str, Any]:
    """Where to go on; nothing known where the cursor is none, or of another scope."""
    try:
        at = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return at if isinstance(at, dict) and at.get("scope") == _scope_of(place) else {}
