"""Issues, comments, files and changelogs as JSON."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from connectors.standins.jira.catalogue import ISSUE_TYPES, Person
from connectors.standins.jira.fields import FIELDS, OUTSIDE
from connectors.standins.jira.kinds import RICH
from connectors.standins.jira.model import Attachment, Comment, History, Issue
from connectors.standins.jira.values import show_text
from connectors.standins.jira.view import View, issuetype_json, project_json, status_json, user_json
from connectors.standins.jira.wiki import to_html
from connectors.standins.jira.world import World

EXPANDABLE: Final = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
EMBEDDED_COMMENTS: Final = 20
NOT_NAVIGABLE: Final = frozenset({"comment", "attachment"})
TRIMMED: Final = ("summary", "issuetype", "project", "assignee", "priority", "status")
NAMES: Final = {field.id: field.name for field in FIELDS.values()} | {name: at[0] for name, at in OUTSIDE.items()}
SCHEMAS: Final = {field.id: field.schema() for field in FIELDS.values()} | {name: at[1] for name, at in OUTSIDE.items()}


@lru_cache(maxsize=1024)
def selected(wanted: tuple[str, ...], default: str) -> tuple[str, ...]:
    """The field ids that a `fields` parameter asks for: names, `*all`, `*navigable`, and `-name` to leave out."""
    chosen: dict[str, None] = {}
    for name in wanted or (default,):
        match name:
            case "*all":
                chosen |= dict.fromkeys(NAMES)
            case "*navigable":
                chosen |= dict.fromkeys(known for known in NAMES if known not in NOT_NAVIGABLE)
            case _ if name.startswith("-"):
                chosen = chosen or dict.fromkeys(selected(("*all" if default == "*all" else "*navigable",), default))
                chosen.pop(name[1:], None)
            case _ if name in NAMES:
                chosen[name] = None
    return tuple(chosen)


def issue_json(world: World, issue: Issue, view: View, names: Collection[str]) -> dict[str, Any]:
    """An issue with these fields."""
    return {
        "expand": EXPANDABLE,
        "id": str(issue.id),
        "self": view.url(f"issue/{issue.id}"),
        "key": issue.key,
        "fields": fields_json(world, issue, view, names),
    }


def fields_json(world: World, issue: Issue, view: View, names: Collection[str]) -> dict[str, Any]:
    """The values of these fields."""
    shown: dict[str, Any] = {}
    for name in names:
        if name in FIELDS:
            value = issue.values.get(name)
            shown[name] = None if value is None else FIELDS[name].kind.show(world, value, view)
        else:
            shown[name] = _OUTSIDE[name](world, issue, view)
    return shown


def rendered_json(issue: Issue, names: Collection[str]) -> dict[str, Any]:
    """The rich text among these fields as HTML."""
    rich = (name for name in names if name in FIELDS and FIELDS[name].kind is RICH)
    return {name: to_html(issue.values.get(name)) for name in rich}


def comment_json(comment: Comment, view: View, expand: Collection[str] = ()) -> dict[str, Any]:
    """A comment; `expand` may name `renderedBody` and `properties`."""
    shown = {
        "self": view.url(f"issue/{comment.issue}/comment/{comment.id}"),
        "id": str(comment.id),
        "author": user_json(comment.author.account, view),
        "body": show_text(comment.body, view),
        "updateAuthor": user_json(comment.editor.account, view),
        "created": view.time(comment.created),
        "updated": view.time(comment.updated),
    }
    if view.cloud:
        shown["jsdPublic"] = not comment.properties.get("sd.public.comment", {}).get("internal", False)
    if comment.visibility:
        shown["visibility"] = comment.visibility
    if "renderedBody" in expand:
        shown["renderedBody"] = to_html(comment.body)
    if "properties" in expand:
        shown["properties"] = [{"key": key, "value": value} for key, value in comment.properties.items()]
    return shown


def attachment_json(attachment: Attachment, view: View) -> dict[str, Any]:
    """A file's description; its bytes are at `content`."""
    place = f"attachment/content/{attachment.id}" if view.cloud else ""
    return {
        "self": view.url(f"attachment/{attachment.id}"),
        "id": str(attachment.id),
        "filename": attachment.filename,
        "author": user_json(attachment.author.account, view),
        "created": view.time(attachment.created),
        "size": len(attachment.content),
        "mimeType": attachment.mime,
        "content": view.url(place) if place else f"{view.base}/secure/attachment/{attachment.id}/",
    }


def history_json(entry: History, view: View) -> dict[str, Any]:
    """One entry of a changelog."""
    return {
        "id": str(entry.id),
        "author": user_json(entry.author.account, view),
        "created": view.time(entry.at),
        "items": items_json(entry, view),
    }


def items_json(entry: History, view: View) -> list[dict[str, Any]]:
    """The changes of one entry; Data Center does not say `fieldId`."""
    return [
        {
            "field": item.field,
            "fieldtype": "custom" if item.custom else "jira",
            **({"fieldId": item.field_id} if view.cloud else {}),
            "from": item.before,
            "fromString": item.before_text,
            "to": item.after,
            "toString": item.after_text,
        }
        for item in entry.items
    ]


def page_json(name: str, values: Iterable[Any], start: int, limit: int, total: int) -> dict[str, Any]:
    """A page in the `startAt` style with its values under `name`."""
    return {"startAt": start, "maxResults": limit, "total": total, name: list(values)}


def person_json(person: Person, view: View) -> dict[str, Any]:
    """An account."""
    return user_json(person.account, view) or {}


def _comments(world: World, issue: Issue, view: View) -> dict[str, Any]:
    comments = list(world.comments.get(issue.id, {}).values())
    shown = [comment_json(comment, view) for comment in comments[:EMBEDDED_COMMENTS]]
    return {**page_json("comments", shown, 0, EMBEDDED_COMMENTS, len(comments)), "self": view.url(f"issue/{issue.id}")}


def _files(world: World, issue: Issue, view: View) -> list[Any]:
    return [attachment_json(world.attachments[number], view) for number in world.files.get(issue.id, [])]


def _subtasks(world: World, issue: Issue, view: View) -> list[Any]:
    children = (world.issues[number] for number in sorted(world.children.get(issue.id, ())))
    return [
        {"id": str(child.id), "key": child.key, "self": view.url(f"issue/{child.id}"), "fields": _trimmed(child, view)}
        for child in children
        if ISSUE_TYPES[child.values["issuetype"]].level < 0
    ]


def _trimmed(issue: Issue, view: View) -> dict[str, Any]:
    return {
        "summary": issue.values["summary"],
        "status": status_json(issue.status, view.base, view.version),
        "issuetype": issuetype_json(ISSUE_TYPES[issue.values["issuetype"]], view),
    }


_OUTSIDE: Final[Mapping[str, Callable[[World, Issue, View], Any]]] = {
    "project": lambda _world, issue, view: project_json(issue.project, view.base, view.version),
    "status": lambda _world, issue, view: status_json(issue.status, view.base, view.version),
    "creator": lambda _world, issue, view: user_json(issue.creator.account, view),
    "created": lambda _world, issue, view: view.time(issue.created),
    "updated": lambda _world, issue, view: view.time(issue.updated),
    "subtasks": _subtasks,
    "issuelinks": lambda _world, _issue, _view: [],
    "attachment": _files,
    "comment": _comments,
    "components": lambda _world, _issue, _view: [],
    "fixVersions": lambda _world, _issue, _view: [],
}
