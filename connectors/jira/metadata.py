"""What one Jira has: its fields, a project's issue types, options and statuses. Remembered for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from connectors.contract import Field, ObjectType
from connectors.errors import NotFound, Rejected
from connectors.jira.client import Client
from connectors.jira.fields import ISSUE, STANDARD_FIELDS, Known, native_field

REMEMBER_SECONDS: Final = 600.0
PAGE: Final = 200


class Metadata:
    """Asked once, and again when it is old or a name is unknown. Raises the errors of `connectors.errors`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._kept: dict[str, tuple[float, Any]] = {}
        self._asking = asyncio.Lock()

    async def fields(self, keys: Collection[str]) -> dict[str, Known]:
        """Fields by key. Raises Rejected for a key that this Jira does not have, or whose values cannot be mapped."""
        found = STANDARD_FIELDS
        if not found.keys() >= set(keys):
            found = await self._keep("fields", self._fields)
        if not found.keys() >= set(keys):
            found = await self._keep("fields", self._fields, fresh=True)
        unknown = sorted(set(keys) - found.keys())
        if unknown:
            raise Rejected(
                f"{self._client.name}: no issue field {', '.join(unknown)} that can be mapped; was it deleted in Jira?",
                dict.fromkeys(unknown, "there is no such field in Jira"),
            )
        return {key: found[key] for key in keys}

    async def resolve(self, names: Collection[str]) -> dict[str, Known]:
        """Fields by key or by display name. Raises Rejected."""
        known = STANDARD_FIELDS if set(names) <= STANDARD_FIELDS.keys() else await self._keep("fields", self._fields)
        type_ = ObjectType(ISSUE, tuple(each.field for each in known.values()))
        matches = {name: type_.field(name) for name in names}
        keys = {name: match.key if match else name for name, match in matches.items()}
        fields = await self.fields(set(keys.values()))
        return {name: fields[key] for name, key in keys.items()}

    async def describe(self, project: str) -> ObjectType:
        """The fields of a project's issues. Raises Rejected where the project is not there."""
        try:
            screens = await self._keep(f"screens {project}", lambda: self._screens(project))
            statuses = await self.statuses(project)
        except NotFound as error:
            raise Rejected(
                f"{self._client.name}: no project {project!r} that our account can see; check the key and its rights",
                {"project": "there is no such project"},
            ) from error
        known = await self._keep("fields", self._fields)
        options = {key: _options(screen) for key, screen in _by_key(screens.values()).items()}
        options["status"] = tuple(sorted({name for names in statuses.values() for name in names}))
        options["issuetype"] = tuple(sorted(screens))
        everywhere = _required(screens.values())
        on_a_screen = options.keys() - {"status"}
        return ObjectType(
            ISSUE, tuple(_described(each.field, options, everywhere, on_a_screen) for each in known.values())
        )

    async def options(self, project: str, key: str) -> tuple[str, ...]:
        """The options of a field in a project; empty where any value will do."""
        described = await self.describe(project)
        return next((each.options or () for each in described.fields if each.key == key), ())

    async def statuses(self, project: str) -> dict[str, tuple[str, ...]]:
        """The names of the statuses that each issue type of a project has."""
        kept: dict[str, tuple[str, ...]] = await self._keep(f"statuses {project}", lambda: self._statuses(project))
        return kept

    async def _keep(self, what: str, ask: Callable[[], Awaitable[Any]], *, fresh: bool = False) -> Any:
        async with self._asking:
            until, kept = self._kept.get(what, (0.0, None))
            if fresh or time.monotonic() >= until:
                kept = await ask()
                self._kept[what] = (time.monotonic() + REMEMBER_SECONDS, kept)
            return kept

    async def _fields(self) -> dict[str, Known]:
        live = [known for raw in await self._client.get("field") if (known := native_field(raw))]
        return {**STANDARD_FIELDS, **{known.field.key: known for known in live}}

    async def _statuses(self, project: str) -> dict[str, tuple[str, ...]]:
        types = await self._client.get(f"project/{project}/statuses")
        return {str(type_["name"]): tuple(str(each["name"]) for each in type_["statuses"]) for type_ in types}

    async def _screens(self, project: str) -> dict[str, dict[str, Any]]:
        """For each issue type the fields of its create screen, by field key."""
        base = f"issue/createmeta/{project}/issuetypes"
        types = await self._pages(base, "issueTypes")
        screens = await asyncio.gather(*(self._pages(f"{base}/{type_['id']}", "fields") for type_ in types))
        return {
            str(type_["name"]): {str(each.get("fieldId") or each.get("key")): each for each in screen}
            for type_, screen in zip(types, screens, strict=True)
        }

    async def _pages(self, path: str, name: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        while True:
            page = await self._client.get(path, startAt=len(items), maxResults=PAGE)
            found = page.get(name) or page.get("values") or []  # Data Center calls them values
            items += found
            if not found or len(items) >= page.get("total", 0):
                return items


def _by_key(screens: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for screen in screens:
        for key, each in screen.items():
            found.setdefault(key, []).append(each)
    return found


def _options(same_field: Iterable[Mapping[str, Any]]) -> tuple[str, ...] | None:
    names = {
        str(allowed.get("name") or allowed.get("value"))
        for each in same_field
        for allowed in each.get("allowedValues") or ()
        if allowed.get("name") or allowed.get("value")
    }
    return tuple(sorted(names)) or None


def _required(screens: Iterable[Mapping[str, Any]]) -> set[str]:
    """What every issue type asks for and Jira does not fill by itself."""
    asked = [
        {key for key, each in screen.items() if each.get("required") and not each.get("hasDefaultValue")}
        for screen in screens
    ]
    return set.intersection(*asked) if asked else set()


def _described(
    field: Field, options: Mapping[str, tuple[str, ...] | None], required: set[str], on_a_screen: Collection[str]
) -> Field:
    return replace(
        field,
        options=options.get(field.key),
        required=field.required or field.key in required,
        creatable=field.creatable and (field.key in on_a_screen or field.key == "status"),
    )
