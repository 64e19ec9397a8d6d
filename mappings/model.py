"""The shape of the files that ops people write: `kind: sync` mappings, connections and people.

Only shape is checked here. Whether names exist and types agree is `mappings.checks`; where in the text a value stands
is `mappings.loader`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.contract import FieldType

NAME = r"^[a-z0-9][a-z0-9_-]*$"
NAME_INSIDE = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
"""Names of sides and connections, which stand inside flows, refs and addresses."""

FIELD_WORDS = frozenset({"type", "values", "conflict", "flow", "lossy"})
"""The words of a field that are not side names."""

OnDelete = Literal["unlink", "archive", "delete", "ignore"]


class Model(BaseModel):
    """Frozen, and strict about unknown keys, so that a typo is told and not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Flow(Model):
    """Which sides a value is taken from and which it is written to; written `both`, `none` or `eng -> mkt, ops`."""

    sources: tuple[str, ...] | None = None
    targets: tuple[str, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.strip() in ("both", "none"):
            names = None if value.strip() == "both" else ()
            return {"sources": names, "targets": names}
        found = re.fullmatch(r"\s*([\w, .-]+?)\s*->\s*([\w, .-]+?)\s*", value)
        if not found:
            raise ValueError("expected `both`, `none` or `SIDE -> SIDE`")
        return dict(zip(("sources", "targets"), (_names(group) for group in found.groups()), strict=True))

    def reads(self, side: str) -> bool:
        """Whether a change on this side counts."""
        return self.sources is None or side in self.sources

    def writes(self, side: str) -> bool:
        """Whether this side is written."""
        return self.targets is None or side in self.targets


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def _check_names(what: str, names: Iterable[str]) -> None:
    odd = next((name for name in names if not re.fullmatch(NAME_INSIDE, name)), None)
    if odd is not None:
        raise ValueError(f"{what} {odd!r}: expected a name of letters, digits, `-`, `_` and `.`")


class Conflict(Model):
    """What happens when sides changed one field differently: `latest`, `prefer SIDE`, `union`, `merge` or `ask`."""

    policy: Literal["latest", "prefer", "union", "merge", "ask"]
    side: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        words = value.split()
        if len(words) == 2 and words[0] == "prefer":
            return {"policy": "prefer", "side": words[1]}
        if len(words) == 1 and words[0] in ("latest", "union", "merge", "ask"):
            return {"policy": words[0]}
        raise ValueError("expected `latest`, `prefer SIDE`, `union`, `merge` or `ask`")


class Binding(Model):
    """Where one side keeps a field: a native field by key or display name, with `get` and `put` in CEL.

    `screen` holds what a status change needs filled: `{Done: {resolution: Fixed}}`; a value with `=` in front is CEL.
    """

    field: str | None = None
    get: str | None = None
    put: str | None = None
    type: FieldType | None = None
    screen: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"field": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _has_source(self) -> "Binding":
        if self.field is None and self.get is None:
            raise ValueError("expected a field name, or `field` or `get`")
        if self.field is None and self.put is not None:
            raise ValueError("`put` needs `field`, the native field to write")
        return self

    @property
    def writable(self) -> bool:
        """A binding with only `get` is read-only."""
        return self.field is not None and (self.get is None or self.put is not None)


class FieldMapping(Model):
    """One canonical field and its binding on each side. `values`: canonical value to each side's native values."""

    bindings: dict[str, Binding]
    type: FieldType | None = None
    values: dict[str, dict[str, tuple[str, ...]]] | None = None
    conflict: Conflict | None = None
    flow: Flow = Flow()
    lossy: bool = False

    @model_validator(mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, dict) or "bindings" in value:
            return value
        bindings = {name: binding for name, binding in value.items() if name not in FIELD_WORDS}
        return {"bindings": bindings, **{name: value[name] for name in FIELD_WORDS if name in value}}

    @field_validator("values", mode="before")
    @classmethod
    def _lists(cls, table: object) -> object:
        if not isinstance(table, dict):
            return table
        return {
            row: {side: native if isinstance(native, list | tuple) else (native,) for side, native in sides.items()}
            if isinstance(sides, dict)
            else sides
            for row, sides in table.items()
        }


class Side(Model):
    """One participant. `create` False forbids creating there; otherwise it gives defaults for new records."""

    connection: str
    object: str
    scope: dict[str, Any] = Field(default_factory=dict)
    where: str | None = None
    create: dict[str, Any] | Literal[False] = Field(default_factory=dict)
    on_delete: OnDelete = "unlink"


class Case(Model):
    """A test in the file: what sides hold, and what they hold once in step.

    `base` is what was agreed before (canonical); `edited` says when a side was edited, for `latest`. In `expect`,
    a side's value `absent` means that nothing is created there; `conflicts` names the fields held for a person.
    """

    name: str
    base: dict[str, Any] | None = None
    given: dict[str, dict[str, Any]]
    edited: dict[str, Any] = Field(default_factory=dict)
    expect: dict[str, dict[str, Any] | Literal["absent"]] = Field(default_factory=dict)
    conflicts: tuple[str, ...] = ()


class SyncMapping(Model):
    """One `kind: sync` file."""

    kind: Literal["sync"]
    name: str = Field(pattern=NAME)
    description: str = ""
    sides: dict[str, Side] = Field(min_length=2)
    match: tuple[str, ...] = ()
    fields: dict[str, FieldMapping] = Field(min_length=1)
    comments: Flow = Flow(sources=(), targets=())
    attachments: Flow = Flow(sources=(), targets=())
    conflict: Conflict = Conflict(policy="latest")
    tests: tuple[Case, ...] = ()

    @field_validator("sides")
    @classmethod
    def _free_names(cls, sides: dict[str, Side]) -> dict[str, Side]:
        taken = sorted(FIELD_WORDS & set(sides))
        if taken:
            raise ValueError(f"{taken[0]!r} is a word of the language and cannot name a side")
        _check_names("side", sides)
        return sides


class ConnectionModel(BaseModel):
    """One connection, as far as it is the same for every system; the rest is validated by the connector's settings."""

    model_config = ConfigDict(frozen=True, extra="allow")

    system: str

    def __repr_args__(self) -> Iterator[tuple[str, str]]:
        """Without the rest, which may hold secrets."""
        yield "system", self.system


class ConnectionsFile(Model):
    """`connections.yaml`."""

    connections: dict[str, ConnectionModel]

    @field_validator("connections")
    @classmethod
    def _plain_names(cls, connections: dict[str, ConnectionModel]) -> dict[str, ConnectionModel]:
        _check_names("connection", connections)
        return connections


class Person(Model):
    """One human: their emails, and their account ids where a system hides or lacks the email."""

    name: str
    emails: tuple[str, ...] = Field(min_length=1)
    identities: dict[str, str] = Field(default_factory=dict)


class PeopleFile(Model):
    """`people.yaml`: only the exceptions; people with the same visible email everywhere need no entry."""

    people: tuple[Person, ...] = ()
