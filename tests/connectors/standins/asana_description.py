"""The vendor's OpenAPI document, turned into JSON Schemas for the answers of each route."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

REPOSITORY = Path(__file__).parents[3]
SHARED = Path(os.environ.get("SYNCLINE_SHARED", REPOSITORY.parent / "shared"))
DOCUMENT = SHARED / "specs" / "asana" / "asana.openapi.yaml"

NULL_BEFORE_USE = frozenset(
    {"last_success_at", "last_failure_at", "next_attempt_after", "failure_deletion_timestamp", "parent", "date_time"}
)
"""Null in the examples of the document and in the recordings, though the schemas do not say so."""

needs_description = pytest.mark.skipif(not DOCUMENT.exists(), reason="../shared/specs/asana is not here")


@cache
def document() -> Any:
    """The document with `nullable` said as JSON Schema says it."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return _translated(yaml.load(DOCUMENT.read_text("utf-8"), Loader=loader))


def _translated(node: Any) -> Any:
    if isinstance(node, list):
        return [_translated(item) for item in node]
    if not isinstance(node, dict):
        return node
    own = {str(key): _translated(value) for key, value in node.items() if key != "nullable"}
    if isinstance(node.get("properties"), dict):
        own["properties"] |= {name: {} for name in NULL_BEFORE_USE & own["properties"].keys()}
    parts = node.get("allOf")
    nullable = node.get("nullable") is True
    if isinstance(parts, list):
        nullable = nullable or any(part.get("nullable") is True for part in parts)
    bare = nullable and not own.keys() - {"readOnly", "description"}
    return {"anyOf": [own, {"type": "null"}]} if nullable and not bare else own


@cache
def _validator(method: str, template: str, status: int) -> Draft202012Validator:
    operation = document()["paths"][template][method.lower()]
    response = operation["responses"][str(status)]
    if "$ref" in response:
        response = document()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document()["components"]})


def complaints(method: str, template: str, status: int, body: Any) -> list[str]:
    """What the document has against an answer; a status that it does not know for the route is an error."""
    return [f"{error.json_path}: {error.message}" for error in _validator(method, template, status).iter_errors(body)]
