"""Where a created task carries its marker: a text custom field, `external`, or a last line of the notes."""

import html
import re
from dataclasses import dataclass
from typing import Final, Literal

from connectors.asana.client import Json
from connectors.asana.metadata import Project
from connectors.asana.settings import FieldMarker
from connectors.errors import Rejected

FIELD_NAMES: Final = ("Syncline", "External ID")
EMPTY: Final = "<body></body>"

_BLOCK_STARTS = r"\n|(?<=<body>)|(?<=</[uo]l>)|(?<=</h[12]>)|(?<=</pre>)|(?<=</blockquote>)"
_LINE = re.compile(rf"(?:{_BLOCK_STARTS})syncline: ([^\s<]+)(?=\n|<|$)")
_END = "</body>"


@dataclass(frozen=True, slots=True)
class Marking:
    """The chosen place; `field` is the custom field's gid where the place is a field."""

    place: Literal["field", "notes", "external"]
    field: str = ""

    @property
    def opt_fields(self) -> tuple[str, ...]:
        """What must be read of a task to see its marker."""
        return {
            "field": ("custom_fields.gid", "custom_fields.text_value"),
            "notes": ("html_notes",),
            "external": ("external.gid",),
        }[self.place]

    def read(self, task: Json) -> str | None:
        """The marker of a task as it was read, None where it carries none."""
        match self.place:
            case "field":
                values = (
                    field.get("text_value") for field in task.get("custom_fields") or () if field["gid"] == self.field
                )
                return next(values, None) or None
            case "external":
                return (task.get("external") or {}).get("gid") or None
            case "notes":
                return line_of(task.get("html_notes"))

    def write(self, marker: str, body: Json) -> Json:
        """The body of a create with the marker added."""
        match self.place:
            case "field":
                return {**body, "custom_fields": {**body.get("custom_fields", {}), self.field: marker}}
            case "external":
                return {**body, "external": {"gid": marker}}
            case "notes":
                return {**body, "html_notes": with_line(body.get("html_notes"), marker)}


def marking(chosen: FieldMarker | Literal["notes", "external"] | None, project: Project) -> Marking:
    """The place for this project. Raises Rejected where a field is asked for that the project does not have."""
    if chosen == "notes" or chosen == "external":
        return Marking(chosen)
    names = FIELD_NAMES if chosen is None else (chosen.field,)
    texts = {field.name: field.gid for field in project.custom.values() if field.kind == "text" and field.writable}
    found = next((texts[name] for name in names if name in texts), None)
    if found is not None:
        return Marking("field", found)
    if chosen is None:
        return Marking("notes")
    raise Rejected(
        f"project {project.name!r} has no writable text field {chosen.field!r}, which this connection's `marker` names;"
        " add the field to the project, or set `marker: notes`"
    )


def line_of(html_notes: str | None) -> str | None:
    """The marker in the notes; the last one, should somebody have copied another task's text above it."""
    found = _LINE.findall(html_notes or "")
    return html.unescape(found[-1]) if found else None


def without_line(html_notes: str | None) -> str | None:
    """The notes as people wrote them."""
    return _LINE.sub("", html_notes) if html_notes else html_notes


def with_line(html_notes: str | None, marker: str | None) -> str:
    """The notes with the marker as their last line, on its own."""
    written = html_notes or EMPTY
    if marker is None:
        return written
    line = f"syncline: {html.escape(marker, quote=False)}"
    inner = written.removeprefix("<body>").removesuffix(_END)
    return f"<body>{inner}\n{line}{_END}" if inner else f"<body>{line}{_END}"
