"""The JSON Schema for editors accepts what the models accept."""

from typing import Any

import jsonschema
import pytest

from mappings.positions import parse
from mappings.schema import schemas
from tests.mappings.workspaces import BAD, CONNECTIONS, MAPPING

RICH = (
    MAPPING
    + """
  status:
    eng: {field: status, screen: {Done: {resolution: Fixed}}}
    mkt: section
    type: option
    values: {todo: {eng: To Do, mkt: Backlog}, doing: {eng: [In Progress, In Review], mkt: Doing}}
    conflict: prefer eng
    flow: eng -> mkt
comments: both
conflict: ask
tests:
  - {name: one, given: {eng: {summary: x}}, expect: {mkt: absent}, conflicts: [title]}
"""
)


def data(text: str) -> Any:
    document, _ = parse("x.yaml", text)
    return document.data if document else None


@pytest.mark.parametrize("kind", ["mapping", "connections", "people"])
def test_schemas_are_valid_themselves(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schemas()[kind])


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("mapping", MAPPING),
        ("mapping", RICH),
        ("connections", CONNECTIONS),
        ("people", "people:\n  - {name: Ann, emails: [ann@acme.example], identities: {eng-jira: 5b1}}\n"),
    ],
)
def test_good_files_pass_the_schema(kind: str, text: str) -> None:
    jsonschema.validate(data(text), schemas()[kind])


@pytest.mark.parametrize(
    "name",
    ["key-unknown", "key-missing", "name-not-plain", "field-is-text", "binding-key-unknown", "policy-misspelt",
     "flow-misspelt", "type-misspelt", "on-delete-unknown", "create-is-text", "value-is-number", "lossy-is-text"],
)  # fmt: skip
def test_bad_files_fail_the_schema(name: str) -> None:
    text = (BAD / f"{name}.yaml").read_text(encoding="utf-8")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data(text), schemas()["mapping"])
