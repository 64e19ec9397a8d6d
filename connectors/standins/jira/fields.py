"""The fields of an issue: which there are, on which screens they stand, and what a request may set in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.standins.jira import kinds
from connectors.standins.jira.catalogue import ISSUE_TYPES
from connectors.standins.jira.kinds import Kind
from connectors.standins.jira.model import Issue
from connectors.standins.jira.values import Invalid
from connectors.standins.jira.view import View, issuetype_json, named_json
from connectors.standins.jira.world import World

CUSTOM_TYPES: Final = "com.atlassian.jira.plugin.system.customfieldtypes:"
NOT_ON_SCREEN: Final = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
MISSING: Final = {
    "summary": "You must specify a summary of the issue.",
    "issuetype": "Specify a valid issue type",
}
SILENTLY_IGNORED: Final = frozenset({"status"})


@dataclass(frozen=True)
class Field:
    """A field that is kept on an issue. `custom` is the vendor's name of its type, empty for a system field."""

    id: str
    name: str
    kind: Kind
    on_create: bool = True
    on_edit: bool = True
    custom: str = ""

    @property
    def required(self) -> bool:
        """Whether an issue cannot be without it."""
        return self.id in MISSING

    def schema(self) -> dict[str, Any]:
        """Its type as the API describes it."""
        if self.custom:
            number = int(self.id.removeprefix("customfield_"))
            return {**self.kind.schema, "custom": CUSTOM_TYPES + self.custom, "customId": number}
        return {**self.kind.schema, "system": self.id}


FIELDS: Final = {
    field.id: field
    for field in (
        Field("summary", "Summary", kinds.SUMMARY),
        Field("description", "Description", kinds.RICH),
        Field("issuetype", "Issue Type", kinds.ISSUETYPE),
        Field("parent", "Parent", kinds.PARENT),
        Field("priority", "Priority", kinds.PRIORITY),
        Field("assignee", "Assignee", kinds.ASSIGNEE),
        Field("reporter", "Reporter", kinds.USER),
        Field("labels", "Labels", kinds.LABELS),
        Field("duedate", "Due date", kinds.DATE),
        Field("resolution", "Resolution", kinds.RESOLUTION, on_create=False, on_edit=False),
        Field("resolutiondate", "Resolved", kinds.DATETIME, on_create=False, on_edit=False),
        Field("statuscategorychangedate", "Status Category Changed", kinds.DATETIME, on_create=False, on_edit=False),
        Field("customfield_10031", "Story Points", kinds.NUMBER, custom="float"),
        Field("customfield_10032", "Severity", kinds.SEVERITY, custom="select"),
        Field("customfield_10033", "Reviewers", kinds.USERS, custom="multiuserpicker"),
        Field("customfield_10034", "Launch Date", kinds.DATETIME, custom="datetime"),
        Field("customfield_10035", "Customer URL", kinds.URL, custom="url"),
        Field("customfield_10036", "Notes", kinds.RICH, custom="textarea"),
    )
}
OUTSIDE: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "project": ("Project", {"type": "project", "system": "project"}),
    "status": ("Status", {"type": "status", "system": "status"}),
    "creator": ("Creator", {"type": "user", "system": "creator"}),
    "created": ("Created", {"type": "datetime", "system": "created"}),
    "updated": ("Updated", {"type": "datetime", "system": "updated"}),
    "subtasks": ("Sub-tasks", {"type": "array", "items": "issuelinks", "system": "subtasks"}),
    "issuelinks": ("Linked Issues", {"type": "array", "items": "issuelinks", "system": "issuelinks"}),
    "attachment": ("Attachment", {"type": "array", "items": "attachment", "system": "attachment"}),
    "comment": ("Comment", {"type": "comments-page", "system": "comment"}),
    "components": ("Components", {"type": "array", "items": "component", "system": "components"}),
    "fixVersions": ("Fix versions", {"type": "array", "items": "version", "system": "fixVersions"}),
}


