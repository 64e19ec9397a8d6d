"""What every connector speaks: the words, the capabilities, and what each method promises.

This module performs no I/O and imports no vendor's package. The normal forms of canonical values are in
`connectors.values`, what a connector raises in `connectors.errors`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol, Self

Value = None | bool | int | float | str | list[str]
"""A canonical value. Empty is None; see `connectors.values` for the normal form of each type."""

Fields = Mapping[str, Value]
"""Canonical values by field key."""

Screens = Mapping[str, Fields]
"""By status name: the fields to fill when a record's status changes to it."""

NO_SCREENS: Final[Screens] = {}

Scope = Mapping[str, Any]
"""What a side's `scope` says, in the connector's own words, for example `{"project": "ENG"}`."""


class FieldType(StrEnum):
    """The types of canonical values."""

    TEXT = "text"
    RICH_TEXT = "rich_text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    OPTION = "option"
    OPTIONS = "options"
    USER = "user"
    USERS = "users"
    URL = "url"
    DURATION = "duration"
    RECORD = "record"
    RECORDS = "records"


class Capability(StrEnum):
    """What a system can do. Methods of a capability that is not offered are never called."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    ARCHIVE = "archive"
    COMMENTS = "comments"
    ATTACHMENTS = "attachments"
    PEOPLE = "people"
    HISTORY = "history"
    HOOKS = "hooks"


class Aspect(StrEnum):
    """Which part of a record a change is about. `vanished`: a full listing lacks it, so it was deleted, or hidden."""

    FIELDS = "fields"
    COMMENTS = "comments"
    ATTACHMENTS = "attachments"
    DELETED = "deleted"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A record of a system, written `connection:object:id`."""

    connection: str
    object: str
    id: str

    def __str__(self) -> str:
        return f"{self.connection}:{self.object}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `connection:object:id`; the id may hold colons. Raises ValueError."""
        parts = text.split(":", 2)
        if len(parts) != 3 or not all(parts):
            raise ValueError(f"{text!r} is no ref; expected connection:object:id, for example eng-jira:issue:10042")
        return cls(*parts)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object type. `options` None: free, or not known. `key` is stable, `name` is what people see."""

    key: str
    name: str
    type: FieldType
    writable: bool = True
    creatable: bool = True
    required: bool = False
    options: tuple[str, ...] | None = None
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class ObjectType:
    """The fields of an object. `complete` is False where custom fields exist that only the live system can name."""

    name: str
    fields: tuple[Field, ...]
    complete: bool = True

    def field(self, name: str) -> Field | None:
        """By key, else by display name, else by either in another case."""
        folded = name.casefold()
        return (
            next((known for known in self.fields if known.key == name), None)
            or next((known for known in self.fields if known.name == name), None)
            or next((known for known in self.fields if folded in (known.key.casefold(), known.name.casefold())), None)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One object of a system.

    `fields` has canonical values under field keys, in the vocabulary of this system ("In Review", not "in_progress").
    `version` differs whenever anything that can be mapped differs. `lacks`: aspects known to hold nothing. `in_scope`
    says whether the record lies in the scope it was asked with. `read`: when it was read, by the system's clock, where
    `updated` does not move with every field. `native` is the connector's own memory of what it read, handed back to it
    on update, so that it need not read again; nobody else looks into it.
    """

    ref: Ref
    fields: Fields
    created: datetime
    updated: datetime
    version: str
    url: str = ""
    marker: str | None = None
    lacks: frozenset[Aspect] = frozenset()
    in_scope: bool = True
    read: datetime | None = field(default=None, compare=False)
    native: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def as_of(self) -> datetime:
        """No edit that is older, by the system's clock, can be missing here."""
        return self.read or self.updated


