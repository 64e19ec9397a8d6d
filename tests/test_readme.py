"""README.md is true: its commands run, its YAML is without fault, its tables are what the program says of itself."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import typer

from connectors import lookup
from connectors.contract import Capability
from connectors.standins.asana import app as asana
from connectors.standins.control import Control
from connectors.standins.jira import app as jira
from connectors.standins.server import running
from mappings.workspace import load_workspace
from tests.mappings.workspaces import CONNECTIONS, findings_of, no_secret
from workers.cli.app import app
from workers.cli.templates import standin_mapping
from workers.demo.ports import any_port
from workers.settings import Settings
from workflows.store.tables import metadata

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
START_SECONDS = 60.0
ENVIRON = dict.fromkeys(re.findall(r"\$\{([A-Z_]+)\}", README), "filled-in")


def blocks(language: str) -> list[str]:
    """The fenced blocks of this language: `sh` is run here; `console` needs root, an engine, or all our tests."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def table(first: str) -> list[list[str]]:
    """The rows of the table whose first heading is this, without the heading."""
    found = re.search(rf"^\| {first} \|.*\n\|[-|]+\n((?:\|.*\n)+)", README, re.MULTILINE)
    assert found is not None, f"no table with the heading {first!r}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines()]


class Terminal:
    """A checkout as `make` leaves it, and a shell in it that has done what the earlier blocks say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.http = f"127.0.0.1:{any_port()}"
        self.environ = {**os.environ, "PYTHONPATH": str(ROOT), "SYNCLINE_HTTP": self.http}
        for name in ("Makefile", "pyproject.toml", "requirements.lock"):
            (folder / name).symlink_to(ROOT / name)
        programs = folder / ".venv/bin"
        programs.mkdir(parents=True)
        (programs / "syncline").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m workers "$@"\n')
        (programs / "syncline").chmod(0o755)
        (programs / "activate").write_text(f'PATH="{programs}:$PATH"\n')
        (folder / ".venv/.ready").touch()

    def run(self, block: str) -> None:
        """Run a block to its end; every command in it must succeed."""
        done = subprocess.run(self._shell(block), cwd=self.folder, env=self.environ, capture_output=True, text=True)
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"

    @contextmanager
    def running(self, block: str, ready: Callable[[str], bool]) -> Iterator[None]:
        """Start a block that goes on; ready once `ready` says so of its output; then Ctrl-C, which must end it well."""
        output = self.folder / "output.log"
        with output.open("w") as file:
            process = subprocess.Popen(
                self._shell(block), cwd=self.folder, env=self.environ, stdout=file, stderr=file, start_new_session=True
            )
        try:
            deadline = time.monotonic() + START_SECONDS
            while not ready(output.read_text()):
                assert process.poll() is None, output.read_text()
                assert time.monotonic() < deadline, output.read_text()
                time.sleep(0.1)
            yield
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(START_SECONDS)

    def is_ready(self, _output: str) -> bool:
        """Whether the service answers that it is."""
        try:
            return httpx.get(f"http://{self.http}/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def fill_in(self, jira_url: str, asana_url: str) -> None:
        """What a person does by hand between the blocks."""
        files = {name: self.folder / "workspace" / name for name in ("connections.yaml", ".env")}
        text = files["connections.yaml"].read_text()
        text = text.replace("https://your-site.atlassian.net", jira_url)
        files["connections.yaml"].write_text(text.replace("asana\n", f"asana\n    url: {asana_url}/api/1.0\n", 1))
        secrets = {"JIRA_EMAIL": "bot@acme.example", "JIRA_TOKEN": "bot-token", "ASANA_TOKEN": "bot-token"}
        secrets["JIRA_WEBHOOK_SECRET"] = "a-secret-of-this-test"
        files[".env"].write_text("".join(f"{name}={value}\n" for name, value in secrets.items()))
        (self.folder / "workspace/mappings/jira-asana-tasks.yaml").write_text(standin_mapping())

    def _shell(self, block: str) -> list[str]:
        earlier = ". .venv/bin/activate\nif [ -f workspace/.env ]; then set -a; . workspace/.env; set +a; fi\n"
        return ["bash", "-euc", earlier + block]


def test_demo_starts_and_ends(tmp_path: Path) -> None:
    (block, *_) = blocks("sh")
    assert block == "make demo\n"
    with Terminal(tmp_path).running(block, lambda output: "Ctrl-C ends everything" in output):
        pass


def test_commands_run_as_written(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    with ExitStack() as stack:
        urls = [
            stack.enter_context(running(built))
            for built in (jira.build(Control(), sample=True), asana.build(Control(), with_sample=True))
        ]
        for block in blocks("sh")[1:]:
            if block == "syncline run\n":
                stack.enter_context(terminal.running(block, terminal.is_ready))
                continue
            terminal.run(block)
            if "syncline init" in block:
                terminal.fill_in(*urls)
    assert not terminal.is_ready(""), "Ctrl-C left the service running"


def test_yaml_is_without_fault() -> None:
    found = blocks("yaml")
    assert {text.partition(":")[0] for text in found} == {"kind", "connections", "people"}
    places = {"kind": "mappings/x.yaml", "connections": "connections.yaml", "people": "people.yaml"}
    for text in found:
        files = {"connections.yaml": CONNECTIONS, places[text.partition(":")[0]]: text}
        findings = findings_of(load_workspace(files, ENVIRON, no_secret, lookup.settings_model))
        # Custom fields can be confirmed by the live system only.
        assert {finding.code for finding in findings} <= {"M210"}, [str(finding) for finding in findings]


@pytest.mark.parametrize("name", lookup.SYSTEMS)
async def test_matrix_is_what_connectors_say(name: str) -> None:
    example = {"url": "https://acme.example", "auth": {"token": "t"}}
    connector = lookup.connect(name, "x", lookup.settings_model(name).model_validate(example))
    cells = ["yes" if capability in connector.capabilities else "no" for capability in Capability]
    await connector.close()
    assert f"| system | {' | '.join(Capability)} |" in README
    assert [name, *cells] in table("system")


def test_matrix_has_every_system() -> None:
    assert [row[0] for row in table("system")] == list(lookup.SYSTEMS)


def test_settings_are_all_told() -> None:
    def shown(value: object) -> str:
        return "" if value is None else f"`{f'{value:g}' if isinstance(value, float) else value}`"

    expected = [
        [f"`SYNCLINE_{name.upper()}`", shown(field.default), field.description]
        for name, field in Settings.model_fields.items()
    ]
    assert table("setting") == expected


def test_commands_named_exist() -> None:
    known = set(getattr(typer.main.get_command(app), "commands", {}))
    named = re.findall(r"(?:`|bin/|worker )syncline(?: --workspace \S+)? ([a-z]+)", README)
    assert len(named) >= 10
    assert set(named) <= known


def test_files_named_exist() -> None:
    linked = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    folders = [row[0].strip("`") for row in table("folder")]
    copied = re.findall(r"\bdeploy/[\w.]+", "".join(blocks("console")))
    assert [name for name in (*linked, *folders, *copied) if not (ROOT / name).exists() and name != "deploy/.env"] == []
    tops = {path.name + "/" for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    assert tops <= set(folders)


def test_tables_named_exist() -> None:
    assert set(re.findall(r"DELETE FROM (\w+)", README)) == {"applied"} & metadata.tables.keys()


def test_links_inside_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", text.lower()).replace(" ", "-")
        for text in re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= headings
