"""Routes of people."""

from collections.abc import Iterable
from typing import Any, Final

from connectors.standins.jira.catalogue import BY_ACCOUNT, BY_NAME, PEOPLE, Person
from connectors.standins.jira.shapes import person_json
from connectors.standins.jira.web import Call, Refused, Reply, Routes, paged

routes: Final = Routes()

PAGE: Final = 50
BULK_PAGE: Final = 10


@routes.on("GET", "myself")
def myself(call: Call) -> Reply:
    """Who is signed in."""
    return Reply(200, person_json(call.user, call.view))


@routes.on("GET", "user")
def get_user(call: Call) -> Reply:
    """One person: by account on Cloud, by name or key on Data Center."""
    call.must_sign_in()
    wanted = call.text("accountId") if call.view.cloud else call.text("username") or call.text("key")
    found = (BY_ACCOUNT if call.view.cloud else BY_NAME).get(wanted)
    if found is None:
        raise Refused(404, f"Specified user does not exist or you do not have required permissions: '{wanted}'.")
    return Reply(200, person_json(found, call.view))


@routes.on("GET", "user/search")
def search_users(call: Call) -> Reply:
    """People whose name or address begins with the query; hidden addresses are not looked at."""
    call.must_sign_in()
    return Reply(200, _page(call, _found(call, PEOPLE)))


@routes.on("GET", "user/assignable/search")
def search_assignable(call: Call) -> Reply:
    """The same, of those to whom an issue of the project may be assigned."""
    call.must_sign_in()
    project, issue = call.text("project"), call.text("issueKey") or call.text("issueId")
    if not project and not issue:
        raise Refused(400, "Either the 'project' or the 'issueKey' query parameter must be provided.")
    if issue:
        call.issue(issue)
    elif call.world.project(project) is None:
        raise Refused(404, f"No project could be found with key '{project}'.")
    return Reply(200, _page(call, _found(call, (person for person in PEOPLE if person.active), everyone=True)))


@routes.on("GET", "user/bulk", cloud_only=True)
def bulk_users(call: Call) -> Reply:
    """People by account; accounts that do not exist are left out."""
    call.must_sign_in()
    wanted = call.query.get("accountId", [])
    if not wanted:
        raise Refused(400, "The 'accountId' query parameter must be provided.")
    found = [BY_ACCOUNT[account] for account in wanted if account in BY_ACCOUNT]
    start, limit = call.number("startAt", 0), call.number("maxResults", BULK_PAGE)
    shown = (person_json(person, call.view) for person in found[start : start + limit])
    return Reply(200, paged(shown, start, limit, len(found)))


def _found(call: Call, people: Iterable[Person], *, everyone: bool = False) -> list[Person]:
    query = (call.text("query") or call.text("username")).lower()
    account = call.text("accountId")
    if not query and not account and not everyone:
        raise Refused(400, "The query parameters 'query', 'accountId', 'username' and 'property' are all empty.")
    return [person for person in people if (person.account == account if account else _begins(person, query))]


def _begins(person: Person, query: str) -> bool:
    words = [person.shown, *person.shown.split(), *([] if person.hidden else [person.email])]
    return any(word.lower().startswith(query) for word in words)


def _page(call: Call, people: list[Person]) -> list[dict[str, Any]]:
    start, limit = call.number("startAt", 0), call.number("maxResults", PAGE)
    return [person_json(person, call.view) for person in people[start : start + limit]]
