"""The wheel holds all that runs and nothing else, its names are ours alone, its modules load no more than they need."""

import shutil
import subprocess
import sys
import tomllib
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
TOPS = ("connectors", "mappings", "workflows", "workers")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = {path.parent.relative_to(ROOT) for top in TOPS for path in (ROOT / top).rglob("__init__.py")}
NOT_SHIPPED = {".pyc"}
SHIPPED_DOCUMENTS = {".md"}
"""Read in the repository, not by the program."""


def shipped(suffix_is_python: bool) -> set[str]:
    """The files in our packages' folders that the program needs: its modules, or the data beside them."""
    files = [path for top in TOPS for path in (ROOT / top).rglob("*") if path.is_file()]
    kept = [path for path in files if path.suffix not in NOT_SHIPPED | SHIPPED_DOCUMENTS]
    return {str(path.relative_to(ROOT)) for path in kept if (path.suffix == ".py") is suffix_is_python}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel, built from a copy, so that nothing left in the repository by another build gets into it."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source / name)
    for top in (*TOPS, "tests"):
        shutil.copytree(ROOT / top, source / top, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "-w", out, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = out.glob("*.whl")
    return ZipFile(built)


def loaded_by(statement: str) -> set[str]:
    """The top-level and our own modules that a fresh interpreter has loaded after this statement."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_every_package_is_listed() -> None:
    listed = PROJECT["tool"]["setuptools"]["packages"]
    assert {Path(*name.split(".")) for name in listed} == PACKAGES
    assert len(listed) == len(set(listed))


def test_folders_with_code_are_packages() -> None:
    with_code = {Path(name).parent for name in shipped(suffix_is_python=True)}
    assert with_code == PACKAGES


@pytest.mark.parametrize("python", [True, False], ids=["modules", "data"])
def test_wheel_holds_every_file(wheel: ZipFile, python: bool) -> None:
    assert shipped(python) - set(wheel.namelist()) == set()


@pytest.mark.parametrize(
    "name",
    [
        "connectors/standins/asana/app.html",
        "mappings/catalog/jira-asana-tasks.yaml",
        "workers/demo/mapping.yaml",
        "workflows/store/migrations/script.py.mako",
        "workflows/store/migrations/versions/0001_the_tables_of_the_start.py",
    ],
)
def test_wheel_holds_the_data(wheel: ZipFile, name: str) -> None:
    assert wheel.getinfo(name).file_size > 0


def test_wheel_holds_nothing_else(wheel: ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(TOPS)


def test_wheel_starts_the_command(wheel: ZipFile) -> None:
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "syncline = workers.__main__:main" in wheel.read(entry_points).decode()
    (headers,) = [name for name in wheel.namelist() if name.endswith("METADATA")]
    described = HeaderParser().parsestr(wheel.read(headers).decode())
    assert described["Requires-Python"] == PROJECT["project"]["requires-python"]


@pytest.mark.parametrize("top", TOPS)
def test_names_are_ours_alone(top: str) -> None:
    assert set(metadata.packages_distributions().get(top, ())) <= {"syncline"}


@pytest.mark.parametrize("module", ["mappings.checks", "mappings.workspace", "workflows.lane", "connectors.contract"])
def test_pure_modules_load_little(module: str) -> None:
    heavy = {"jira", "asana", "httpx", "sqlalchemy", "requests", "starlette"}
    assert heavy & loaded_by(f"import {module}") == set()


@pytest.mark.parametrize("module", ["workers.settings", "workers.cli.app"])
def test_commands_start_light(module: str) -> None:
    heavy = {"jira", "asana", "httpx", "sqlalchemy", "alembic", "fastapi", "temporalio", "cel"}
    assert heavy & loaded_by(f"import {module}") == set()


def test_gateway_loads_no_vendor_package() -> None:
    assert {"jira", "asana"} & loaded_by("import workers.gateway") == set()


def test_runtime_lock_is_part_of_the_lock() -> None:
    run, full = (set((ROOT / name).read_text(encoding="utf-8").replace("\\\n", "").splitlines())
                 for name in ("requirements-run.lock", "requirements.lock"))  # fmt: skip
    assert run - full == set(), "type `make lock`"
    assert not any(line.startswith(("pytest==", "mypy==", "ruff==")) for line in run)


@pytest.mark.parametrize("requirement", PROJECT["project"]["dependencies"])
def test_runtime_lock_has_what_is_needed(requirement: str) -> None:
    name = requirement.partition(">")[0].partition("[")[0].replace(".", "-")
    assert f"\n{name}==" in "\n" + (ROOT / "requirements-run.lock").read_text(encoding="utf-8")