@dataclass(frozen=True, slots=True)
class Written:
    """What a create or an update left behind: the record as it now reads, and the fields refused, with the reason."""

    record: Record
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a scan. `deleted` are refs known to be gone. `cursor` continues, also after the last page."""

    records: Sequence[Record]
    cursor: str
    more: bool
    deleted: Sequence[Ref] = ()


@dataclass(frozen=True, slots=True)
class User:
    """A person as a system knows them. `email` is None where the system hides it."""

    id: str
    name: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """When a field was last edited, by the system's own clock, and by whom (display name); `own`: by our account.

    `behind`: when, before that, the other party edited it last: people where this edit is our own, else we.
    """

    at: datetime
    by: str | None = None
    own: bool = False
    behind: datetime | None = None

    def following(self, earlier: "Edit | None") -> "Edit":
        """This edit, with what it tells of the time before it; `earlier`: the one before it, if there was one."""
        if earlier is None:
            return self
        return replace(self, behind=earlier.at if earlier.own != self.own else earlier.behind)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment; `body` is Markdown in normal form; `own` where our own account wrote it."""

    id: str
    author: str
    body: str
    created: datetime
    updated: datetime
    url: str
    own: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a record; `size` in bytes; `own` where our own account added it."""

    id: str
    name: str
    size: int
    created: datetime
    own: bool
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Change:
    """A hint that something changed. What it changed to is read from the system, never from the hint.

    `as_of`: the record's own `updated` when the hint was made, where it tells: whoever has read the record as of then
    or later knows of the change.
    """

    object: str
    id: str
    aspects: frozenset[Aspect] = frozenset({Aspect.FIELDS})
    at: datetime | None = None
    by: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A request to `/hooks/{connection}[/{hook}]`: header names in lower case, the body as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    hook: str = ""


@dataclass(frozen=True, slots=True)
class HookReply:
    """What a handshake is answered with, and the secret that the vendor handed over in it."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook registered at the vendor. `expires` None: never."""

    id: str
    url: str
    active: bool = True
    expires: datetime | None = None


class Reader(Protocol):
    """Reads records. Every method raises RateLimited, Unavailable, AuthFailed."""

    async def describe(self, object_: str, scope: Scope) -> ObjectType:
        """The live fields of an object. Raises Rejected where the scope names something that is not there."""
        ...

    async def fetch(
        self,
        ids: Sequence[str],
        object_: str,
        fields: Collection[str],
        scope: Scope,
        aspects: Collection[Aspect] = (),
    ) -> list[Record]:
        """The records that exist and are visible, as they are now (never from a lagging index), in any order.

        Each has at least the field keys in `fields`. `scope` only decides `in_scope`. Of `aspects` it says in `lacks`
        which hold nothing, where that takes no further request.
        """
        ...

    async def scan(self, object_: str, scope: Scope, cursor: str | None, fields: Collection[str]) -> Page:
        """A page of what changed since the cursor; everything in scope from None on. May repeat, never omits.

        Raises Rejected where the scope names something that is not there.
        """
        ...

    async def is_own(self, record: Record) -> bool:
        """Whether our own account made this record."""
        ...

    async def edits(self, record: Record, fields: Collection[str]) -> Mapping[str, Edit]:
        """When each field was last edited, as far as the system tells (capability HISTORY)."""
        ...


class Writer(Protocol):
    """Changes records. Raises what Reader raises, and Rejected, NotFound, Conflict."""

    async def create(
        self, object_: str, scope: Scope, fields: Fields, marker: str, screens: Screens = NO_SCREENS
    ) -> Written:
        """Create with the marker inside, by one request that is never silently sent twice.

        A refused optional field is left out and named in `refused`; Rejected means that nothing was created.
        Unavailable with `sent` means that it may have been, or may yet be within `settle_seconds`.
        """
        ...

    async def find_by_marker(self, object_: str, scope: Scope, marker: str, since: datetime) -> Record | None:
        """The record that carries the marker, created after `since`. May miss it for `settle_seconds`."""
        ...

    async def update(self, current: Record, fields: Fields, screens: Screens) -> Written:
        """Write these fields of a record just read. Safe to repeat. What is refused is named, the rest is written."""
        ...

    async def delete(self, ref: Ref) -> None:
        """Delete it. A record that is gone already is no error."""
        ...

    async def archive(self, ref: Ref) -> None:
        """Put it away without deleting it (capability ARCHIVE)."""
        ...


