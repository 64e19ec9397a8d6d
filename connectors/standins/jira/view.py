"""How one caller sees this Jira: base URL, version of the API, edition, time zone; and the small things it shows."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from connectors.standins.jira.catalogue import (
    BY_ACCOUNT,
    Category,
    IssueType,
    Named,
    Person,
    Project,
    Status,
)


@dataclass(frozen=True, slots=True)
class View:
    """What decides about the form of an answer. `version` is "2" (wiki text) or "3" (ADF)."""

    base: str
    version: str
    cloud: bool
    zone: str = "UTC"

    @property
    def rich(self) -> bool:
        """Whether rich text is ADF here."""
        return self.version == "3"

    def url(self, path: str) -> str:
        """A resource's own address."""
        return f"{self.base}/rest/api/{self.version}/{path}"

    def time(self, at: int) -> str:
        """A time as Jira writes it, with the offset of the caller's profile zone."""
        text = datetime.fromtimestamp(at // 1000, zone_of(self.zone)).isoformat()
        return f"{text[:19]}.{at % 1000:03d}{text[19:].replace(':', '')}"


@cache
def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name."""
    return ZoneInfo(name)


def user_json(account: str | None, view: View) -> dict[str, Any] | None:
    """A user as embedded in other answers; None for nobody. Shared between answers: do not change it."""
    return None if account is None else _user(BY_ACCOUNT[account], view.base, view.version, view.cloud)


@cache
def _user(person: Person, base: str, version: str, cloud: bool) -> dict[str, Any]:
    query = f"accountId={person.account}" if cloud else f"username={person.name}"
    identity = {"accountId": person.account, "accountType": "atlassian"} if cloud else _server_identity(person)
    return {
        "self": f"{base}/rest/api/{version}/user?{query}",
        **identity,
        **({} if person.hidden else {"emailAddress": person.email}),
        "avatarUrls": {f"{size}x{size}": f"{base}/secure/useravatar?size={size}" for size in (16, 24, 32, 48)},
        "displayName": person.shown,
        "active": person.active,
        "timeZone": person.zone,
    }


def _server_identity(person: Person) -> dict[str, str]:
    return {"name": person.name, "key": person.name}


@cache
def named_json(thing: Named, kind: str, base: str, version: str) -> dict[str, Any]:
    """A priority, resolution or option; `kind` is its place in the API."""
    shown = {"self": f"{base}/rest/api/{version}/{kind}/{thing.id}", "id": thing.id}
    return {**shown, "value": thing.name} if kind == "customFieldOption" else {**shown, "name": thing.name}


@cache
def status_json(status: Status, base: str, version: str) -> dict[str, Any]:
    """A status with its category."""
    return {
        "self": f"{base}/rest/api/{version}/status/{status.id}",
        "description": "",
        "iconUrl": f"{base}/images/icons/statuses/generic.png",
        "name": status.name,
        "id": status.id,
        "statusCategory": category_json(status.category, base, version),
    }


def category_json(category: Category, base: str, version: str) -> dict[str, Any]:
    """A status category."""
    return {
        "self": f"{base}/rest/api/{version}/statuscategory/{category.id}",
        "id": category.id,
        "key": category.key,
        "colorName": category.colour,
        "name": category.name,
    }


@cache
def issuetype_json(kind: IssueType, view: View) -> dict[str, Any]:
    """An issue type; `hierarchyLevel` is a word of Cloud only."""
    return {
        "self": view.url(f"issuetype/{kind.id}"),
        "id": kind.id,
        "description": "",
        "iconUrl": f"{view.base}/images/icons/issuetypes/{kind.name.lower()}.png",
        "name": kind.name,
        "subtask": kind.level < 0,
        **({"hierarchyLevel": kind.level} if view.cloud else {}),
    }


@cache
def project_json(project: Project, base: str, version: str) -> dict[str, Any]:
    """A project as embedded in other answers."""
    return {
        "self": f"{base}/rest/api/{version}/project/{project.id}",
        "id": project.id,
        "key": project.key,
        "name": project.name,
        "projectTypeKey": "software",
        "simplified": False,
    }
