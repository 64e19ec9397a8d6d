"""What an Asana workspace is made of: plain objects that refer to each other, without rules.

Times are ISO texts in UTC with milliseconds and a `Z`, so that comparing texts compares times.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

EMPTY_BODY = "<body></body>"


@dataclass(slots=True, eq=False)
class User:
    """Somebody with an account; `token` is the personal access token that acts as this user."""

    kind: ClassVar[str] = "user"
    gid: str
    name: str
    email: str
    token: str


@dataclass(slots=True, eq=False)
class Workspace:
    """The one organization that the stand-in plays."""

    kind: ClassVar[str] = "workspace"
    gid: str
    name: str


@dataclass(slots=True, eq=False)
class EnumOption:
    """One choice of an enum field; disabled, never deleted."""

    kind: ClassVar[str] = "enum_option"
    gid: str
    name: str
    color: str = "none"
    enabled: bool = True


@dataclass(slots=True, eq=False)
class CustomField:
    """A field of the workspace; `type` is text, number, enum, multi_enum, date or people."""

    kind: ClassVar[str] = "custom_field"
    gid: str
    name: str
    type: str
    options: list[EnumOption] = field(default_factory=list)
    precision: int = 0


@dataclass(slots=True, eq=False)
class Project:
    """A project with its sections in order and the custom fields attached to it."""

    kind: ClassVar[str] = "project"
    gid: str
    name: str
    workspace: Workspace
    owner: User
    created_at: str
    modified_at: str
    notes: str = ""
    archived: bool = False
    sections: "list[Section]" = field(default_factory=list)
    settings: "list[Setting]" = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Setting:
    """The fact that a custom field is attached to a project."""

    kind: ClassVar[str] = "custom_field_setting"
    gid: str
    project: Project
    custom_field: CustomField


@dataclass(slots=True, eq=False)
class Section:
    """A section and the tasks in it, which are ordered by the rank of their membership."""

    kind: ClassVar[str] = "section"
    gid: str
    name: str
    project: Project
    created_at: str
    tasks: "dict[str, Task]" = field(default_factory=dict)
    top: float = 0.0
    bottom: float = 0.0


@dataclass(slots=True, eq=False)
class Membership:
    """A task's place in one project."""

    project: Project
    section: Section
    rank: float


@dataclass(slots=True, eq=False)
class Tag:
    """A label of the workspace."""

    kind: ClassVar[str] = "tag"
    gid: str
    name: str
    workspace: Workspace
    created_at: str
    color: str | None = None
    notes: str = ""


@dataclass(slots=True, eq=False)
class Story:
    """A comment, or what the system wrote about a change; `detail` holds the conditional fields (`old_name`, ...)."""

    kind: ClassVar[str] = "story"
    gid: str
    task: "Task"
    resource_subtype: str
    text: str
    html_text: str
    created_by: User
    created_at: str
    type: str = "system"
    is_edited: bool = False
    is_pinned: bool = False
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Attachment:
    """An uploaded file (`content`) or a link elsewhere (`url`)."""

    kind: ClassVar[str] = "attachment"
    gid: str
    name: str
    parent: "Task"
    created_at: str
    resource_subtype: str
    content: bytes = b""
    url: str | None = None


@dataclass(slots=True, eq=False)
class Task:
    """A task or subtask. `values` maps custom field gids to what was written; `memberships` maps project gids.

    `associated_at` is when its projects, tags, parent or dependencies last changed: `modified_since` sees that, while
    `modified_at` does not show it.
    """

    kind: ClassVar[str] = "task"
    gid: str
    name: str
    workspace: Workspace
    created_by: User
    created_at: str
    modified_at: str
    associated_at: str = ""
    notes: str = ""
    html_notes: str = EMPTY_BODY
    resource_subtype: str = "default_task"
    completed: bool = False
    completed_at: str | None = None
    completed_by: User | None = None
    approval_status: str | None = None
    assignee: User | None = None
    due_on: str | None = None
    due_at: str | None = None
    start_on: str | None = None
    start_at: str | None = None
    external: dict[str, str] | None = None
    parent: "Task | None" = None
    memberships: dict[str, Membership] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    tags: list[Tag] = field(default_factory=list)
    followers: list[User] = field(default_factory=list)
    subtasks: "list[Task]" = field(default_factory=list)
    dependencies: "list[Task]" = field(default_factory=list)
    dependents: "list[Task]" = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class FieldValue:
    """A custom field as a task shows it: the definition together with the value."""

    field: CustomField
    value: Any


Resource = Task | Story | Attachment | Project | Section | Tag | Workspace


@dataclass(slots=True, eq=False)
class Event:
    """Something that happened to a resource; `change` is there for the action `changed` only."""

    action: str
    resource: Resource
    parent: Resource | None
    user: User | None
    created_at: str
    change: dict[str, Any] | None = None
