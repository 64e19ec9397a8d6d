"""JSON Schema of the files that people write, for completion and checks in editors.

Generated from the models; the short forms that their validators accept are put in by hand.
"""

from typing import Any

from pydantic import BaseModel

from mappings.model import NAME_INSIDE, ConnectionsFile, FieldMapping, PeopleFile, SyncMapping

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXTS = {"type": "array", "items": {"type": "string"}}
_FLOW = {
    "description": "Which sides a value is taken from and which it is written to.",
    "type": "string",
    "pattern": r"^\s*(both|none|[\w, .-]+?\s*->\s*[\w, .-]+?)\s*$",
    "examples": ["both", "none", "eng -> mkt"],
}
_CONFLICT = {
    "description": "What happens when sides changed one field differently.",
    "type": "string",
    "pattern": r"^\s*(latest|union|merge|ask|prefer\s+\S+)\s*$",
    "examples": ["latest", "prefer eng", "union", "merge", "ask"],
}
_DEFAULTS = {"flow": "both", "conflict": "latest", "comments": "none", "attachments": "none"}


def schemas() -> dict[str, dict[str, Any]]:
    """By kind of file: `mapping`, `connections`, `people`."""
    return {
        "mapping": _mapping(),
        "connections": _schema(ConnectionsFile),
        "people": _schema(PeopleFile),
    }


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"$schema": _DIALECT, **model.model_json_schema()}


def _mapping() -> dict[str, Any]:
    schema = _schema(SyncMapping)
    defs = schema["$defs"]
    defs["Flow"], defs["Conflict"] = _FLOW, _CONFLICT
    defs["Binding"] = {"anyOf": [{"type": "string", "description": "A field by key or display name."}, defs["Binding"]]}
    words = defs["FieldMapping"]["properties"]
    del words["bindings"]
    words["values"] = {
        "description": "Canonical value to each side's native values; a list reads all and writes the first.",
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "additionalProperties": {"anyOf": [{"type": "string"}, _TEXTS]},
        },
    }
    defs["FieldMapping"] = {
        "description": FieldMapping.__doc__,
        "type": "object",
        "properties": words,
        "additionalProperties": {"$ref": "#/$defs/Binding"},
    }
    schema["properties"]["sides"]["propertyNames"] = {"pattern": NAME_INSIDE}
    for properties in (words, schema["properties"]):
        for name in _DEFAULTS.keys() & properties.keys():
            target = "Conflict" if name == "conflict" else "Flow"
            properties[name] = {"$ref": f"#/$defs/{target}"}
    return schema
