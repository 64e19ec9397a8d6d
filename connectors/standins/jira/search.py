"""Routes of search: JQL over the index, in pages."""

import base64
import binascii
import heapq
import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import orjson

from connectors.standins.jira.asker import Asker
from connectors.standins.jira.issues import whole_issue
from connectors.standins.jira.jql import JqlError
from connectors.standins.jira.match import GETTERS, Get, Query, compiled
from connectors.standins.jira.model import Issue
from connectors.standins.jira.shapes import NAMES, SCHEMAS, selected
from connectors.standins.jira.web import Call, Refused, Reply, Routes, split_words

routes: Final = Routes()

PAGE: Final = 50
PAGE_MAX: Final = 100
IDS_MAX: Final = 5000
RECONCILE_MAX: Final = 50
PROPERTIES_MAX: Final = 5
SERVER_PAGE_MAX: Final = 1000
FEW: Final = 1000
WALKED: Final = frozenset({"updated", "created", "key"})
BARE: Final = frozenset({"id", "key"})
UNBOUNDED: Final = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
REMOVED: Final = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
INVALID_TOKEN: Final = "The provided next page token is invalid or expired."

Place = tuple[int, int]


@dataclass(frozen=True)
class Wanted:
    """What a search asks for, from a query string or a body."""

    jql: str
    limit: int
    fields: tuple[str, ...]
    expand: tuple[str, ...]
    properties: tuple[str, ...]
    token: str
    reconcile: frozenset[int]


@routes.on("GET", "search/jql", cloud_only=True)
def get_search(call: Call) -> Reply:
    """A page of results, with `nextPageToken` while there is more."""
    reconcile = call.words("reconcileIssues")
    words = call.words
    wanted = Wanted(
        call.text("jql"),
        call.number("maxResults", PAGE),
        words("fields"),
        words("expand"),
        words("properties"),
        call.text("nextPageToken"),
        _reconciled(reconcile),
    )
    return _search(call, wanted)


@routes.on("POST", "search/jql", cloud_only=True)
def post_search(call: Call) -> Reply:
    """The same, from a body."""
    body = call.json()
    wanted = Wanted(
        str(body.get("jql") or ""),
        int(body.get("maxResults", PAGE)),
        tuple(body.get("fields") or ()),
        split_words((body.get("expand") or "",)),
        tuple(body.get("properties") or ()),
        body.get("nextPageToken") or "",
        _reconciled(tuple(str(number) for number in body.get("reconcileIssues") or ())),
    )
    return _search(call, wanted)


@routes.on("POST", "search/approximate-count", cloud_only=True)
def count(call: Call) -> Reply:
    """How many issues a query finds."""
    query = _query(call, str(call.json().get("jql") or ""))
    if query is None:
        return Reply(200, {"count": 0})
    return Reply(200, {"count": sum(1 for _ in _matching(call, query, None, frozenset()))})


@routes.on("GET", "search")
def get_old_search(call: Call) -> Reply:
    """The search of Data Center; gone on Cloud."""
    if call.view.cloud:
        raise Refused(410, REMOVED)
    return _old_search(
        call,
        call.text("jql"),
        (call.number("startAt", 0), call.number("maxResults", PAGE)),
        (call.words("fields"), call.words("expand")),
    )


@routes.on("POST", "search")
def post_old_search(call: Call) -> Reply:
    """The same, from a body."""
    if call.view.cloud:
        raise Refused(410, REMOVED)
    body = call.json()
    return _old_search(
        call,
        str(body.get("jql") or ""),
        (int(body.get("startAt") or 0), int(body.get("maxResults", PAGE))),
        (tuple(body.get("fields") or ()), tuple(body.get("expand") or ())),
    )


def _reconciled(numbers: tuple[str, ...]) -> frozenset[int]:
    if len(numbers) > RECONCILE_MAX or not all(number.isdecimal() for number in numbers):
        raise Refused(400, f"reconcileIssues takes at most {RECONCILE_MAX} numeric issue ids.")
    return frozenset(int(number) for number in numbers)


def _search(call: Call, wanted: Wanted) -> Reply:
    if len(wanted.properties) > PROPERTIES_MAX:
        raise Refused(400, f"The maximum number of issue properties is {PROPERTIES_MAX}.")
    query = _query(call, wanted.jql)
    if query is not None and not query.bounded:
        raise Refused(400, UNBOUNDED)
    if query is None:
        return Reply(200, {"issues": [], "isLast": True})
    bare = set(wanted.fields) <= BARE
    limit = min(max(1, wanted.limit), IDS_MAX if bare else PAGE_MAX)
    found = list(itertools.islice(_matching(call, query, _opened(wanted.token), wanted.reconcile), limit + 1))
    issues, more = found[:limit], len(found) > limit
    body: dict[str, Any] = {"issues": _shown(call, issues, wanted), "isLast": not more}
    if more:
        body["nextPageToken"] = _sealed(issues[-1])
    for extra, whole in (("names", NAMES), ("schema", SCHEMAS)):
        if extra in wanted.expand:
            body[extra] = {name: whole[name] for name in selected(wanted.fields, "id")}
    return Reply(200, body)


