"""Small workspaces for the tests of the language."""

from pathlib import Path

from connectors.contract import ObjectType
from connectors.lookup import settings_model, standard_object
from mappings.bind import bind
from mappings.bound import BoundMapping
from mappings.checks import check
from mappings.findings import Finding
from mappings.loader import load_mapping
from mappings.model import SyncMapping
from mappings.workspace import Workspace, load_workspace

BAD = Path(__file__).parent / "bad"
ENVIRON = {"JIRA_TOKEN": "hunter2-jira", "ASANA_TOKEN": "hunter2-asana", "EMPTY_TOKEN": ""}
CONNECTIONS = """\
connections:
  eng-jira:
    system: jira
    url: https://acme.example
    auth: {email: bot@acme.example, token: "${JIRA_TOKEN}"}
  mkt-asana:
    system: asana
    auth: {token: "${ASANA_TOKEN}"}
"""
MAPPING = """\
kind: sync
name: launch
sides:
  eng: {connection: eng-jira, object: issue, scope: {project: ENG}}
  mkt: {connection: mkt-asana, object: task}
fields:
  title: {eng: summary, mkt: name}
  due: {eng: duedate, mkt: due_on}
"""


def no_secret(path: str) -> str:
    """There are no files with secrets."""
    raise FileNotFoundError(2, "No such file or directory", path)


def workspace(files: dict[str, str]) -> Workspace:
    """The workspace of these files, with good connections where there are none among them."""
    return load_workspace({"connections.yaml": CONNECTIONS, **files}, ENVIRON, no_secret, settings_model)


def bad_workspace(file: Path) -> Workspace:
    """A workspace with the one bad file, in the place that the beginning of its name tells."""
    kind = file.name.partition("-")[0]
    place = f"{kind}.yaml" if kind in ("connections", "people") else "mappings/bad.yaml"
    return workspace({place: file.read_text(encoding="utf-8", errors="surrogateescape")})


def findings_of(loaded: Workspace) -> list[Finding]:
    """Everything there is to say about a workspace without asking live systems."""
    return [*loaded.findings, *check(loaded, standard_object)]


def parsed(text: str) -> SyncMapping:
    """The mapping of a text that has the right shape."""
    loaded, findings = load_mapping("mappings/x.yaml", text)
    assert loaded is not None, findings
    return loaded.mapping


def objects_of(mapping: SyncMapping) -> dict[str, ObjectType]:
    """The standard fields of each side; a connection's name ends in its system's."""
    found = {
        name: standard_object(side.connection.rpartition("-")[2], side.object) for name, side in mapping.sides.items()
    }
    return {name: known for name, known in found.items() if known is not None}


def bound_of(mapping: SyncMapping) -> BoundMapping:
    """The mapping, bound to standard fields."""
    return bind(mapping, objects_of(mapping))[0]
