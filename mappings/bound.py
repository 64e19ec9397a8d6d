"""A mapping bound to the fields that exist: names resolved, expressions compiled, types known."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.contract import Field, Fields, FieldType, Scope
from mappings.expressions import Expression
from mappings.model import Conflict, Flow, OnDelete

Screen = Mapping[str, Mapping[str, object]]
"""By status name: field key to a native value or an Expression."""


@dataclass(frozen=True, slots=True)
class BoundBinding:
    """Where a side keeps a field. `type` is that of the value after `get`; `native` that before, None if not known."""

    side: str
    field: Field | None
    get: Expression | None
    put: Expression | None
    writable: bool
    screen: Screen
    type: FieldType
    native: FieldType | None = None


@dataclass(frozen=True, slots=True)
class BoundField:
    """A canonical field; `bindings` in the order of the sides in the file. `rows`: by side, the row of each native."""

    name: str
    type: FieldType
    bindings: Mapping[str, BoundBinding]
    values: Mapping[str, Mapping[str, tuple[str, ...]]] | None
    rows: Mapping[str, Mapping[str, str]]
    conflict: Conflict
    flow: Flow
    lossy: bool


@dataclass(frozen=True, slots=True)
class BoundSide:
    """A participant. `create`: defaults by field key, None where creating is forbidden.

    `keys`: the native field keys to fetch. `names`: their display names by key.
    """

    name: str
    connection: str
    object: str
    scope: Scope
    where: Expression | None
    create: Fields | None
    on_delete: OnDelete
    keys: frozenset[str]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BoundMapping:
    """A mapping that can be run; sides and fields in the order of the file."""

    name: str
    sides: Mapping[str, BoundSide]
    fields: Mapping[str, BoundField]
    match: tuple[str, ...]
    comments: Flow
    attachments: Flow
