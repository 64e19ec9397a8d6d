"""Routes of issues: create, read, edit, assign, move, delete."""

from collections.abc import Mapping
from typing import Any, Final

from connectors.standins.jira import actions
from connectors.standins.jira.catalogue import ISSUE_TYPES
from connectors.standins.jira.comments import read_comment
from connectors.standins.jira.fields import FIELDS, NOT_ON_SCREEN, Unset, metadata, read_create, read_edit, read_screen
from connectors.standins.jira.history import changelog_json
from connectors.standins.jira.model import Draft, Issue
from connectors.standins.jira.properties import checked_properties
from connectors.standins.jira.shapes import NAMES, SCHEMAS, issue_json, rendered_json, selected
from connectors.standins.jira.values import Invalid
from connectors.standins.jira.view import status_json
from connectors.standins.jira.web import Call, Refused, Reply, Routes, checked_edits, split_words
from connectors.standins.jira.workflow import Transition, available

routes: Final = Routes()

BULK_CREATE_MAX: Final = 50
BULK_FETCH_MAX: Final = 100
NOT_VALID: Final = (
    "It seems that you have tried to perform a workflow operation (transition {}) that is not valid for the current "
    "state of this issue ({}). The likely cause is that somebody has changed the issue recently, please look at the "
    "issue history for details."
)


def whole_issue(
    call: Call, issue: Issue, names: tuple[str, ...], expand: tuple[str, ...], properties: tuple[str, ...]
) -> dict[str, Any]:
    """An issue with what `expand` and `properties` ask for besides its fields."""
    shown = issue_json(call.world, issue, call.view, names)
    for extra in expand:
        match extra:
            case "names":
                shown["names"] = {name: NAMES[name] for name in names}
            case "schema":
                shown["schema"] = {name: SCHEMAS[name] for name in names}
            case "renderedFields":
                shown["renderedFields"] = rendered_json(issue, names)
            case "transitions":
                shown["transitions"] = _transitions(call, issue, with_fields=False)
            case "editmeta":
                shown["editmeta"] = _editmeta(call)
            case "changelog":
                shown["changelog"] = changelog_json(call, issue)
    if properties:
        kept = call.world.properties.get(issue.id, {})
        shown["properties"] = {key: value for key, value in kept.items() if key in properties or "*all" in properties}
    return shown


@routes.on("POST", "issue")
def create_issue(call: Call) -> Reply:
    """Create one issue."""
    return Reply(201, _create(call, call.edits(), bulk=False))


@routes.on("POST", "issue/bulk")
def create_issues(call: Call) -> Reply:
    """Create up to 50; a bad one fails alone."""
    updates = call.json().get("issueUpdates") or []
    if len(updates) > BULK_CREATE_MAX:
        raise Refused(400, f"Number of issues to be created exceeds the limit of {BULK_CREATE_MAX}.")
    created: list[Any] = []
    errors: list[Any] = []
    for number, update in enumerate(updates):
        try:
            created.append(_create(call, checked_edits(update), bulk=True))
        except Refused as problem:
            body = {**problem.body(), "status": problem.status}
            errors.append({"status": problem.status, "elementErrors": body, "failedElementNumber": number})
    return Reply(201 if created else 400, {"issues": created, "errors": errors})


@routes.on("GET", "issue/{}")
def get_issue(call: Call, ref: str) -> Reply:
    """One issue, as it is now."""
    names = selected(call.words("fields"), "*all")
    return Reply(200, whole_issue(call, call.issue(ref), names, call.words("expand"), call.words("properties")))


@routes.on("POST", "issue/bulkfetch", cloud_only=True)
def fetch_issues(call: Call) -> Reply:
    """Up to 100 issues, as they are now, in order of id; what is missing is left out without a word."""
    body = call.json()
    wanted = list(dict.fromkeys(str(ref) for ref in body.get("issueIdsOrKeys") or []))
    if not 1 <= len(wanted) <= BULK_FETCH_MAX:
        raise Refused(400, f"The number of issue IDs or keys must be between 1 and {BULK_FETCH_MAX}.")
    names = selected(tuple(body.get("fields") or ()), "*navigable")
    expand = split_words(tuple(body.get("expand") or ()))
    properties = tuple(body.get("properties") or ())
    found = {issue.id: issue for ref in wanted if call.person and (issue := call.world.issue(ref))}
    shown = [whole_issue(call, found[number], names, expand, properties) for number in sorted(found)]
    return Reply(200, {"issues": shown})


@routes.on("PUT", "issue/{}")
def edit_issue(call: Call, ref: str) -> Reply:
    """Change fields and properties; a status is ignored without a word."""
    issue, body = call.issue(ref), call.edits()
    properties, drafts = checked_properties(body), _drafts(call, body)
    try:
        values = read_edit(call.world, issue, body, call.view)
    except Unset as problem:
        raise Refused.by_field(problem) from None
    kind = "issue_assigned" if values.keys() == {"assignee"} else "issue_updated"
    edited = actions.edit(call, issue, values, kind)
    if properties:
        call.world.properties.setdefault(issue.id, {}).update(properties)
    _say(call, edited, drafts)
    if call.text("returnIssue") != "true":
        return Reply(204)
    names = selected((), "*all")
    return Reply(200, whole_issue(call, call.issue(ref), names, call.words("expand"), ()))


