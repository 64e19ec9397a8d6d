"""What is in deploy/ is true of the program: its commands and settings exist, images are pinned, nothing is root.

No container engine is needed; what only an engine can tell is not tested here.
"""

import re
import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from workers.cli.app import app
from workers.processes import DRAIN_SECONDS, parts
from workers.settings import Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SETTINGS = {f"SYNCLINE_{name.upper()}" for name in Settings.model_fields}
COMMANDS = set(getattr(typer.main.get_command(app), "commands", {}))


class _Unit(RawConfigParser):
    def __init__(self) -> None:
        super().__init__(strict=False, interpolation=None, comment_prefixes=("#",), delimiters=("=",))
        self.read(DEPLOY / "syncline.service", encoding="utf-8")

    def optionxform(self, optionstr: str) -> str:
        return optionstr


UNIT = _Unit()["Service"]


def instructions(name: str) -> list[str]:
    """The arguments of every instruction of this name in the Containerfile."""
    joined = CONTAINERFILE.replace("\\\n", " ")
    return re.findall(rf"^\s*{name} (.+)$", joined, re.MULTILINE)


@pytest.mark.parametrize("file", sorted(DEPLOY.iterdir()), ids=lambda path: path.name)
def test_settings_named_exist(file: Path) -> None:
    named = set(re.findall(r"\bSYNCLINE_[A-Z_]*[A-Z]", file.read_text(encoding="utf-8")))
    assert named <= SETTINGS


def test_example_has_every_setting() -> None:
    text = (DEPLOY / "env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?(SYNCLINE_\w+)=", text, re.MULTILINE)) == SETTINGS


def test_example_holds_no_secret() -> None:
    text = (DEPLOY / "env.example").read_text(encoding="utf-8")
    secret = re.findall(r"^#?\w*(?:TOKEN|SECRET|KEY|PASSWORD)=(.*)$", text, re.MULTILINE)
    assert len(secret) >= 6
    assert set(secret) == {""}


def test_settings_survive_the_example(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (DEPLOY / "env.example").read_text(encoding="utf-8")
    examples = dict(re.findall(r"^#(SYNCLINE_\w+)=(.+)$", text, re.MULTILINE))
    for name, value in examples.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    same = {"http", "sweep_seconds", "full_sweep_seconds", "body_limit", "attachment_limit", "log_level"}
    assert {name for name in same if getattr(settings, name) != Settings.model_fields[name].default} == set()


def test_containers_run_known_commands() -> None:
    ran = [SERVICES[name]["command"] for name in ("gateway", "worker")]
    ran += [yaml.safe_load(text) for text in instructions("CMD") if "urllib" not in text]
    assert all(command[0] in COMMANDS for command in ran)
    assert ["run"] in ran
    assert instructions("ENTRYPOINT") == ['["syncline"]']


def test_unit_runs_a_known_command() -> None:
    program, *arguments = shlex.split(UNIT["ExecStart"])
    assert Path(program).name == "syncline"
    assert arguments == ["run"]
    assert "run" in COMMANDS


def test_images_are_pinned() -> None:
    images = [service["image"] for service in SERVICES.values()]
    images += [text.split()[0] for text in instructions("FROM")]
    versions = [image.partition(":")[2] for image in images]
    assert all(re.match(r"\d+\.\d+", version) for version in versions), images


def test_own_image_has_our_version() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version is not None
    assert SERVICES["worker"]["image"] == f"syncline:{version[1]}"
    assert f"syncline:{version[1]}" in CONTAINERFILE


@pytest.mark.parametrize("name", SERVICES)
def test_container_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert str(service["user"]).split(":")[0] not in ("root", "0")
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["restart"] == "unless-stopped"
    assert "healthcheck" in service or name == "gateway", "the gateway's is in the image"


def test_image_is_not_root() -> None:
    *_, last = re.split(r"^FROM .+$", CONTAINERFILE, flags=re.MULTILINE)
    user = re.findall(r"^USER (\d+):(\d+)$", last, re.MULTILINE)
    assert user == [("10001", "10001")]
    assert f"uid {user[0][0]}" in last
    assert SERVICES["worker"]["user"] == ":".join(user[0])
    assert "/healthz" in " ".join(instructions("HEALTHCHECK")) + " ".join(instructions("CMD"))


def test_compose_holds_no_secret() -> None:
    environments = [service.get("environment", {}) for service in SERVICES.values()]
    secret = [v for env in environments for k, v in env.items() if re.search("PASSWORD|PWD|TOKEN|KEY|SECRET|URL", k)]
    assert secret
    assert all("${POSTGRES_PASSWORD:?" in value for value in secret)


def test_copied_files_are_there() -> None:
    copied = [text.split()[:-1] for text in instructions("COPY") if not text.startswith("--from")]
    names = {name for group in copied for name in group}
    allowed = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    assert all((ROOT / name).exists() for name in names)
    assert names == allowed


def test_embedded_temporal_knows_its_user() -> None:
    (environment,) = instructions("ENV")
    assert {"USER=syncline", "HOME=/workspace"} <= set(environment.split())


def test_workspace_is_no_code() -> None:
    (environment,) = instructions("ENV")
    assert "PYTHONSAFEPATH=1" in environment.split()
    assert "PYTHONSAFEPATH=1" in UNIT["Environment"].split()


def test_unit_waits_for_the_drain(tmp_path: Path) -> None:
    children = parts(Settings(workspace=tmp_path))
    assert int(UNIT["TimeoutStopSec"]) > DRAIN_SECONDS * len(children)
    # Otherwise Temporal would be told to end together with the worker that still needs it.
    assert UNIT["KillMode"] == "mixed"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("User", "syncline"), ("NoNewPrivileges", "yes"), ("ProtectSystem", "strict"), ("PrivateTmp", "yes"),
        ("StateDirectory", "syncline"), ("EnvironmentFile", "/etc/syncline/env"), ("Restart", "always"),
    ],
)  # fmt: skip
def test_unit_is_confined(option: str, value: str) -> None:
    assert UNIT[option] == value


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
@pytest.mark.parametrize("verb", [["verify", "--man=no"], ["security", "--offline=true", "--threshold=20"]])
def test_systemd_accepts_the_unit(verb: list[str], tmp_path: Path) -> None:
    text = (DEPLOY / "syncline.service").read_text(encoding="utf-8")
    # The program is not installed here, and verify asks whether it is there.
    unit = tmp_path / "syncline.service"
    unit.write_text(text.replace("/opt/syncline/bin/syncline", shutil.which("true") or ""), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", *verb, unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
