"""Single values: how JSON is read into what is kept, how it is shown, and how the changelog words it.

Readers raise Invalid. `tell_` functions give what the changelog says: an id, where there is one, and a text.
"""

import re
from datetime import UTC, date, datetime
from typing import Any, Final

from connectors.standins.jira import adf, wiki
from connectors.standins.jira.catalogue import BY_ACCOUNT, BY_NAME, ISSUE_TYPES, IssueType
from connectors.standins.jira.view import View, issuetype_json, user_json
from connectors.standins.jira.world import World

SUMMARY_MAX: Final = 255
TEXT_MAX: Final = 32_767
OFFSET_WITHOUT_COLON: Final = re.compile(r"([+-]\d\d)(\d\d)$")

Told = tuple[str | None, str | None]


class Invalid(Exception):
    """A value that Jira refuses; the text is what it says about the field."""


def plain(_world: World, value: Any, _view: View) -> Any:
    """Values that are shown as they are kept."""
    return value


def as_text(_world: World, value: Any) -> Told:
    """Values without an id."""
    return None, str(value)


def read_summary(_world: World, value: Any, _view: View) -> str:
    """A title of one line."""
    if not isinstance(value, str):
        raise Invalid("Operation value must be a string")
    if not value.strip():
        raise Invalid("You must specify a summary of the issue.")
    if "\n" in value or "\r" in value:
        raise Invalid("The summary is invalid because it contains newline characters.")
    if len(value) > SUMMARY_MAX:
        raise Invalid("Summary must be less than 255 characters.")
    return value


def read_rich(_world: World, value: Any, view: View) -> Any:
    """Rich text as this version of the API takes it: ADF on v3, wiki markup on v2."""
    if not view.rich:
        if not isinstance(value, str):
            raise Invalid("Operation value must be a string")
        if len(value) > TEXT_MAX:
            raise Invalid(f"The entered text is too long. It exceeds the allowed limit of {TEXT_MAX:,} characters.")
        return value or None
    if not isinstance(value, dict):
        raise Invalid("Operation value must be an Atlassian Document (see the Atlassian Document Format)")
    if not adf.is_document(value):
        raise Invalid("INVALID_INPUT")
    if len(wiki.to_wiki(value)) > TEXT_MAX:
        raise Invalid("CONTENT_LIMIT_EXCEEDED")
    return value if value["content"] else None


def show_text(value: Any, view: View) -> Any:
    """Rich text as this version of the API gives it."""
    if view.rich:
        return wiki.to_adf(value) if isinstance(value, str) else value
    return wiki.to_wiki(value) if isinstance(value, dict) else value


def tell_rich(_world: World, value: Any) -> Told:
    """Rich text as wiki markup, in both versions of the API."""
    return None, wiki.to_wiki(value) if isinstance(value, dict) else value


def read_user(_world: World, value: Any, view: View) -> str | None:
    """A person, who need not be active; the account is kept."""
    if not isinstance(value, dict):
        raise Invalid("data was not an object")
    if view.cloud:
        account = value.get("accountId", value.get("id"))
        if account is not None and account not in BY_ACCOUNT:
            raise Invalid(f"Account ID '{account}' does not exist.")
        return account
    name = value.get("name", value.get("key"))
    if name is not None and name not in BY_NAME:
        raise Invalid(f"User '{name}' does not exist.")
    return None if name is None else BY_NAME[name].account


def read_assignee(world: World, value: Any, view: View) -> str | None:
    """A person to whom work can be given; "-1" is the default, which is nobody here."""
    default = isinstance(value, dict) and "-1" in (value.get("accountId"), value.get("name"))
    account = None if default else read_user(world, value, view)
    if account is not None and not BY_ACCOUNT[account].active:
        raise Invalid(f"User '{BY_ACCOUNT[account].shown}' cannot be assigned issues.")
    return account


def tell_user(_world: World, account: Any) -> Told:
    """A person by account and name."""
    return account, BY_ACCOUNT[account].shown


