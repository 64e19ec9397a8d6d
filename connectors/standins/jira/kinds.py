"""The kinds of field values that there are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.standins.jira import values
from connectors.standins.jira.catalogue import ISSUE_TYPES, PRIORITIES, RESOLUTIONS, SEVERITIES, Named
from connectors.standins.jira.view import View, named_json, user_json
from connectors.standins.jira.world import World


@dataclass(frozen=True)
class Kind:
    """One kind of value. `read` raises Invalid; neither `read` nor `show` nor `tell` is asked about None."""

    read: Callable[[World, Any, View], Any]
    show: Callable[[World, Any, View], Any]
    tell: Callable[[World, Any], values.Told]
    schema: Mapping[str, str]
    operations: tuple[str, ...] = ("set",)
    options: Mapping[str, Named] | None = None
    place: str = ""


def choice(options: Mapping[str, Named], place: str, label: str, schema: Mapping[str, str]) -> Kind:
    """A kind for one of several named things; `label` is the word that its names go by, `name` or `value`."""

    def read(_world: World, value: Any, _view: View) -> str:
        given = value if isinstance(value, dict) else {}
        if "id" in given and str(given["id"]) in options:
            return str(given["id"])
        found = next((one.id for one in options.values() if one.name == given.get(label)), None)
        if found is None or "id" in given:
            named, tried = ("id", given["id"]) if "id" in given else (label, given.get(label))
            raise values.Invalid(f"{schema['type'].capitalize()} {named} '{tried}' is not valid")
        return found

    def show(_world: World, value: Any, view: View) -> Any:
        return named_json(options[value], place, view.base, view.version)

    def tell(_world: World, value: Any) -> values.Told:
        return value, options[value].name

    return Kind(read, show, tell, schema, options=options, place=place)


STRING: Final = {"type": "string"}
SUMMARY: Final = Kind(values.read_summary, values.plain, values.as_text, STRING)
RICH: Final = Kind(
    values.read_rich, lambda _world, value, view: values.show_text(value, view), values.tell_rich, STRING
)
USER: Final = Kind(values.read_user, values.show_user, values.tell_user, {"type": "user"})
ASSIGNEE: Final = Kind(values.read_assignee, values.show_user, values.tell_user, {"type": "user"})
USERS: Final = Kind(
    values.read_users,
    lambda _world, value, view: [user_json(account, view) for account in value],
    values.tell_users,
    {"type": "array", "items": "user"},
    ("add", "set", "remove"),
)
LABELS: Final = Kind(
    values.read_labels,
    values.plain,
    lambda _world, value: (None, " ".join(value)),
    {"type": "array", "items": "string"},
    ("add", "set", "remove"),
)
NUMBER: Final = Kind(values.read_number, values.plain, values.tell_number, {"type": "number"})
DATE: Final = Kind(values.read_date, values.plain, lambda _world, value: (value, value), {"type": "date"})
DATETIME: Final = Kind(
    values.read_datetime, lambda _world, value, view: view.time(value), values.tell_datetime, {"type": "datetime"}
)
URL: Final = Kind(values.read_url, values.plain, values.as_text, STRING)
PARENT: Final = Kind(values.read_parent, values.show_parent, values.tell_parent, {"type": "issuelink"})
ISSUETYPE: Final = Kind(
    values.read_issuetype,
    values.show_issuetype,
    values.tell_issuetype,
    {"type": "issuetype"},
    options=ISSUE_TYPES,
)
PRIORITY: Final = choice(PRIORITIES, "priority", "name", {"type": "priority"})
RESOLUTION: Final = choice(RESOLUTIONS, "resolution", "name", {"type": "resolution"})
SEVERITY: Final = choice(SEVERITIES, "customFieldOption", "value", {"type": "option"})
