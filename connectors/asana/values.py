"""Canonical values -> what Asana takes: names become gids; what has none is refused with a sentence for a person."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Final, cast

from connectors.asana import dates
from connectors.asana.account import Account, Place
from connectors.asana.client import Json
from connectors.asana.fields import STANDARD, TASK
from connectors.asana.html import from_markdown
from connectors.asana.marker import line_of, with_line, without_line
from connectors.asana.metadata import TEXT_LENGTH, CustomField
from connectors.contract import Fields, Ref, Value

RELATIONS: Final = ("section", "tags", "followers", "parent")
"""Fields that a create carries in its body, and an update sets by requests of their own."""

NAMES_SHOWN: Final = 20


class Refused(Exception):
    """A value that cannot be written; `str()` tells a person why, and what would do."""


class Values:
    """Turns values into what Asana takes, for one place of one account."""

    def __init__(self, account: Account, place: Place) -> None:
        self._account = account
        self._metadata = account.metadata
        self._place = place

    async def parts(self, fields: Fields, task: Json) -> tuple[dict[str, Json], dict[str, str]]:
        """For each field but relations what the body must carry, and for each refused one the reason.

        `task` is what is there now, empty before a create.
        """
        parts, refused = dates.parts(fields, task)
        for key, value in fields.items():
            if key in RELATIONS or key in dates.DATES:
                continue
            try:
                _check_writable(key)
                parts[key] = await self._part(key, value, task)
            except Refused as error:
                refused[key] = str(error)
        return parts, refused

    async def relation(self, key: str, value: Value) -> Any:
        """The gid or gids that one of `RELATIONS` is to have; tags that do not exist are created. Raises Refused."""
        match key:
            case "section":
                return await self._section(value)
            case "tags":
                return await self._metadata.tags(self._place.project.workspace, _items(value))
            case "followers":
                return await self._people(value)
            case _:
                return None if value is None else self._task(str(value))

    async def _part(self, key: str, value: Value, task: Json) -> Json:
        match key:
            case "notes":
                previous = task.get("html_notes")
                written = from_markdown(cast("str | None", value), previous=without_line(previous))
                return {"html_notes": with_line(written, line_of(previous))}
            case "assignee":
                return {"assignee": None if value is None else await self._person(str(value))}
            case "name":
                return {"name": value or ""}
            case "completed":
                return {"completed": bool(value)}
            case _ if key.isdecimal():
                return {"custom_fields": {key: await self._custom(key, value)}}
            case _:
                return {key: value}

    async def _section(self, value: Value) -> str:
        if value is None:
            raise Refused("a task of a project is always in a section; choose one instead of emptying it")
        project, name = self._place.project, str(value)
        found = await self._metadata.find(project, lambda known: known.sections.get(name))
        if found is None:
            now = await self._metadata.project(project.gid)
            raise Refused(f"project {now.name!r} has no section {name!r}; {_nearest(name, now.sections)}")
        return found

    async def _people(self, value: Value) -> list[str]:
        return [await self._person(who) for who in _items(value)]

    async def _person(self, who: str) -> str:
        if who.startswith("@"):
            return who[1:]
        user = await self._metadata.user(who) if "@" in who else None
        if user is None:
            raise Refused(f"nobody in this Asana workspace has the email {who!r}; invite them, or correct the address")
        return user.id

    def _task(self, ref: str) -> str:
        try:
            parsed = Ref.parse(ref)
        except ValueError as error:
            raise Refused(str(error)) from error
        if (parsed.connection, parsed.object) != (self._account.name, TASK):
            raise Refused(f"a parent must be a task of connection {self._account.name!r}, found {ref!r}")
        return parsed.id

    async def _custom(self, key: str, value: Value) -> Any:
        project = self._place.project
        field = await self._metadata.find(project, lambda known: known.custom.get(key))
        if field is None:
            raise Refused(f"project {project.name!r} has no custom field {key}; add it to the project")
        if not field.writable:
            raise Refused(f"field {field.name!r} is calculated or locked by Asana and cannot be written")
        match field.kind:
            case _ if value is None:
                return None
            case "text":
                return _short_enough(field.name, str(value))
            case "enum":
                return await self._option(field, str(value))
            case "multi_enum":
                return [await self._option(field, name) for name in _items(value)]
            case "people":
                return await self._people(value)
            case "date":
                return {"date" if len(str(value)) == len("2026-12-01") else "date_time": value}
            case _:
                return value

    async def _option(self, field: CustomField, name: str) -> str:
        found = await self._metadata.find(
            self._place.project, lambda known: known.custom.get(field.gid, field).options.get(name)
        )
        if found is None:
            raise Refused(f"field {field.name!r} has no enabled option {name!r}; {_nearest(name, field.options)}")
        return found


def _check_writable(key: str) -> None:
    known = next((field for field in STANDARD[TASK].fields if field.key == key), None)
    if known is None and not key.isdecimal():
        raise Refused(f"a task has no field {key!r}")
    if known is not None and not known.writable:
        raise Refused(f"{known.name!r} is set by Asana alone")


def _items(value: Value) -> list[str]:
    if value is None:
        return []
    return value if isinstance(value, list) else [str(value)]


def _short_enough(name: str, text: str) -> str:
    if len(text) > TEXT_LENGTH:
        raise Refused(f"text for {name!r} is too long: {len(text)} characters where Asana takes {TEXT_LENGTH}")
    return text


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(name, names, n=1)
    shown = ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
    return (f"did you mean {near[0]!r}? " if near else "") + (f"there are: {shown}" if names else "there are none")
