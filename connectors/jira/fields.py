"""The fields that every Jira has, and how a field's schema tells what kind of value it holds. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.contract import Field, FieldType, ObjectType

ISSUE: Final = "issue"
SUMMARY_LENGTH: Final = 255
TEXT_LENGTH: Final = 32_767

TYPE_OF_KIND: Final[Mapping[str, FieldType]] = {
    "text": FieldType.TEXT,
    "textarea": FieldType.RICH_TEXT,
    "url": FieldType.URL,
    "number": FieldType.NUMBER,
    "seconds": FieldType.DURATION,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "user": FieldType.USER,
    "users": FieldType.USERS,
    "named": FieldType.OPTION,
    "named_list": FieldType.OPTIONS,
    "option": FieldType.OPTION,
    "options": FieldType.OPTIONS,
    "cascade": FieldType.OPTION,
    "labels": FieldType.OPTIONS,
    "parent": FieldType.RECORD,
}


@dataclass(frozen=True, slots=True)
class Known:
    """A field and the kind of its native value, a key of `TYPE_OF_KIND`."""

    field: Field
    kind: str


def _known(
    key: str, name: str, kind: str, max_length: int | None = None, *, writable: bool = True, required: bool = False
) -> Known:
    return Known(Field(key, name, TYPE_OF_KIND[kind], writable, writable, required, max_length=max_length), kind)


_ALL: Final = (
    _known("summary", "Summary", "text", SUMMARY_LENGTH, required=True),
    _known("description", "Description", "textarea", TEXT_LENGTH),
    _known("status", "Status", "named"),
    _known("issuetype", "Issue Type", "named", required=True),
    _known("priority", "Priority", "named"),
    _known("assignee", "Assignee", "user"),
    _known("reporter", "Reporter", "user"),
    _known("labels", "Labels", "labels"),
    _known("components", "Components", "named_list"),
    _known("fixVersions", "Fix versions", "named_list"),
    _known("parent", "Parent", "parent"),
    _known("duedate", "Due date", "date"),
    _known("resolution", "Resolution", "named"),
    _known("environment", "Environment", "textarea", TEXT_LENGTH),
    _known("key", "Key", "text", writable=False),
    _known("created", "Created", "datetime", writable=False),
    _known("updated", "Updated", "datetime", writable=False),
)

STANDARD_FIELDS: Final[Mapping[str, Known]] = {known.field.key: known for known in _ALL}

STANDARD: Final = {ISSUE: ObjectType(ISSUE, tuple(known.field for known in _ALL), complete=False)}

_KIND_OF_CUSTOM: Final = {"textarea": "textarea", "url": "url", "cascadingselect": "cascade"}
_KIND_OF_SCHEMA: Final[Mapping[tuple[Any, Any], str]] = {
    ("string", None): "text",
    ("number", None): "number",
    ("date", None): "date",
    ("datetime", None): "datetime",
    ("user", None): "user",
    ("option", None): "option",
    ("option-with-child", None): "cascade",
    ("priority", None): "named",
    ("version", None): "named",
    ("group", None): "named",
    ("securitylevel", None): "named",
    ("statusCategory", None): "named",
    ("array", "string"): "labels",
    ("array", "option"): "options",
    ("array", "user"): "users",
    ("array", "version"): "named_list",
    ("array", "component"): "named_list",
    ("array", "group"): "named_list",
}
_SECONDS: Final = {"timespent", "timeestimate", "timeoriginalestimate"}
_KEPT_BY_JIRA: Final = _SECONDS | {
    "creator",
    "resolutiondate",
    "statuscategorychangedate",
    "statusCategory",
    "lastViewed",
    "workratio",
    "aggregatetimespent",
    "aggregatetimeestimate",
    "aggregatetimeoriginalestimate",
}


def native_field(raw: Mapping[str, Any]) -> Known | None:
    """One entry of `GET /field` as a field; None for what has no canonical value (ranks, sprints, links, votes)."""
    key, schema = str(raw["id"]), raw.get("schema") or {}
    if key in STANDARD_FIELDS:
        return STANDARD_FIELDS[key]
    custom = str(schema.get("custom", "")).rpartition(":")[2]
    kind = _KIND_OF_CUSTOM.get(custom) or _KIND_OF_SCHEMA.get((schema.get("type"), schema.get("items")))
    if key in _SECONDS:
        kind = "seconds"
    if kind is None:
        return None
    return _known(key, str(raw.get("name") or key), kind, writable=key not in _KEPT_BY_JIRA)
