"""Each fault earns its sentence, at its place. `bad/` has a file for each, with the findings at its head."""

from pathlib import Path

import pytest

from connectors.contract import ObjectType
from mappings.checks import check
from mappings.findings import CODES, Finding
from tests.mappings.workspaces import BAD, MAPPING, bad_workspace, findings_of, workspace

FILES = sorted(BAD.glob("*.yaml"))
ELSEWHERE = {"M102", "M103", "M132", "M134", "M136", "M303"}
"""Codes that no single file can have; `test_loader`, `test_workspace` and `test_laws` have their cases."""


def expected(file: Path) -> list[str]:
    """The findings that a bad file announces in the comments at its head."""
    lines = file.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    return [line.removeprefix("# ") for line in lines if line.startswith("# ")]


def told(finding: Finding) -> str:
    return f"{finding.line}:{finding.column} {finding.code} {finding.severity} {finding.message}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_bad_file_is_explained(file: Path) -> None:
    assert [told(finding) for finding in findings_of(bad_workspace(file))] == expected(file)


def test_every_code_has_a_case() -> None:
    seen = {line.split()[1] for file in FILES for line in expected(file)}
    assert seen | ELSEWHERE == CODES.keys()


def test_good_workspace_passes() -> None:
    assert findings_of(workspace({"mappings/launch.yaml": MAPPING})) == []


def test_missing_secret_hides_nothing() -> None:
    connections = "connections:\n  eng-jira: {system: jira, token: '${NONE}'}\n  mkt-asana: {system: asana}\n"
    loaded = workspace({"connections.yaml": connections, "mappings/a.yaml": MAPPING.replace("duedate", "duedat")})
    assert "M202" in {finding.code for finding in findings_of(loaded)}


def test_unknown_system_is_told_once() -> None:
    connections = "connections:\n  eng-jira: {system: jria}\n  mkt-asana: {system: asana, auth: {token: x}}\n"
    loaded = workspace({"connections.yaml": connections, "mappings/launch.yaml": MAPPING})

    def nothing(system: str, object_: str) -> ObjectType | None:
        return None

    assert [finding.code for finding in loaded.findings] == ["M122"]
    assert [finding.message for finding in check(loaded, nothing)] == ["asana has no object 'task'"]
