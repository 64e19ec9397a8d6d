"""Routes of comments."""

from collections.abc import Mapping
from typing import Any, Final

from connectors.standins.jira import actions
from connectors.standins.jira.model import Comment, Draft, Issue
from connectors.standins.jira.properties import checked_properties
from connectors.standins.jira.shapes import comment_json, page_json
from connectors.standins.jira.values import Invalid, read_rich
from connectors.standins.jira.web import Call, Refused, Reply, Routes

routes: Final = Routes()

PAGE: Final = 100
COMMENTS_MAX: Final = 5000


@routes.on("GET", "issue/{}/comment")
def list_comments(call: Call, ref: str) -> Reply:
    """A page of an issue's comments, oldest first unless `orderBy=-created`."""
    issue = call.issue(ref)
    comments = list(call.world.comments.get(issue.id, {}).values())
    if call.text("orderBy") == "-created":
        comments.reverse()
    start, limit = call.number("startAt", 0), min(call.number("maxResults", PAGE), COMMENTS_MAX)
    expand = call.words("expand")
    shown = [comment_json(comment, call.view, expand) for comment in comments[start : start + limit]]
    return Reply(200, page_json("comments", shown, start, limit, len(comments)))


@routes.on("POST", "issue/{}/comment")
def add_comment(call: Call, ref: str) -> Reply:
    """Write a comment as the person who is signed in."""
    issue = call.issue(ref)
    comment = actions.add_comment(call, issue, read_comment(call, call.json(), issue))
    return Reply(201, comment_json(comment, call.view, call.words("expand")))


@routes.on("GET", "issue/{}/comment/{}")
def get_comment(call: Call, ref: str, number: str) -> Reply:
    """One comment."""
    return Reply(200, comment_json(_comment(call, call.issue(ref), number), call.view, call.words("expand")))


@routes.on("PUT", "issue/{}/comment/{}")
def edit_comment(call: Call, ref: str, number: str) -> Reply:
    """Reword a comment; properties in the body are merged."""
    issue = call.issue(ref)
    comment, body = _comment(call, issue, number), call.json()
    properties = checked_properties(body)
    text = _body(call, body)
    comment.properties.update(properties)
    actions.edit_comment(call, issue, comment, text)
    return Reply(200, comment_json(comment, call.view, call.words("expand")))


@routes.on("DELETE", "issue/{}/comment/{}")
def delete_comment(call: Call, ref: str, number: str) -> Reply:
    """Delete a comment."""
    issue = call.issue(ref)
    actions.remove_comment(call, issue, _comment(call, issue, number))
    return Reply(204)


def read_comment(call: Call, body: Mapping[str, Any], issue: Issue | None = None) -> Draft:
    """The comment that a body describes, for an issue that may not exist yet. Raises Refused."""
    if issue is not None and len(call.world.comments.get(issue.id, ())) >= COMMENTS_MAX:
        raise Refused(413, f"The issue {issue.key} has reached the limit of {COMMENTS_MAX} comments.")
    return Draft(_body(call, body), body.get("visibility"), checked_properties(body))


def _comment(call: Call, issue: Issue, number: str) -> Comment:
    found = call.world.comments.get(issue.id, {}).get(int(number) if number.isdecimal() else 0)
    if found is None:
        raise Refused(404, f"Can not find a comment for the id: {number}.")
    return found


def _body(call: Call, body: Mapping[str, Any]) -> Any:
    try:
        text = read_rich(call.world, body.get("body", ""), call.view)
    except Invalid as problem:
        told = str(problem)
        raise (Refused(400, told) if told == "INVALID_INPUT" else Refused(400, errors={"comment": told})) from None
    if text is None or (isinstance(text, str) and not text.strip()):
        raise Refused(400, errors={"comment": "Comment body can not be empty!"})
    return text