class Discusser(Protocol):
    """Comments and attachments."""

    async def comments(self, ref: Ref) -> list[Comment]:
        """All comments by people (no system entries), oldest first."""
        ...

    async def add_comment(self, ref: Ref, body: str) -> Comment:
        """Add one, from Markdown."""
        ...

    async def edit_comment(self, ref: Ref, comment: str, body: str) -> Comment:
        """Replace the text of one of our own. Raises NotFound."""
        ...

    async def remove_comment(self, ref: Ref, comment: str) -> None:
        """Remove one of our own. One that is gone already is no error."""
        ...

    async def attachments(self, ref: Ref) -> list[Attachment]:
        """The files of a record, oldest first."""
        ...

    async def download(self, attachment: Attachment, ref: Ref, to: Path, limit: int) -> None:
        """Stream the content to a file. Raises Rejected where it is larger than `limit` bytes."""
        ...

    async def attach(self, ref: Ref, source: Path, name: str, media_type: str) -> Attachment:
        """Add a file. Raises Rejected where it is too large for the system."""
        ...

    async def remove_attachment(self, ref: Ref, attachment: str) -> None:
        """Remove a file. One that is gone already is no error."""
        ...


class People(Protocol):
    """Who is who."""

    async def me(self) -> User:
        """Our own account. Raises AuthFailed; used as the probe of the credentials."""
        ...

    async def user_by_email(self, email: str) -> User | None:
        """The one active user with this email, or None."""
        ...

    async def user_by_id(self, id_: str) -> User | None:
        """The user with this id, or None."""
        ...


class Subscriber(Protocol):
    """Registers webhooks at the vendor."""

    def hook_names(self, object_: str, scope: Scope) -> tuple[str, ...]:
        """The path suffixes of the hooks that a scope needs: `("",)` where one serves the whole connection."""
        ...

    async def subscribe(self, url: str, hook: str, secret: str | None) -> Hook:
        """Register one. Where the vendor shakes hands, the gateway answers while this call is under way."""
        ...

    async def hooks(self, url_prefix: str) -> list[Hook]:
        """Those registered whose URL begins so."""
        ...

    async def renew(self, hook: Hook) -> Hook:
        """Prolong one that expires."""
        ...

    async def unsubscribe(self, hook: Hook) -> None:
        """Remove one. One that is gone already is no error."""
        ...


class Receiver(Protocol):
    """Understands a system's webhooks; needs no credentials and no network, so that the gateway stays small."""

    shakes_hands: bool
    """Whether the secret comes from the vendor in a handshake."""

    def handshake(self, request: HookRequest) -> HookReply | None:
        """The answer to a handshake, or None where the request is none."""
        ...

    def verify(self, request: HookRequest, secrets: Sequence[str]) -> None:
        """Check the signature over the raw body, in constant time. Raises BadSignature."""
        ...

    def delivery_id(self, request: HookRequest) -> str:
        """The same for every repeat of one delivery, different for every other."""
        ...

    def parse(self, request: HookRequest) -> list[Change]:
        """What a delivery announces; empty where it is deliberately ignored. Raises Malformed."""
        ...


class Connector(Reader, Writer, Discusser, People, Subscriber, Protocol):
    """One connection to one system. Safe to use from many tasks of one event loop."""

    name: str
    capabilities: frozenset[Capability]
    settle_seconds: float
    """How long a request of unknown outcome may still take effect, or its effect stay hidden from a search."""

    async def close(self) -> None:
        """Give back connections and threads."""
        ...
