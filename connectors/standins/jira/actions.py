"""What people do to issues: each checks nothing any more, stores the change, and announces it."""

from collections.abc import Mapping
from typing import Any

from connectors.standins.jira import changes
from connectors.standins.jira.catalogue import DEFAULT_RESOLUTION, DONE, SUB_TASK, TO_DO, Project
from connectors.standins.jira.model import Attachment, ChangeItem, Comment, Draft, History, Issue
from connectors.standins.jira.web import Call
from connectors.standins.jira.workflow import Transition


def create(
    call: Call, project: Project, values: Mapping[str, Any], properties: Mapping[str, Any], *, bulk: bool
) -> Issue:
    """Make an issue and announce it, with a changelog from nothing."""
    world = call.world
    issue = world.create(project, call.user, values)
    if properties:
        world.properties[issue.id] = dict(properties)
    entry = _entry(call, issue, changes.items(world, {}, issue.values))
    call.publisher.issue("created", "issue_created", issue, call.user, call.view, entry, bulk=bulk)
    return issue


def edit(
    call: Call, issue: Issue, values: Mapping[str, Any], kind: str = "issue_updated", at: int | None = None
) -> Issue:
    """Change fields, now or at the given moment; nothing happens, and `updated` stays, when nothing differs."""
    items = tuple(changes.items(call.world, issue.values, values))
    return store(call, issue, values, items, kind, at or call.world.now()) if items else issue


def store(
    call: Call, issue: Issue, values: Mapping[str, Any], items: tuple[ChangeItem, ...], kind: str, at: int
) -> Issue:
    """Keep values and their changelog entry, and announce the update."""
    edited = call.world.edit(issue, call.user, values, items, at)
    entry = call.world.histories[issue.id][-1]
    call.publisher.issue("updated", kind, edited, call.user, call.view, entry)
    return edited


def move(call: Call, issue: Issue, transition: Transition, values: Mapping[str, Any]) -> Issue:
    """Run a transition: Done gives a resolution, Reopen takes it away."""
    at = call.world.now()
    moved: dict[str, Any] = {**values, "status": transition.end.id}
    if transition.start.category is not transition.end.category:
        moved["statuscategorychangedate"] = at
    if transition.end is DONE:
        moved = {"resolution": DEFAULT_RESOLUTION, **moved, "resolutiondate": at}
    elif transition.end is TO_DO:
        moved |= {"resolution": None, "resolutiondate": None}
    return edit(call, issue, moved, "issue_generic", at)


def remove(call: Call, issue: Issue) -> None:
    """Delete an issue with its sub-tasks, and announce each."""
    for child in list(call.world.children.get(issue.id, ())):
        if child in call.world.issues:
            orphan = call.world.issues[child]
            if orphan.values["issuetype"] == SUB_TASK.id:
                remove(call, orphan)
    call.publisher.issue("deleted", "", issue, call.user, call.view)
    call.world.delete(issue)


def add_comment(call: Call, issue: Issue, draft: Draft) -> Comment:
    """Write a comment: one action, two events."""
    at, person = call.world.now(), call.user
    comment = Comment(
        next(call.world.next_id),
        issue.id,
        person,
        person,
        draft.body,
        at,
        at,
        draft.visibility,
        dict(draft.properties),
    )
    call.world.add_comment(comment)
    _announce_comment(call, issue, comment, "created", "issue_commented", at)
    return comment


def edit_comment(call: Call, issue: Issue, comment: Comment, body: Any) -> None:
    """Reword a comment."""
    comment.body, comment.editor, comment.updated = body, call.user, call.world.now()
    _announce_comment(call, issue, comment, "updated", "issue_comment_edited", comment.updated)


def remove_comment(call: Call, issue: Issue, comment: Comment) -> None:
    """Delete a comment."""
    call.world.drop_comment(comment)
    _announce_comment(call, issue, comment, "deleted", "issue_comment_deleted", call.world.now())


def add_file(call: Call, issue: Issue, filename: str, mime: str, content: bytes) -> Attachment:
    """Attach a file."""
    world = call.world
    at = world.now()
    attachment = Attachment(next(world.next_id), issue.id, call.user, filename, mime, content, at)
    world.add_attachment(attachment)
    item = changes.file_item(attachment, added=True)
    edited = store(call, world.issues[issue.id], {}, (item,), "issue_updated", at)
    call.publisher.attachment("created", edited, attachment, call.view)
    return attachment


def remove_file(call: Call, attachment: Attachment) -> None:
    """Delete a file."""
    world = call.world
    world.drop_attachment(attachment)
    item = changes.file_item(attachment, added=False)
    edited = store(call, world.issues[attachment.issue], {}, (item,), "issue_updated", world.now())
    call.publisher.attachment("deleted", edited, attachment, call.view)


def _announce_comment(call: Call, issue: Issue, comment: Comment, event: str, kind: str, at: int) -> None:
    touched = call.world.edit(call.world.issues[issue.id], call.user, {}, (), at)
    call.publisher.comment(event, touched, comment, call.view)
    call.publisher.issue("updated", kind, touched, call.user, call.view, comment=comment)


def _entry(call: Call, issue: Issue, items: Any) -> History:
    return History(next(call.world.next_id), call.user, issue.created, tuple(items))
