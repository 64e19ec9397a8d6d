"""Who last edited which field, from the stories that Asana writes about every change of a task."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from connectors.asana.account import Account
from connectors.asana.client import Json
from connectors.contract import Edit, Record
from connectors.values import parse_datetime

_DATES: Final = ("due_on", "due_at", "start_on", "start_at")

# https://developers.asana.com/docs/stories lists no subtypes; these are the ones that tasks show.
_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "name_changed": ("name",),
    "notes_changed": ("notes",),
    "due_date_changed": _DATES,
    "start_date_changed": _DATES,
    "assigned": ("assignee",),
    "unassigned": ("assignee",),
    "section_changed": ("section",),
    "added_to_project": ("section",),
    "marked_complete": ("completed",),
    "marked_incomplete": ("completed",),
    "added_to_tag": ("tags",),
    "removed_from_tag": ("tags",),
    "approval_status_changed": ("approval_status", "completed"),
    "resource_subtype_changed": ("resource_subtype",),
    "follower_added": ("followers",),
}
_CUSTOM: Final = "_custom_field_changed"
_ASKED: Final = "created_at,created_by.gid,created_by.name,resource_subtype,custom_field.gid,project.gid"


class History(Account):
    """The capability HISTORY."""

    async def edits(self, record: Record, fields: Collection[str]) -> Mapping[str, Edit]:
        """See `connectors.contract.Reader`. A field of which no story tells counts as edited with the task itself."""
        stories = await self.client.list_all("/tasks/{}/stories", record.ref.id, query={"opt_fields": _ASKED})
        ours = {None, str(record.native["scope"]["project"])}
        me = (await self.metadata.me()).id
        found: dict[str, Edit] = {}
        for story in sorted(stories, key=_when):
            if (story.get("project") or {}).get("gid") in ours:
                edit = _edit(story, me)
                found.update({key: edit.following(found.get(key)) for key in _edited(story)})
        unknown = Edit(record.updated)
        return {key: found.get(key, unknown) for key in fields}


def _when(story: Json) -> Any:
    return parse_datetime(story["created_at"])


def _edit(story: Json, me: str) -> Edit:
    author = story.get("created_by") or {}
    return Edit(_when(story), author.get("name"), author.get("gid") == me)


def _edited(story: Json) -> tuple[str, ...]:
    subtype = story.get("resource_subtype") or ""
    if subtype.endswith(_CUSTOM):
        gid = (story.get("custom_field") or {}).get("gid")
        return (gid,) if gid else ()
    return _FIELDS.get(subtype, ())
