"""The state of one stand-in: everything it keeps, found by id, and the few ways to change it."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from connectors.standins.control import Control
from connectors.standins.jira.catalogue import DEFAULT_PRIORITY, TO_DO, Person, Project
from connectors.standins.jira.index import SearchIndex
from connectors.standins.jira.model import Attachment, ChangeItem, Comment, History, Issue, RemoteLink

FIRST_ID = 10000
PROJECTS = (("10000", "ENG", "Engineering"), ("10001", "OPS", "Operations"))


class World:
    """All that a Jira keeps. Knows nothing of HTTP, rights or webhooks; its callers have checked what they store."""

    def __init__(self, control: Control, done_screen_in: Collection[str]) -> None:
        """`done_screen_in` names the projects whose transition to Done asks for a resolution."""
        self.control = control
        self.projects = {key: Project(number, key, name, key in done_screen_in) for number, key, name in PROJECTS}
        self.issues: dict[int, Issue] = {}
        self.keys: dict[str, int] = {}
        self.children: dict[int, set[int]] = {}
        self.comments: dict[int, dict[int, Comment]] = {}
        self.comment_issue: dict[int, int] = {}
        self.attachments: dict[int, Attachment] = {}
        self.files: dict[int, list[int]] = {}
        self.histories: dict[int, list[History]] = {}
        self.properties: dict[int, dict[str, Any]] = {}
        self.links: dict[int, dict[str, RemoteLink]] = {}
        self.index = SearchIndex()
        self.next_id = count(FIRST_ID)
        self.next_number = {key: count(1) for key in self.projects}

    def now(self) -> int:
        """The stand-in's clock, in milliseconds since the epoch."""
        return int(self.control.now().timestamp() * 1000)

    def project(self, key_or_id: str) -> Project | None:
        """A project by key (in any case) or id."""
        found = self.projects.get(key_or_id.upper())
        return found or next((project for project in self.projects.values() if project.id == key_or_id), None)

    def issue(self, key_or_id: str) -> Issue | None:
        """An issue by key or id."""
        number = int(key_or_id) if key_or_id.isdecimal() else self.keys.get(key_or_id.upper(), 0)
        return self.issues.get(number)

    def create(self, project: Project, creator: Person, values: Mapping[str, Any]) -> Issue:
        """Store a new issue, in the first status of the workflow."""
        at = self.now()
        issue = self.make(project, creator, values, at)
        self.index.touched(issue.id)
        return issue

    def make(self, project: Project, creator: Person, values: Mapping[str, Any], at: int) -> Issue:
        """Store a new issue without telling the search index, for bulk loading."""
        whole = {
            "labels": [],
            "priority": DEFAULT_PRIORITY,
            "reporter": creator.account,
            "statuscategorychangedate": at,
            **values,
            "status": TO_DO.id,
        }
        issue = Issue(next(self.next_id), project, next(self.next_number[project.key]), creator, whole, at, at)
        self.issues[issue.id] = issue
        self.keys[issue.key] = issue.id
        if whole.get("parent"):
            self.children.setdefault(whole["parent"], set()).add(issue.id)
        return issue

    def edit(
        self, issue: Issue, author: Person, values: Mapping[str, Any], items: Collection[ChangeItem], at: int
    ) -> Issue:
        """Store new values and the changelog entry that tells them; `updated` moves even when there is no item."""
        edited = replace(issue, values={**issue.values, **values}, updated=at)
        before, after = issue.values.get("parent"), edited.values.get("parent")
        if before != after:
            self.children.get(before or 0, set()).discard(issue.id)
            if after:
                self.children.setdefault(after, set()).add(issue.id)
        self.issues[issue.id] = edited
        if items:
            entry = History(next(self.next_id), author, at, tuple(items))
            self.histories.setdefault(issue.id, []).append(entry)
        self.index.touched(issue.id)
        return edited

    def delete(self, issue: Issue) -> None:
        """Forget an issue and all that hangs on it."""
        for comment in self.comments.pop(issue.id, {}):
            del self.comment_issue[comment]
        for attachment in self.files.pop(issue.id, []):
            del self.attachments[attachment]
        for kept in (self.histories, self.properties, self.links, self.issues, self.children):
            kept.pop(issue.id, None)
        del self.keys[issue.key]
        self.children.get(issue.values.get("parent") or 0, set()).discard(issue.id)
        self.index.touched(issue.id)

    def comment(self, comment: int) -> Comment | None:
        """A comment by its id alone."""
        issue = self.comment_issue.get(comment)
        return None if issue is None else self.comments[issue][comment]

    def add_comment(self, comment: Comment) -> None:
        """Store a new comment."""
        self.comments.setdefault(comment.issue, {})[comment.id] = comment
        self.comment_issue[comment.id] = comment.issue

    def drop_comment(self, comment: Comment) -> None:
        """Forget a comment."""
        del self.comments[comment.issue][comment.id]
        del self.comment_issue[comment.id]

    def add_attachment(self, attachment: Attachment) -> None:
        """Store a new file."""
        self.attachments[attachment.id] = attachment
        self.files.setdefault(attachment.issue, []).append(attachment.id)

    def drop_attachment(self, attachment: Attachment) -> None:
        """Forget a file."""
        del self.attachments[attachment.id]
        self.files[attachment.issue].remove(attachment.id)
