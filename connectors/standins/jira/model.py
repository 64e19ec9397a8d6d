"""The things that a Jira keeps, as stored: times in milliseconds since the epoch, ids as numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.standins.jira.catalogue import STATUSES, Person, Project, Status


@dataclass(frozen=True, slots=True)
class Issue:
    """One state of an issue; an edit makes a new one, so that the search index may hold on to an older state.

    `values` holds what a field kind keeps, by field id: ids for references, plain values otherwise, and for rich text
    what was written: an ADF document or a wiki string.
    """

    id: int
    project: Project
    number: int
    creator: Person
    values: Mapping[str, Any]
    created: int
    updated: int

    @property
    def key(self) -> str:
        """The key people use, such as `ENG-12`."""
        return f"{self.project.key}-{self.number}"

    @property
    def status(self) -> Status:
        """The status it is in."""
        return STATUSES[self.values["status"]]


@dataclass(slots=True)
class Comment:
    """A comment; `body` is rich text as it was written."""

    id: int
    issue: int
    author: Person
    editor: Person
    body: Any
    created: int
    updated: int
    visibility: Any = None
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A comment that has been read and found good, but not written yet."""

    body: Any
    visibility: Any
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on an issue."""

    id: int
    issue: int
    author: Person
    filename: str
    mime: str
    content: bytes
    created: int


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """One field's change as the changelog words it; `before` and `after` are ids where the field has ids."""

    field: str
    field_id: str
    custom: bool
    before: str | None
    before_text: str | None
    after: str | None
    after_text: str | None


@dataclass(frozen=True, slots=True)
class History:
    """The changes that one action made."""

    id: int
    author: Person
    at: int
    items: tuple[ChangeItem, ...]


@dataclass(slots=True)
class RemoteLink:
    """A link to something outside, found again by its global id."""

    id: int
    global_id: str
    body: dict[str, Any]


@dataclass(slots=True)
class Hook:
    """A registered webhook."""

    id: int
    name: str
    url: str
    events: frozenset[str]
    jql: str
    secret: str
    exclude_body: bool
    enabled: bool
    owner: Person
    updated: int
