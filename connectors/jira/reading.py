"""Reading issues: as they are now, what changed since, and who edited which field when."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from zoneinfo import ZoneInfo

from connectors.contract import Aspect, Edit, ObjectType, Page, Record, Scope
from connectors.errors import NotFound, Rejected
from connectors.jira.part import Part
from connectors.jira.scope import IssueScope, parse_scope
from connectors.values import parse_datetime

BULK: Final = 100
"""Issues in one `issue/bulkfetch`."""
RECONCILED: Final = 50
"""Ids that a search may be told to read past its index."""
PAGE: Final = 100
REPEATED: Final = 20
"""How many issues the pages of Data Center share: those that leave the result while it is read shift the rest."""
NAMES_IN_HISTORY: Final = {"fixVersions": "Fix Version", "components": "Component", "parent": "IssueParentAssociation"}
"""Where the history knows a field by neither key nor display name."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a scan is: everything since `since` (None: from the beginning), on `page` of a round begun at `begun`."""

    since: str | None = None
    begun: str | None = None
    page: str | int | None = None

    @classmethod
    def parse(cls, text: str | None) -> "Cursor":
        """Read what `str()` wrote."""
        return cls(**json.loads(text)) if text else cls()

    def __str__(self) -> str:
        return json.dumps({"since": self.since, "begun": self.begun, "page": self.page})