def read_users(world: World, value: Any, view: View) -> list[str] | None:
    """Several people, each once."""
    if not isinstance(value, list):
        raise Invalid("data was not an array")
    accounts = (read_user(world, entry, view) for entry in value)
    return list(dict.fromkeys(account for account in accounts if account)) or None


def tell_users(_world: World, accounts: Any) -> Told:
    """Several people in brackets, as the vendor lists them."""
    return f"[{', '.join(accounts)}]", f"[{', '.join(BY_ACCOUNT[account].shown for account in accounts)}]"


def read_labels(_world: World, value: Any, _view: View) -> list[str]:
    """Labels, sorted, each once."""
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise Invalid("Operation value must be an array of strings")
    for label in value:
        if not label or re.search(r"\s", label):
            raise Invalid(f"The label '{label}' contains spaces which is invalid.")
        if len(label) > SUMMARY_MAX:
            raise Invalid(f"The label '{label}' exceeds 255 characters.")
    return sorted(set(value))


def read_number(_world: World, value: Any, _view: View) -> float:
    """A number; a string of digits is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid("Operation value must be a number")
    return float(value)


def tell_number(_world: World, value: Any) -> Told:
    """A number as short as it can be written."""
    return None, f"{value:g}"


def read_date(_world: World, value: Any, _view: View) -> str:
    """A day, yyyy-MM-dd."""
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise Invalid("Operation value must be a string in the format yyyy-MM-dd") from None


def read_datetime(_world: World, value: Any, _view: View) -> int:
    """A moment, which must say its offset."""
    try:
        moment = datetime.fromisoformat(OFFSET_WITHOUT_COLON.sub(r"\1:\2", value))
    except (TypeError, ValueError):
        raise Invalid("Operation value must be a string in the format yyyy-MM-dd'T'HH:mm:ss.SSSZ") from None
    if moment.tzinfo is None:
        raise Invalid("Operation value must be a string in the format yyyy-MM-dd'T'HH:mm:ss.SSSZ")
    return int(moment.timestamp() * 1000)


def tell_datetime(_world: World, value: Any) -> Told:
    """A moment in UTC."""
    text = datetime.fromtimestamp(value / 1000, UTC).isoformat()
    return text, text


def read_url(_world: World, value: Any, _view: View) -> str | None:
    """An address; an empty one is no value."""
    if not isinstance(value, str):
        raise Invalid("Operation value must be a string")
    if value and not re.match(r"(https?|ftp|mailto):\S+$", value):
        raise Invalid(f"'{value}' is not a valid URL.")
    return value or None


def read_parent(world: World, value: Any, _view: View) -> int | None:
    """Another issue, by id or key; `{"none": true}` is no parent."""
    if not isinstance(value, dict):
        raise Invalid("data was not an object")
    if value.get("none") is True:
        return None
    found = world.issue(str(value.get("id") or value.get("key") or ""))
    if found is None:
        raise Invalid("Could not find issue by id or key.")
    return found.id


def show_parent(world: World, value: Any, view: View) -> Any:
    """The parent in short; None when it has been deleted."""
    parent = world.issues.get(value)
    return None if parent is None else {"id": str(parent.id), "key": parent.key, "self": view.url(f"issue/{parent.id}")}


def tell_parent(world: World, value: Any) -> Told:
    """The parent by id and key."""
    parent = world.issues.get(value)
    return str(value), parent.key if parent else None


def read_issuetype(_world: World, value: Any, _view: View) -> str:
    """An issue type, by id or name."""
    given = value if isinstance(value, dict) else {}
    for kind in ISSUE_TYPES.values():
        if kind.id == given.get("id") or ("id" not in given and kind.name == given.get("name")):
            return kind.id
    raise Invalid("Specify a valid issue type")


def show_issuetype(_world: World, value: Any, view: View) -> Any:
    """The issue type whole."""
    return issuetype_json(ISSUE_TYPES[value], view)


def tell_issuetype(_world: World, value: Any) -> Told:
    """The issue type by id and name."""
    kind: IssueType = ISSUE_TYPES[value]
    return value, kind.name


def show_user(_world: World, value: Any, view: View) -> Any:
    """The person whole."""
    return user_json(value, view)
