"""How commands end that were asked for wrongly, or find no service."""

import fcntl
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workers.cli.conftest import ROOT, Syncline, environment
from workers.cli.service import LOCK

MISUSE = [
    (["apply", "lunch"], "jira-asana-tasks"),
    (["--workspace", "nowhere", "status"], "syncline init nowhere"),
    (["run", "--workspace", "x"], "--workspace"),
    (["launch"], "launch"),
    (["parked", "retry"], "--all"),
    (["parked", "show", "7"], "syncline parked list"),
    (["explain", "eng-jira"], "eng-jira"),
    (["explain", "a:b"], "connection:object:id"),
    (["standin", "hubspot", "--port", "1"], "asana, jira"),
]


@pytest.mark.parametrize(("arguments", "told"), MISUSE, ids=lambda value: str(value)[:30])
def test_misuse_is_one_sentence(syncline: Syncline, arguments: list[str], told: str) -> None:
    ended = syncline(*arguments)

    assert ended.code in (1, 2)
    assert told in ended.err
    assert ended.out == ""
    assert "Traceback" not in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [arguments for arguments, _ in MISUSE], ids=lambda value: str(value)[:30])
def test_misuse_as_json(syncline: Syncline, arguments: list[str]) -> None:
    ended = syncline(*arguments, "--json")

    assert ended.code in (1, 2)
    assert ended.data.keys() == {"error"}
    assert ended.err == ""


@pytest.mark.parametrize("command", ["apply", "sweep", "pause", "resume"])
def test_missing_service_is_told(syncline: Syncline, command: str) -> None:
    ended = syncline(command, "jira-asana-tasks")

    assert ended.code == 1
    assert "syncline run" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_taken_port_is_told(syncline: Syncline) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"

        ended = syncline("run", SYNCLINE_HTTP=taken)

    assert ended.code == 1
    assert f"cannot listen on {taken}" in ended.err


def test_second_run_is_refused(syncline: Syncline, workspace: Path) -> None:
    with (workspace / LOCK).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        ended = syncline("run")

    assert ended.code == 1
    assert f"another `syncline run` works with {workspace}" in ended.err


def test_unwritable_workspace_is_told(syncline: Syncline, workspace: Path) -> None:
    (workspace / LOCK).mkdir()  # also root cannot write to a folder

    ended = syncline("run")

    assert ended.code == 1
    assert f"cannot write to the workspace {workspace}" in ended.err


@pytest.mark.parametrize(
    "url", ["sqlite+aiosqlite:////nowhere/a.db", "postgresql+asyncpg://bot:hush-hush@127.0.0.1:1/a"]
)
def test_missing_database_is_told(syncline: Syncline, url: str) -> None:
    ended = syncline("parked", "list", SYNCLINE_DATABASE_URL=url)

    assert ended.code == 1
    assert "SYNCLINE_DATABASE_URL" in ended.err
    assert "hush-hush" not in ended.err
    assert len(ended.err.splitlines()) == 1


def test_wrong_setting_is_named(syncline: Syncline) -> None:
    ended = syncline("status", SYNCLINE_SWEEP_SECONDS="often")

    assert ended.code == 2
    assert "SYNCLINE_SWEEP_SECONDS" in ended.err


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("workers.cli.app", ("rich.progress", "temporalio", "sqlalchemy", "jira", "asana", "fastapi", "pydantic")),
        ("workers.cli.app, workers.processes", ("temporalio", "sqlalchemy", "jira", "asana", "fastapi")),
    ],
    ids=["help", "run"],
)
def test_little_is_imported(modules: str, absent: tuple[str, ...]) -> None:
    code = f"import sys, {modules}; print([name for name in {absent} if name in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