def _shown(call: Call, issues: list[Issue], wanted: Wanted) -> list[dict[str, Any]]:
    if set(wanted.fields) <= BARE:
        with_key = "key" in wanted.fields
        return [{"id": str(issue.id), **({"key": issue.key} if with_key else {})} for issue in issues]
    names = selected(wanted.fields, "id")
    expand = tuple(extra for extra in wanted.expand if extra not in {"names", "schema"})
    return [whole_issue(call, issue, names, expand, wanted.properties) for issue in issues]


def _old_search(call: Call, jql: str, page: tuple[int, int], chosen: tuple[tuple[str, ...], tuple[str, ...]]) -> Reply:
    query = _query(call, jql)
    start, limit = page[0], min(page[1], SERVER_PAGE_MAX)
    found = [] if query is None else list(_matching(call, query, None, frozenset()))
    names = selected(chosen[0], "*navigable")
    shown = [whole_issue(call, issue, names, chosen[1], ()) for issue in found[start : start + limit]]
    return Reply(200, {"expand": "schema,names", **_page(start, limit, len(found)), "issues": shown})


def _page(start: int, limit: int, total: int) -> dict[str, int]:
    return {"startAt": start, "maxResults": limit, "total": total}


def _query(call: Call, jql: str) -> Query | None:
    """The query, with the index as fresh as the lag allows; None for anonymous callers, who see nothing."""
    if call.person is None:
        return None
    world = call.world
    world.index.settle(world.issues, world.control.index_lag)
    try:
        return compiled(jql, Asker(world, call.person))
    except JqlError as problem:
        raise Refused(400, str(problem)) from None


def _matching(call: Call, query: Query, after: Place | None, reconcile: frozenset[int]) -> Iterator[Issue]:
    """The results in order, from behind the place (updated, id) that ended the page before."""
    fresh = [call.world.issues[number] for number in reconcile if number in call.world.issues]
    field, descending = query.order[0] if query.order else ("created", True)
    if field not in WALKED:
        stale = (issue for issue in call.world.index.docs.values() if issue.id not in reconcile)
        found = [issue for issue in itertools.chain(stale, fresh) if query.test(issue)]
        return _behind(_sorted(found, query), after)
    place = _by_updated if field == "updated" else _by_id
    fresh.sort(key=place, reverse=descending)
    walk = _walk(call, query, field, after, descending=descending)
    merged = heapq.merge((one for one in walk if one.id not in reconcile), fresh, key=place, reverse=descending)
    if after is None:
        return filter(query.test, merged)
    end = after if field == "updated" else (0, after[1])
    return (one for one in merged if place(one) != end and (place(one) < end) == descending and query.test(one))


def _walk(call: Call, query: Query, field: str, after: Place | None, *, descending: bool) -> Iterator[Issue]:
    """Candidates from the index in order of `field`: the few that ids or labels leave, or a walk along the order."""
    index = call.world.index
    few: Collection[int] | None = query.ids
    if few is None and query.labels is not None and len(labelled := index.labelled(query.labels)) <= FEW:
        few = labelled
    if few is not None:
        found = [index.docs[number] for number in few if number in index.docs]
        return iter(sorted(found, key=_by_updated if field == "updated" else _by_id, reverse=descending))
    if field == "updated":
        return index.by_updated(descending=descending, after=after, since=query.since)
    return index.by_id(descending=descending, after=after[1] if after else None)


def _by_updated(issue: Issue) -> Place:
    return issue.updated, issue.id


def _by_id(issue: Issue) -> Place:
    return 0, issue.id


def _sorted(issues: list[Issue], query: Query) -> list[Issue]:
    issues.sort(key=_by_id)
    for field, descending in reversed(query.order):
        issues.sort(key=partial(_sort_key, GETTERS[field]), reverse=descending)
    return issues


def _sort_key(get: Get, issue: Issue) -> tuple[bool, tuple[Any, ...]]:
    found = get(issue)
    return not found, found


def _behind(issues: list[Issue], after: Place | None) -> Iterator[Issue]:
    if after is None:
        return iter(issues)
    at = next((number for number, issue in enumerate(issues, 1) if issue.id == after[1]), len(issues))
    return iter(issues[at:])


def _sealed(issue: Issue) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([issue.updated, issue.id])).decode()


def _opened(token: str) -> Place | None:
    if not token:
        return None
    try:
        updated, number = orjson.loads(base64.urlsafe_b64decode(token))
    except (ValueError, binascii.Error):
        raise Refused(400, INVALID_TOKEN) from None
    return updated, number
