"""Making files: `init` and `schema`."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from tests.workers.cli.conftest import Syncline, run

FILES = {".env.example", ".gitignore", "connections.yaml", "mappings/jira-asana-tasks.yaml", "people.yaml"}


def test_new_workspace_has_every_file(tmp_path: Path) -> None:
    made = run("init", tmp_path / "desk", "--json")

    assert made.code == 0
    assert set(made.data["files"]) == FILES
    assert all((tmp_path / "desk" / name).is_file() for name in FILES)
    assert len(made.data["next"]) == 4


def test_what_to_fill_is_marked(tmp_path: Path) -> None:
    run("init", tmp_path)

    mapping = (tmp_path / "mappings/jira-asana-tasks.yaml").read_text(encoding="utf-8")
    assert mapping.count("# FILL IN: ") == 3
    assert "# FILL IN: " in (tmp_path / "connections.yaml").read_text(encoding="utf-8")


def test_named_variables_are_listed(tmp_path: Path) -> None:
    run("init", tmp_path)

    example = (tmp_path / ".env.example").read_text(encoding="utf-8")
    filled = {line.removesuffix("="): "some-secret" for line in example.splitlines() if line.endswith("=")}
    assert run("--workspace", tmp_path, "check", **filled).code == 0


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text("people: []\n", encoding="utf-8")

    refused = run("init", tmp_path)

    assert refused.code == 2
    assert "people.yaml" in refused.err
    assert not (tmp_path / "connections.yaml").exists()


def test_standin_workspace_is_good(syncline: Syncline) -> None:
    checked = syncline("check", "--json")

    assert checked.code == 0
    assert checked.data["errors"] == 0


def test_schema_of_every_kind(tmp_path: Path) -> None:
    assert run("schema", "--out", tmp_path).code == 0

    shown = run("schema", "--json").data
    for kind in ("mapping", "connections", "people"):
        written = json.loads((tmp_path / f"{kind}.schema.json").read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(written)
        assert written == shown[kind]