class Unset(Exception):
    """A request that sets fields to what they cannot be: messages by field id."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(str(errors))
        self.errors = dict(errors)


def read_create(world: World, body: Mapping[str, Any], view: View) -> dict[str, Any]:
    """The values of a request to create, except `project`. Raises Unset."""
    allowed = {field.id for field in FIELDS.values() if field.on_create}
    given = {name: value for name, value in (body.get("fields") or {}).items() if name != "project"}
    values, errors = _read(world, {"labels": []}, {**body, "fields": given}, allowed, view)
    for name, missing in MISSING.items():
        if name not in values:
            errors.setdefault(name, missing)
    if not errors:
        errors = _hierarchy(world, values)
    if errors:
        raise Unset(errors)
    return values


def read_edit(world: World, issue: Issue, body: Mapping[str, Any], view: View) -> dict[str, Any]:
    """The new values of a request to edit; what is ignored silently is left out. Raises Unset."""
    allowed = {field.id for field in FIELDS.values() if field.on_edit}
    told = {**body, **{part: _without_ignored(body.get(part)) for part in ("fields", "update")}}
    values, errors = _read(world, issue.values, told, allowed, view)
    if not errors and values.keys() & {"parent", "issuetype"}:
        errors = _hierarchy(world, {**issue.values, **values})
    if errors:
        raise Unset(errors)
    return values


def read_screen(
    world: World, issue: Issue, body: Mapping[str, Any], screen: Mapping[str, bool], view: View
) -> dict[str, Any]:
    """The values that a transition's screen takes; `screen` says by field id whether it is required. Raises Unset."""
    values, errors = _read(world, issue.values, body, set(screen), view)
    for name, required in screen.items():
        if required and values.get(name) is None and name not in errors:
            errors[name] = f"{FIELDS[name].name} is required."
    if errors:
        raise Unset(errors)
    return values


def _without_ignored(part: Any) -> dict[str, Any]:
    return {name: value for name, value in (part or {}).items() if name not in SILENTLY_IGNORED}


def _read(
    world: World, old: Mapping[str, Any], body: Mapping[str, Any], allowed: set[str], view: View
) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of `fields` and `update`, and what is wrong with them."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    update = {name: verbs for name, verbs in (body.get("update") or {}).items() if name != "comment"}
    for name in (body.get("fields") or {}).keys() & update.keys():
        errors[name] = f"Field '{name}' cannot appear in both 'fields' and 'update'"
    wanted = {name: [{"set": value}] for name, value in (body.get("fields") or {}).items()}
    for name, verbs in {**wanted, **update}.items():
        if name in errors:
            continue
        if name not in allowed:
            errors[name] = NOT_ON_SCREEN.format(name)
            continue
        try:
            values[name] = _apply(world, FIELDS[name], old.get(name), verbs, view)
        except Invalid as problem:
            errors[name] = str(problem)
    return values, errors


def _apply(world: World, field: Field, old: Any, verbs: Any, view: View) -> Any:
    """The value after the verbs of one field. Raises Invalid."""
    value = old
    for step in verbs if isinstance(verbs, list) else [verbs]:
        if not isinstance(step, dict) or len(step) != 1:
            raise Invalid("data was not an object")
        [(verb, given)] = step.items()
        if verb not in field.kind.operations:
            raise Invalid(f"Field with id '{field.id}' and name '{field.name}' does not support operation '{verb}'")
        if verb == "set":
            value = _read_value(world, field, given, view)
            continue
        some = field.kind.read(world, [given], view) or []
        rest = [one for one in value or [] if one not in some]
        value = rest + some if verb == "add" else rest
        value = sorted(value) if field.id == "labels" else value or None
    return value


def _read_value(world: World, field: Field, given: Any, view: View) -> Any:
    if given is not None:
        return field.kind.read(world, given, view)
    if field.required:
        raise Invalid(MISSING[field.id])
    return [] if field.id == "labels" else None


def _hierarchy(world: World, values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the place in the hierarchy: a sub-task needs a parent, and a parent is one level up."""
    level = ISSUE_TYPES[values["issuetype"]].level
    parent = world.issues.get(values.get("parent") or 0)
    if parent is None:
        missing = "Issue type is a sub-task but parent issue key or id not specified."
        return {"issuetype": missing} if level < 0 else {}
    if ISSUE_TYPES[parent.values["issuetype"]].level != level + 1:
        return {"parentId": "Given parent work item does not belong to appropriate hierarchy."}
    return {}


def metadata(field: Field, view: View) -> dict[str, Any]:
    """A field as create, edit and transition metadata describe it."""
    shown: dict[str, Any] = {
        "required": field.required,
        "schema": field.schema(),
        "name": field.name,
        "key": field.id,
        "hasDefaultValue": field.id in {"priority", "reporter"},
        "operations": list(field.kind.operations),
    }
    if field.id == "issuetype":
        shown["allowedValues"] = [issuetype_json(kind, view) for kind in ISSUE_TYPES.values()]
    elif field.kind.options:
        options = field.kind.options.values()
        shown["allowedValues"] = [named_json(one, field.kind.place, view.base, view.version) for one in options]
    return shown
