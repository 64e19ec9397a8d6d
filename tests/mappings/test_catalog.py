"""Every mapping that ships is without fault, and its tests pass."""

from importlib.resources import files

import jsonschema
import pytest

from mappings.positions import parse
from mappings.schema import schemas
from tests.mappings.workspaces import findings_of, parsed, workspace

CATALOG = {
    one.name: one.read_text(encoding="utf-8") for one in files("mappings.catalog").iterdir() if ".yaml" in one.name
}


def test_catalog_ships_its_files() -> None:
    assert "jira-asana-tasks.yaml" in CATALOG


@pytest.mark.parametrize("name", CATALOG)
def test_mapping_has_no_errors(name: str) -> None:
    findings = findings_of(workspace({f"mappings/{name}": CATALOG[name]}))
    # Custom fields can be confirmed by the live system only.
    assert {finding.code for finding in findings} <= {"M210"}, [str(finding) for finding in findings]


@pytest.mark.parametrize("name", CATALOG)
def test_mapping_proves_itself(name: str) -> None:
    assert len(parsed(CATALOG[name]).tests) >= 8


@pytest.mark.parametrize("name", CATALOG)
def test_name_is_the_file(name: str) -> None:
    assert f"{parsed(CATALOG[name]).name}.yaml" == name


@pytest.mark.parametrize("name", CATALOG)
def test_mapping_passes_the_schema(name: str) -> None:
    document, _ = parse(name, CATALOG[name])
    assert document is not None
    jsonschema.validate(document.data, schemas()["mapping"])