@routes.on("DELETE", "issue/{}")
def delete_issue(call: Call, ref: str) -> Reply:
    """Delete an issue; one with sub-tasks only when told to delete these too."""
    issue = call.issue(ref)
    children = (call.world.issues[child] for child in call.world.children.get(issue.id, ()))
    has_subtasks = any(ISSUE_TYPES[child.values["issuetype"]].level < 0 for child in children)
    if has_subtasks and call.text("deleteSubtasks") != "true":
        told = f"The issue '{issue.key}' has subtasks.  You must specify the 'deleteSubtasks' parameter to delete this "
        raise Refused(400, told + "issue and all its subtasks.")
    actions.remove(call, issue)
    return Reply(204)


@routes.on("PUT", "issue/{}/assignee")
def assign_issue(call: Call, ref: str) -> Reply:
    """Assign, unassign with null, or give to the project's default with "-1"."""
    issue, body = call.issue(ref), call.json()
    if len(body.keys() & {"accountId", "name", "key"}) != 1:
        raise Refused(400, "Specify exactly one of accountId, name and key.")
    try:
        account = FIELDS["assignee"].kind.read(call.world, body, call.view)
    except Invalid as problem:
        raise Refused(400, errors={"assignee": str(problem)}) from None
    actions.edit(call, issue, {"assignee": account}, "issue_assigned")
    return Reply(204)


@routes.on("GET", "issue/{}/editmeta")
def get_editmeta(call: Call, ref: str) -> Reply:
    """The fields on the edit screen."""
    call.issue(ref)
    return Reply(200, _editmeta(call))


@routes.on("GET", "issue/{}/transitions")
def get_transitions(call: Call, ref: str) -> Reply:
    """The transitions open from here."""
    with_fields = "transitions.fields" in call.words("expand")
    shown = _transitions(call, call.issue(ref), with_fields=with_fields)
    wanted = call.text("transitionId")
    return Reply(200, {"expand": "transitions", "transitions": [one for one in shown if wanted in ("", one["id"])]})


@routes.on("POST", "issue/{}/transitions")
def run_transition(call: Call, ref: str) -> Reply:
    """Run a transition; its screen's required fields must come along, and only these may."""
    _move(call, call.issue(ref), call.edits())
    return Reply(204)


def _move(call: Call, issue: Issue, body: Mapping[str, Any]) -> None:
    wanted = str((body.get("transition") or {}).get("id", ""))
    transition = next((one for one in available(issue) if one.id == wanted), None)
    if transition is None:
        raise Refused(400, NOT_VALID.format(wanted, issue.key))
    drafts = _drafts(call, body)
    try:
        values = read_screen(call.world, issue, body, transition.screen(issue), call.view)
    except Unset as problem:
        raise Refused.by_field(problem) from None
    moved = actions.move(call, issue, transition, values)
    _say(call, moved, drafts)


def _initial_move(call: Call, issue: Issue, body: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the `transition` in a request to create, which does not undo the creation."""
    try:
        _move(call, issue, {"transition": body["transition"]})
    except Refused as problem:
        return {"status": problem.status, "errorCollection": problem.body()}
    return {"status": 200, "errorCollection": {"errorMessages": [], "errors": {}}}


def _create(call: Call, body: Mapping[str, Any], *, bulk: bool) -> dict[str, Any]:
    given = (body.get("fields") or {}).get("project") or {}
    project = call.world.project(str(given.get("key") or given.get("id") or "")) if call.person else None
    properties, drafts = checked_properties(body), _drafts(call, body)
    try:
        values = read_create(call.world, body, call.view)
    except Unset as problem:
        if project is None:
            problem.errors["project"] = "Specify a valid project ID or key"
        raise Refused.by_field(problem) from None
    if project is None:
        raise Refused(400, errors={"project": "Specify a valid project ID or key"})
    issue = actions.create(call, project, values, properties, bulk=bulk)
    _say(call, issue, drafts)
    moved = {"transition": _initial_move(call, issue, body)} if body.get("transition") else {}
    return {**moved, "id": str(issue.id), "key": issue.key, "self": call.view.url(f"issue/{issue.id}")}


def _drafts(call: Call, body: Mapping[str, Any]) -> list[Draft]:
    """The comments that `update.comment` writes in the same request. Raises Refused."""
    steps = (body.get("update") or {}).get("comment") or []
    if not all(isinstance(step, dict) and isinstance(step.get("add"), dict) for step in steps):
        raise Refused(400, errors={"comment": NOT_ON_SCREEN.format("comment")})
    return [read_comment(call, step["add"]) for step in steps]


def _say(call: Call, issue: Issue, drafts: list[Draft]) -> None:
    for draft in drafts:
        actions.add_comment(call, issue, draft)


def _editmeta(call: Call) -> dict[str, Any]:
    return {"fields": {field.id: metadata(field, call.view) for field in FIELDS.values() if field.on_edit}}


def _transitions(call: Call, issue: Issue, *, with_fields: bool) -> list[dict[str, Any]]:
    return [_transition(call, issue, one, with_fields=with_fields) for one in available(issue)]


def _transition(call: Call, issue: Issue, transition: Transition, *, with_fields: bool) -> dict[str, Any]:
    screen = transition.screen(issue)
    shown = {
        "id": transition.id,
        "name": transition.name,
        "to": status_json(transition.end, call.view.base, call.view.version),
        "hasScreen": bool(screen),
        "isGlobal": False,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": False,
        "isLooped": False,
    }
    if with_fields:
        shown["fields"] = {
            name: {**metadata(FIELDS[name], call.view), "required": required} for name, required in screen.items()
        }
    return shown