class Reading(Part):
    """The reader; see `connectors.contract.Reader`."""

    async def describe(self, object_: str, scope: Scope) -> ObjectType:  # noqa: ARG002 - there is one object
        """The fields of the project's issues."""
        wanted = parse_scope(scope)
        described = await self.metadata.describe(wanted.project)
        if wanted.jql:
            await self._search(wanted.where(), [], 1)
        return described

    async def fetch(
        self,
        ids: Sequence[str],
        object_: str,  # noqa: ARG002 - there is one object
        fields: Collection[str],
        scope: Scope,
        aspects: Collection[Aspect] = (),
    ) -> list[Record]:
        """Read by id, which no index delays."""
        if not ids:
            return []
        wanted = parse_scope(scope)
        issues = await self._by_id(ids, self.records.asked(fields, aspects))
        if len(issues) < len(set(ids)):
            await self.people.me()  # to a stranger Jira answers with nothing instead of a refusal
        records = await self.records.records(issues, fields, wanted.project)
        if not wanted.jql:
            return records
        inside = await self._matching([record.ref.id for record in records], wanted)
        return [replace(record, in_scope=record.in_scope and record.ref.id in inside) for record in records]

    async def scan(self, object_: str, scope: Scope, cursor: str | None, fields: Collection[str]) -> Page:  # noqa: ARG002 - there is one object
        """A page of what changed, by the search; the index may be late, so that each round goes back a little."""
        wanted, at = parse_scope(scope), Cursor.parse(cursor)
        if at.page is None:
            at = replace(at, begun=(await self.client.get("serverInfo"))["serverTime"])
        jql = await self._changes(wanted, at.since)
        try:
            found = await self._search(jql, self.records.asked(fields), PAGE, page=at.page)
        except Rejected:
            if at.page is None:
                raise
            # The token of a page lives for seven days; the round begins again.
            found = await self._search(jql, self.records.asked(fields), PAGE)
        if not found["issues"]:
            await self.people.me()
        records = await self.records.records(found["issues"], fields, None)
        more = found["next"] is not None
        return Page(records, str(replace(at, page=found["next"]) if more else Cursor(since=at.begun)), more)

    async def is_own(self, record: Record) -> bool:
        """By its creator."""
        return await self.by_us({"author": record.native["fields"].get("creator")})

    async def edits(self, record: Record, fields: Collection[str]) -> Mapping[str, Edit]:
        """From the issue's history; a field without an entry is as it was created."""
        known = await self.metadata.fields(fields)
        names = {name: key for key, each in known.items() for name in (each.field.name, NAMES_IN_HISTORY.get(key, key))}
        found: dict[str, Edit] = {}
        async for entry in self._history(record.ref.id):
            author = (entry.get("author") or {}).get("displayName")
            edit = Edit(parse_datetime(entry["created"]), author, await self.by_us(entry))
            for item in entry["items"]:
                key = item.get("fieldId") or ""
                key = key if key in known else names.get(item.get("field", ""), "")
                if key and key not in found:
                    found[key] = edit
                elif key and found[key].behind is None:
                    found[key] = found[key].following(edit)
            if found.keys() == known.keys() and all(edit.behind for edit in found.values()):
                return found
        return {**dict.fromkeys(known, Edit(record.created)), **found}

    async def _by_id(self, ids: Sequence[str], asked: list[str]) -> list[dict[str, Any]]:
        distinct = list(dict.fromkeys(ids))
        if not (await self.client.dialect()).cloud:
            found = await asyncio.gather(*(self._one(id_, asked) for id_ in distinct))
            return [issue for issue in found if issue is not None]
        chunks = [distinct[start : start + BULK] for start in range(0, len(distinct), BULK)]
        bodies = [{"issueIdsOrKeys": chunk, "fields": asked} for chunk in chunks]
        answers = await asyncio.gather(*(self.client.post("issue/bulkfetch", body) for body in bodies))
        return [issue for answer in answers for issue in answer["issues"]]

    async def _one(self, id_: str, asked: list[str]) -> dict[str, Any] | None:
        try:
            issue: dict[str, Any] = await self.client.get(f"issue/{id_}", fields=",".join(asked))
        except NotFound:
            return None
        return issue

    async def _search(self, jql: str, asked: list[str], size: int, **more: Any) -> dict[str, Any]:
        """One page of a search: its issues, and `next`, the page to ask for after it or None."""
        cloud = (await self.client.dialect()).cloud
        page = more.pop("page", None)
        body = {"jql": jql, "fields": asked, "maxResults": size, **more}
        if page is not None:
            body["nextPageToken" if cloud else "startAt"] = page
        answer = await self.client.post("search/jql" if cloud else "search", body)
        issues = answer["issues"]
        if cloud:
            after = None if answer.get("isLast") else answer.get("nextPageToken")
        else:
            end = answer["startAt"] + len(issues)
            after = max(end - REPEATED, answer["startAt"] + 1) if issues and end < answer["total"] else None
        return {"issues": issues, "next": after}

    async def _matching(self, ids: Sequence[str], wanted: IssueScope) -> set[str]:
        """Which of these issues the scope's JQL takes in; on Cloud read past the index."""
        cloud = (await self.client.dialect()).cloud
        found: set[str] = set()
        for start in range(0, len(ids), RECONCILED):
            chunk = ids[start : start + RECONCILED]
            more = {"reconcileIssues": [int(id_) for id_ in chunk]} if cloud else {}
            answer = await self._search(wanted.where(f"id in ({', '.join(chunk)})"), ["project"], RECONCILED, **more)
            found |= {str(issue["id"]) for issue in answer["issues"]}
        return found

    async def _changes(self, wanted: IssueScope, since: str | None) -> str:
        """Ordered by what does not move: in the order of `updated`, an edit while paging would hide others."""
        conditions: list[str] = []
        if since is not None:
            back = parse_datetime(since) - timedelta(minutes=self.settings.overlap_minutes)
            conditions = [f'updated >= "{local_time(back, await self.people.time_zone())}"']
        return wanted.where(*conditions) + " ORDER BY key ASC"

    async def _history(self, id_: str) -> AsyncIterator[dict[str, Any]]:
        """The changes of an issue, newest first."""
        if not (await self.client.dialect()).cloud:
            issue = await self.client.get(f"issue/{id_}", fields="project", expand="changelog")
            # Some versions list the newest first, others last.
            for entry in sorted(issue["changelog"]["histories"], key=_moment_and_id, reverse=True):
                yield entry
            return
        path = f"issue/{id_}/changelog"
        oldest = await self.client.get(path, startAt=0, maxResults=PAGE)
        end = int(oldest["total"])
        while end > PAGE:
            start = max(PAGE, end - PAGE)
            page = await self.client.get(path, startAt=start, maxResults=end - start)
            for entry in reversed(page["values"]):
                yield entry
            end = start
        for entry in reversed(oldest["values"]):
            yield entry


def _moment_and_id(entry: Mapping[str, Any]) -> tuple[datetime, int]:
    return parse_datetime(entry["created"]), int(entry["id"])


def local_time(moment: datetime, zone: ZoneInfo | None) -> str:
    """A moment as JQL reads it: the account's own wall clock, to the minute, never later than meant.

    In the hour that a clock shows twice, the earlier hour is said; of an unknown zone, the clock furthest behind.
    """
    local = moment.astimezone(zone or timezone(timedelta(hours=-12)))
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        local = local.replace(fold=0) - timedelta(hours=1)
    return local.strftime("%Y-%m-%d %H:%M")
