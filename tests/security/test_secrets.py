"""Secrets of the files show nowhere: not in findings or what commands print, whatever is wrong with the files."""

from pathlib import Path

import pytest

from connectors.lookup import settings_model
from mappings.workspace import load_workspace
from tests.workers.cli.conftest import run

SECRET = "hunter2-of-jira"
BAD = {
    "under a wrong key": "{system: jira, url: 'https://acme.example', auth: {tokn: '${JIRA_TOKEN}'}}",
    "in a list": "{system: jira, url: 'https://acme.example', auth: ['${JIRA_TOKEN}']}",
    "in the address": "{system: jira, url: 'https://bot:${JIRA_TOKEN}@acme.example', auth: {token: x}}",
    "as the address": "{system: jira, url: '${JIRA_TOKEN}', auth: {token: x}}",
    "as the system": "{system: '${JIRA_TOKEN}', url: 'https://acme.example'}",
    "as a number": "{system: jira, url: 'https://acme.example', auth: {token: t}, settle_seconds: '${JIRA_TOKEN}'}",
    "as the edition": "{system: jira, url: 'https://acme.example', auth: {token: t}, deployment: '${JIRA_TOKEN}'}",
    "written out": f"{{system: jira, url: 'https://acme.example', auth: {SECRET}}}",
    "written out twice": f"{{system: jira, auth: {{token: {SECRET}, token: {SECRET}}}}}",
    "from a file": "{system: jira, url: 'https://acme.example', auth: {tokn: '${file:SECRET_FILE}'}}",
}


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "jira"
    path.write_text(SECRET)
    return path


@pytest.mark.parametrize("connection", BAD.values(), ids=BAD)
def test_findings_tell_no_secret(secret_file: Path, connection: str) -> None:
    text = "connections:\n  eng-jira: " + connection.replace("SECRET_FILE", str(secret_file))
    loaded = load_workspace(
        {"connections.yaml": text}, {"JIRA_TOKEN": SECRET}, lambda path: Path(path).read_text(), settings_model
    )
    assert [finding for finding in loaded.findings if finding.severity == "error"]
    assert SECRET not in f"{loaded.findings} {[str(finding) for finding in loaded.findings]} {loaded!r}"


@pytest.mark.parametrize("arguments", [["check"], ["check", "--json"], ["status"], ["status", "--json"], ["hooks"]])
def test_commands_print_no_secret(tmp_path: Path, secret_file: Path, arguments: list[str]) -> None:
    good = "  ops-jira: {system: jira, url: 'http://127.0.0.1:9', auth: {token: '${JIRA_TOKEN}'}}\n"
    bad = BAD["from a file"].replace("SECRET_FILE", str(secret_file))
    (tmp_path / "connections.yaml").write_text(f"connections:\n{good}  eng-jira: {bad}\n")
    ran = run("--workspace", tmp_path, *arguments, JIRA_TOKEN=SECRET, SYNCLINE_HTTP="127.0.0.1:9")
    assert ran.out + ran.err
    assert SECRET not in ran.out + ran.err


@pytest.mark.parametrize("system", ["jira", "asana"])
def test_settings_print_no_secret(system: str) -> None:
    webhook = {"secret": f"{SECRET}-of-the-hook"}
    model = settings_model(system)
    made = model.model_validate({"url": "https://acme.example", "auth": {"token": SECRET}, "webhook": webhook})
    assert SECRET not in f"{made!r} {made} {made.model_dump_json()}"


def test_reference_is_read_once() -> None:
    """What a secret holds is never read as a reference, so whoever writes one cannot make it name another."""
    connection = "{system: jira, url: 'https://acme.example', auth: {token: '${OUTER}'}}"
    loaded = load_workspace(
        {"connections.yaml": f"connections:\n  eng-jira: {connection}"},
        {"OUTER": "${INNER} ${file:/etc/passwd}", "INNER": SECRET},
        lambda path: pytest.fail(f"{path} was read"),
        settings_model,
    )
    assert loaded.connections["eng-jira"].model_dump()["auth"] == {"token": "${INNER} ${file:/etc/passwd}"}


def test_mappings_know_no_references(tmp_path: Path) -> None:
    mapping = "kind: sync\nname: a\ndescription: '${JIRA_TOKEN} ${file:/etc/passwd}'\nsides: {}\nfields: {}\n"
    loaded = load_workspace({"mappings/a.yaml": mapping}, {"JIRA_TOKEN": SECRET}, lambda path: pytest.fail(path))
    assert SECRET not in repr(loaded)
