"""What the live account says of itself: projects with their sections and custom fields, tags, people. Kept a while."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from connectors.asana.cache import Cache
from connectors.asana.client import Client, Forbidden, Json
from connectors.contract import Field, FieldType, User
from connectors.errors import AuthFailed, NotFound, Rejected

T = TypeVar("T")

TTL_SECONDS: Final = 300.0
TEXT_LENGTH: Final = 1024

TYPES: Final[dict[str, FieldType]] = {
    "text": FieldType.TEXT,
    "number": FieldType.NUMBER,
    "enum": FieldType.OPTION,
    "multi_enum": FieldType.OPTIONS,
    "date": FieldType.DATE,
    "people": FieldType.USERS,
}
"""The types of custom fields whose values we read and write; any other is shown as text and never written."""

_GENERATED: Final = ("formula", "custom_id")

_SETTING_FIELDS: Final = ",".join(
    f"custom_field.{name}"
    for name in (
        "gid",
        "name",
        "resource_subtype",
        "representation_type",
        "is_value_read_only",
        "enum_options.gid",
        "enum_options.name",
        "enum_options.enabled",
    )
)


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field of a project; `options` has the gids of enabled options by name."""

    gid: str
    name: str
    kind: str
    writable: bool
    options: Mapping[str, str]

    def described(self) -> Field:
        """As the contract describes a field; its key is the gid."""
        return Field(
            self.gid,
            self.name,
            TYPES.get(self.kind, FieldType.TEXT),
            writable=self.writable,
            creatable=self.writable,
            options=tuple(self.options) if self.kind in ("enum", "multi_enum") else None,
            max_length=TEXT_LENGTH if self.kind == "text" else None,
        )


@dataclass(frozen=True, slots=True)
class Project:
    """A project; `sections` has gids by name in their order, `custom` its custom fields by gid."""

    gid: str
    name: str
    workspace: str
    sections: Mapping[str, str]
    custom: Mapping[str, CustomField]


class Metadata:
    """Cached look-ups of one account. Raises what `Client` raises."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._projects: Cache[Project] = Cache(TTL_SECONDS)
        self._tags: Cache[dict[str, str]] = Cache(TTL_SECONDS)
        self._people: Cache[User | None] = Cache(TTL_SECONDS)
        self._tagging = asyncio.Lock()

    async def project(self, gid: str, *, fresh: bool = False) -> Project:
        """The project. Raises Rejected where it is missing or hidden from our account."""
        return await self._projects.get(gid, lambda: self._load_project(gid), fresh=fresh)

    async def find(self, project: Project, look: Callable[[Project], T | None]) -> T | None:
        """What `look` finds in the project as it is known, else in the project as it is now."""
        found = look(project)
        return found if found is not None else look(await self.project(project.gid, fresh=True))

    async def me(self) -> User:
        """Our own account."""
        user = await self._people.get("me", self.ask_me)
        assert user is not None
        return user

    async def ask_me(self) -> User:
        """Our own account, asked anew. Raises AuthFailed also where the token may not even read that."""
        try:
            answer = await self._client.request("GET", "/users/me", query={"opt_fields": "name,email"})
        except Forbidden as error:
            raise AuthFailed(str(error)) from error
        return _user(answer["data"])

    async def user(self, who: str) -> User | None:
        """The user with this gid or email, None where there is none that we can see."""
        return await self._people.get(who.casefold(), lambda: self._load_user(who))

    async def tags(self, workspace: str, names: Iterable[str]) -> list[str]:
        """The gids of these tags of the workspace; those that do not exist are created."""
        known = await self._tags.get(workspace, lambda: self._load_tags(workspace))
        if missing := set(names) - known.keys():
            async with self._tagging:
                known = await self._create_tags(workspace, missing)
        return [known[name] for name in names]

    async def _load_project(self, gid: str) -> Project:
        try:
            project, sections, fields = await asyncio.gather(
                self._client.request("GET", "/projects/{}", gid, query={"opt_fields": "name,workspace.gid"}),
                self._client.list_all("/projects/{}/sections", gid, query={"opt_fields": "name"}),
                self._load_custom(gid),
            )
        except (NotFound, Rejected) as error:
            reason = f"project {gid!r} is missing or hidden from our account; scope.project takes its number"
            raise Rejected(f"{reason} ({error})", {"project": reason}) from error
        data = project["data"]
        return Project(gid, data["name"], data["workspace"]["gid"], _by_name(sections), fields)

    async def _load_custom(self, project: str) -> dict[str, CustomField]:
        try:
            settings = await self._client.list_all(
                "/projects/{}/custom_field_settings", project, query={"opt_fields": _SETTING_FIELDS}
            )
        except Rejected:
            return {}  # custom fields are a paid feature: a plan without them answers 402 or 403
        return {field.gid: field for field in map(_custom_field, settings)}

    async def _load_user(self, who: str) -> User | None:
        try:
            answer = await self._client.request("GET", "/users/{}", who, query={"opt_fields": "name,email"})
        except (NotFound, Rejected):
            return None
        return _user(answer["data"])

    async def _load_tags(self, workspace: str) -> dict[str, str]:
        tags = await self._client.list_all("/workspaces/{}/tags", workspace, query={"opt_fields": "name"})
        return _by_name(tags)

    async def _create_tags(self, workspace: str, names: set[str]) -> dict[str, str]:
        """Reads all tags anew first: someone may have made them since, or a creation may have gone unanswered."""
        self._tags.forget(workspace)
        known = await self._tags.get(workspace, lambda: self._load_tags(workspace))
        for name in sorted(names - known.keys()):
            answer = await self._client.request("POST", "/workspaces/{}/tags", workspace, data={"name": name})
            known[name] = answer["data"]["gid"]
        return known


def _by_name(items: Iterable[Json]) -> dict[str, str]:
    """Gids by name in the order given; of several with one name the first is meant."""
    found: dict[str, str] = {}
    for item in items:
        found.setdefault(item["name"], item["gid"])
    return found


def _user(native: Json) -> User:
    email = native.get("email")
    return User(native["gid"], native.get("name") or native["gid"], email.casefold() if email else None)


def _custom_field(setting: Json) -> CustomField:
    native = setting["custom_field"]
    kind = native.get("resource_subtype", "")
    generated = native.get("representation_type") in _GENERATED or native.get("is_value_read_only")
    return CustomField(
        native["gid"],
        native["name"],
        kind,
        writable=kind in TYPES and not generated,
        options=_by_name(option for option in native.get("enum_options") or () if option.get("enabled", True)),
    )
