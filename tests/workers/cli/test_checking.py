"""Proving files: `check`, `check --live` and `test`."""

from pathlib import Path

import pytest

from connectors.standins.asana.app import build as build_asana
from connectors.standins.control import Control
from connectors.standins.jira.app import build as build_jira
from connectors.standins.server import running
from tests.workers.cli.conftest import Syncline
from workers.cli import templates

MAPPING = "mappings/jira-asana-tasks.yaml"


def change(file: Path, before: str, after: str) -> None:
    """Put one fault into a file."""
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("eng: summary", "eng: sumary", "M202"),
        ("connection: mkt-asana", "connection: mkt-asanna", "M131"),
        ("conflict: merge", "conflict: mergee", "M113"),
        ("kind: sync", "kind: sink", "M114"),
    ],
)
def test_fault_is_told_with_place(syncline: Syncline, workspace: Path, before: str, after: str, code: str) -> None:
    change(workspace / MAPPING, before, after)

    checked = syncline("check")

    assert checked.code == 1
    first, last = checked.out.splitlines()[0], checked.out.splitlines()[-1]
    assert first.startswith(f"{MAPPING}:")
    assert f"{code} error" in first
    assert "1 error" in last


def test_findings_as_json(syncline: Syncline, workspace: Path) -> None:
    change(workspace / MAPPING, "eng: summary", "eng: sumary")

    data = syncline("check", "--json").data

    assert data["errors"] == 1
    (error,) = [finding for finding in data["findings"] if finding["severity"] == "error"]
    assert error.keys() == {"file", "line", "column", "code", "severity", "message"}
    assert "did you mean" in error["message"]


def test_passing_tests_are_counted(syncline: Syncline) -> None:
    ran = syncline("test", "--json")

    assert ran.code == 0
    assert (ran.data["passed"], ran.data["failed"]) == (3, 0)


def test_failing_test_names_difference(syncline: Syncline, workspace: Path) -> None:
    change(workspace / MAPPING, "section: Doing}", "section: Done}")

    ran = syncline("test")

    assert ran.code == 1
    assert "FAILED" in ran.out
    assert "mkt.section: expected 'Done', found 'Doing'" in ran.out
    assert ran.out.splitlines()[-1] == "2 passed, 1 failed"


def test_unreadable_mapping_fails_tests(syncline: Syncline, workspace: Path) -> None:
    (workspace / MAPPING).write_text("kind: sync\n  name: [", encoding="utf-8")

    ran = syncline("test")

    assert ran.code == 1
    assert "M104 error" in ran.out


def test_unreached_connections_are_told(syncline: Syncline, workspace: Path) -> None:
    text = templates.STANDIN_CONNECTIONS.format(jira_port=1, asana_port=1)
    (workspace / "connections.yaml").write_text(text, encoding="utf-8")

    checked = syncline("check", "--live", "--json")

    assert checked.code == 1
    told = [finding for finding in checked.data["findings"] if finding["code"] == "L101"]
    assert [finding["message"].split(":")[0] for finding in told] == ["eng-jira", "mkt-asana"]


@pytest.mark.parametrize(
    ("before", "after", "code", "message"),
    [
        ("title:", "title:", None, ""),
        ("token: bot-token}\n    webhook", "token: a-wrong-secret}\n    webhook", "L101", "credentials"),
        ('project: "1204001"', 'project: "999"', "L102", "side mkt"),
        ("mkt: Backlog", "mkt: Backlogs", "M204", "did you mean 'Backlog'?"),
    ],
)
def test_live_systems_are_asked(
    syncline: Syncline, workspace: Path, before: str, after: str, code: str | None, message: str
) -> None:
    with running(build_jira(Control())) as jira, running(build_asana(Control())) as asana:
        ports = {"jira_port": jira.rpartition(":")[2], "asana_port": asana.rpartition(":")[2]}
        text = templates.STANDIN_CONNECTIONS.format(**ports)
        (workspace / "connections.yaml").write_text(text, encoding="utf-8")
        file = next(
            path for path in (workspace / MAPPING, workspace / "connections.yaml") if before in path.read_text()
        )
        change(file, before, after)

        checked = syncline("check", "--live", "--json")

    assert checked.code == (1 if code else 0)
    errors = [(one["code"], one["message"]) for one in checked.data["findings"] if one["severity"] == "error"]
    assert [found for found, _ in errors] == ([code] if code else [])
    assert all(message in said for _, said in errors)
    assert "a-wrong-secret" not in checked.out
