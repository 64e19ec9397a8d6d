"""Routes of the changelog: who changed which field when."""

from typing import Any, Final

from connectors.standins.jira.model import History, Issue
from connectors.standins.jira.shapes import history_json, page_json
from connectors.standins.jira.web import Call, Refused, Reply, Routes, paged

routes: Final = Routes()

PAGE: Final = 100
BULK_ISSUES_MAX: Final = 1000
BULK_FIELDS_MAX: Final = 10
BULK_PAGE: Final = 1000


def changelog_json(call: Call, issue: Issue) -> dict[str, Any]:
    """The changelog as `expand=changelog` shows it: newest first, on Data Center oldest first."""
    entries = call.world.histories.get(issue.id, [])
    shown = [history_json(entry, call.view) for entry in (reversed(entries) if call.view.cloud else entries)]
    return page_json("histories", shown, 0, len(shown), len(shown))


@routes.on("GET", "issue/{}/changelog", cloud_only=True)
def get_changelog(call: Call, ref: str) -> Reply:
    """A page of an issue's changelog, oldest first."""
    entries = call.world.histories.get(call.issue(ref).id, [])
    start, limit = call.number("startAt", 0), min(call.number("maxResults", PAGE), PAGE)
    shown = (history_json(entry, call.view) for entry in entries[start : start + limit])
    return Reply(200, paged(shown, start, limit, len(entries)))


@routes.on("POST", "changelog/bulkfetch", cloud_only=True)
def fetch_changelogs(call: Call) -> Reply:
    """The changelogs of many issues, oldest entry first, of some fields only where `fieldIds` says so."""
    body = call.json()
    refs, fields = body.get("issueIdsOrKeys") or [], set(body.get("fieldIds") or [])
    if not 1 <= len(refs) <= BULK_ISSUES_MAX or len(fields) > BULK_FIELDS_MAX:
        raise Refused(400, f"Ask for 1 to {BULK_ISSUES_MAX} issues and at most {BULK_FIELDS_MAX} fields.")
    found = (call.world.issue(str(ref)) for ref in refs) if call.person else ()
    entries = [
        (issue.id, entry)
        for issue in found
        if issue is not None
        for entry in call.world.histories.get(issue.id, [])
        if not fields or _touches(entry, fields)
    ]
    entries.sort(key=lambda pair: (pair[1].at, pair[0]))
    start = int(body.get("nextPageToken") or 0)
    end = start + min(int(body.get("maxResults") or BULK_PAGE), BULK_PAGE)
    logs: dict[int, list[Any]] = {}
    for number, entry in entries[start:end]:
        logs.setdefault(number, []).append(history_json(entry, call.view))
    shown = [{"issueId": str(number), "changeHistories": log} for number, log in logs.items()]
    more = {"nextPageToken": str(end)} if end < len(entries) else {}
    return Reply(200, {"issueChangeLogs": shown, **more})


def _touches(entry: History, fields: set[str]) -> bool:
    return any(item.field_id in fields for item in entry.items)
