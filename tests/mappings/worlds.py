"""Small mappings and records for the tests of this folder; no connector, no file."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import Field, Fields, FieldType, ObjectType, Record, Ref, Value
from mappings.bind import BoundMapping, bind
from mappings.model import SyncMapping
from mappings.people import People
from mappings.translate import Peers

START = datetime(2026, 1, 1, tzinfo=UTC)
NOBODY = Peers(People([]), {}, {})

TASK = ObjectType(
    "task",
    (
        Field("title", "Title", FieldType.TEXT, max_length=40),
        Field("notes", "Notes", FieldType.RICH_TEXT),
        Field("points", "Story Points", FieldType.NUMBER),
        Field("state", "State", FieldType.OPTION, options=("New", "Triage", "Doing", "Review", "Closed")),
        Field("labels", "Labels", FieldType.OPTIONS),
        Field("owner", "Owner", FieldType.USER),
        Field("due", "Due Date", FieldType.DATE),
        Field("parent", "Parent", FieldType.RECORD),
        Field("key", "Key", FieldType.TEXT, writable=False, creatable=False),
    ),
)


def sync(fields: Mapping[str, Any], sides: str = "a b", **rest: Any) -> SyncMapping:
    """A mapping whose sides each have a connection of their own; `sides` in `rest` adds to what a side says."""
    more = rest.pop("side", {})
    written = {name: {"connection": f"c-{name}", "object": "task", **more.get(name, {})} for name in sides.split()}
    return SyncMapping.model_validate({"kind": "sync", "name": "m", "sides": written, "fields": fields, **rest})


def bound(fields: Mapping[str, Any], sides: str = "a b", **rest: Any) -> BoundMapping:
    """The same, bound to sides that all have TASK."""
    mapping = sync(fields, sides, **rest)
    return bind(mapping, dict.fromkeys(mapping.sides, TASK))[0]


def record(side: str, fields: Fields, minute: int = 0, id_: str = "1") -> Record:
    """A record last edited so many minutes after START."""
    moment = START + timedelta(minutes=minute)
    return Record(
        ref=Ref(f"c-{side}", "task", id_), fields=fields, created=START, updated=moment, version=f"{minute} {fields}"
    )


def records(values: Mapping[str, Fields], minutes: Mapping[str, int] | None = None) -> dict[str, Record]:
    """A record for each side."""
    return {side: record(side, fields, (minutes or {}).get(side, 0)) for side, fields in values.items()}


def everywhere(field: str, sides: str = "a b", **rest: Any) -> dict[str, Any]:
    """One native field on every side."""
    return {**dict.fromkeys(sides.split(), field), **rest}


def shows(members: Mapping[str, Record], key: str) -> dict[str, Value]:
    """What each side holds under a native key."""
    return {side: member.fields.get(key) for side, member in members.items()}
