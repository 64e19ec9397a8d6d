"""All files of a workspace together."""

from mappings.workspace import load_workspace
from tests.mappings.workspaces import CONNECTIONS, MAPPING, no_secret, workspace

OTHER = MAPPING.replace("name: launch", "name: events").replace("project: ENG", "project: OPS")


def codes(files: dict[str, str]) -> list[tuple[str, str]]:
    return [(finding.file, finding.code) for finding in workspace(files).findings]


def test_good_workspace_has_no_findings() -> None:
    loaded = workspace({"mappings/launch.yaml": MAPPING, "mappings/events.yml": OTHER, "README.md": "{["})
    assert loaded.findings == ()
    assert set(loaded.mappings) == {"launch", "events"}
    assert loaded.systems == {"eng-jira": "jira", "mkt-asana": "asana"}


def test_broken_mapping_leaves_others() -> None:
    loaded = workspace({"mappings/launch.yaml": MAPPING, "mappings/broken.yaml": "kind: sync\n"})
    assert set(loaded.mappings) == {"launch"}
    assert {finding.file for finding in loaded.findings} == {"mappings/broken.yaml"}


def test_repeated_name_is_refused() -> None:
    files = {"mappings/a.yaml": MAPPING, "mappings/b.yaml": OTHER.replace("events", "launch")}
    assert codes(files) == [("mappings/a.yaml", "M132"), ("mappings/b.yaml", "M132")]
    assert workspace(files).mappings == {}


def test_same_places_are_warned_of() -> None:
    files = {"mappings/a.yaml": MAPPING, "mappings/b.yaml": MAPPING.replace("launch", "again")}
    assert codes(files) == [("mappings/b.yaml", "M134")]
    assert set(workspace(files).mappings) == {"launch", "again"}


def test_missing_secret_keeps_mapping() -> None:
    files = {"connections.yaml": CONNECTIONS, "mappings/launch.yaml": MAPPING}
    loaded = load_workspace(files, {}, no_secret)
    assert loaded.connections == {}
    assert set(loaded.mappings) == {"launch"}
    assert [finding.code for finding in loaded.findings] == ["M121", "M121"]


def test_missing_connections_are_told() -> None:
    loaded = load_workspace({"mappings/launch.yaml": MAPPING}, {}, no_secret)
    assert [finding.code for finding in loaded.findings] == ["M136", "M131", "M131"]
