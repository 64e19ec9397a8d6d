"""Canonical values made ready for Jira, and Jira's refusals made ready for people."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, Final

from connectors.contract import Fields, FieldType, Record, Value
from connectors.errors import Rejected
from connectors.jira.client import Client
from connectors.jira.fields import Known
from connectors.jira.metadata import Metadata
from connectors.jira.people import Directory
from connectors.jira.values import Context, write_value
from connectors.values import normal

MOST_OPTIONS_SHOWN: Final = 20
NEVER_EMPTY: Final = frozenset({"summary", "issuetype", "status"})


class Drafts:
    """Knows the fields and people of one Jira. Raises the errors of `connectors.errors`."""

    def __init__(self, client: Client, metadata: Metadata, people: Directory) -> None:
        self._client = client
        self._metadata = metadata
        self._people = people

    async def native(
        self, fields: Fields, marks: Sequence[str], current: Record | None = None
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Native values by key, and the reason for each that cannot be one. `marks` are labels that always stay."""
        previous: Mapping[str, Any] = current.native["fields"] if current else {}
        native: dict[str, Any] = {}
        refused: dict[str, str] = {}
        for key, value in fields.items():
            try:
                known = (await self._metadata.fields([key]))[key]
                native[key] = await self._value(known, value, previous.get(key))
            except ValueError as error:
                refused[key] = str(error)
            except Rejected as error:
                refused[key] = error.fields.get(key, str(error))
        if "labels" in native:
            native["labels"] = [*native["labels"], *marks]
        return native, refused

    async def screen(self, screens: Mapping[str, Fields], asked: Mapping[str, Any], status: str) -> dict[str, Any]:
        """Native values for the screen of a transition. Raises ValueError where a required one is not given."""
        given = screens.get(status, {})
        known = await self._metadata.resolve(given)
        filled = {
            known[name].field.key: await self._value(known[name], value, None)
            for name, value in given.items()
            if known[name].field.key in asked
        }
        for key, each in asked.items():
            if each.get("required") and not each.get("hasDefaultValue") and filled.get(key) is None:
                raise ValueError(
                    f"its screen requires {each.get('name', key)}; write in the mapping file "
                    f"`screen: {{{status}: {{{key}: ...}}}}`{_shown(_allowed(each))}"
                )
        return filled

    async def explained(self, project: str, key: str, value: Value, why: str) -> str:
        """A refusal with the value, and with what may be written instead where the field has options."""
        options: tuple[str, ...] = ()
        with suppress(Rejected):
            options = await self._metadata.options(project, key)
        wanted = value if isinstance(value, list) else [value]
        strange = [str(each) for each in wanted if each not in options]
        near = get_close_matches(strange[0], options, 3) if strange else []
        hint = _shown(near or options) if strange else ""
        return f"{value!r} was refused: {why}{hint}"

    async def _value(self, known: Known, value: Value, previous: Any) -> Any:
        if not known.field.writable:
            raise ValueError(f"{known.field.name} can only be read; Jira sets it")
        value = normal(known.field.type, value)
        if value is None and known.field.key in NEVER_EMPTY:
            raise ValueError(f"{known.field.name} cannot be empty; give it a value in the mapping")
        users: list[str] = []
        if known.field.type is FieldType.USER and isinstance(value, str):
            users = [value]
        elif known.field.type is FieldType.USERS and isinstance(value, list):
            users = value
        accounts = {user: await self._people.account(user) for user in users}
        context = Context(self._client.name, await self._client.dialect(), accounts, previous)
        return write_value(known, value, context)


def _allowed(screen_field: Mapping[str, Any]) -> list[str]:
    return [str(each.get("name") or each.get("value")) for each in screen_field.get("allowedValues") or ()]


def _shown(options: Sequence[str]) -> str:
    more = ", ..." if len(options) > MOST_OPTIONS_SHOWN else ""
    return f"; expected one of: {', '.join(options[:MOST_OPTIONS_SHOWN])}{more}" if options else ""
