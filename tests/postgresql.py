"""A PostgreSQL server of the tests' own, which can be stopped, killed, and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from contextlib import suppress
from pathlib import Path

from workers.demo.ports import any_port

ACCOUNT = "postgres"
"""Who runs the server where the tests run as root, which PostgreSQL refuses."""
SUPERUSER = "tests"
START_SECONDS = 60.0
NONE_HERE = "no PostgreSQL on this machine (Debian: apt-get install postgresql)"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        return None
    return found[-1].parent if found else Path(on_path or "").parent


class Server:
    """One server on loopback; its port stays the same however often it is started.

    Without a `folder` its data is in a temporary one, which `close` removes. Where the tests run as root, the account
    of the server must be able to reach the folder that is given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        place = programs()
        if place is None:
            raise FileNotFoundError(NONE_HERE)
        self._programs, self.port = place, any_port()
        self._temporary = tempfile.TemporaryDirectory(prefix="syncline-pg-") if folder is None else None
        self.folder = Path(self._temporary.name) if self._temporary else folder or Path()
        self.data, self.log = self.folder / "data", self.folder / "log"
        self._account = ACCOUNT if os.getuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs; with a full disk it may have ended by itself."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start, and wait until it answers: the first time with a new cluster, after `kill` by crash recovery.

        Raises RuntimeError, with the end of the log, where it does not come up.
        """
        if not self.data.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            if self._account:
                shutil.chown(self.folder, self._account)
            self._run("initdb", "-D", self.data, "-A", "trust", "-U", SUPERUSER, "-E", "UTF8", "--no-sync")
        # Without fsync only a crash of the machine loses anything: what was committed survives every kill.
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "fsync": "off"}
        command: list[str | Path] = [self._programs / "postgres", "-D", self.data]
        command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C is for the tests, which then stop it.
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, user=self._account, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop in order: whoever is connected loses the connection, every transaction that is open is undone."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """`kill -9` of the server and all its processes at once."""
        if self._process is None:
            return
        children = _children(self._process.pid)
        self._process.kill()
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self._process.wait()
        while any(map(_lives, children)):  # one that still has the shared memory would keep the next from starting
            time.sleep(0.005)
        self._process = None

    def close(self) -> None:
        """End it if it runs; a temporary folder goes with it."""
        self._end(signal.SIGQUIT)
        if self._temporary:
            self._temporary.cleanup()

    def url(self, database: str) -> str:
        """The address of a database, as SQLAlchemy wants it."""
        return f"postgresql+asyncpg://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template1") -> str:
        """Make a database, empty or a copy of another to which nobody is connected: its name."""
        name = f"t{uuid.uuid4().hex}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", SUPERUSER, "-T", template, name)
        return name

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        asking: list[str | Path] = [self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asking, check=False).returncode == 0

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [self._programs / program, *arguments], check=True, cwd=self.folder, user=self._account,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip


def _children(parent: int) -> list[int]:
    processes = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [process for process in processes if _state(process)[1] == str(parent)]


def _lives(process: int) -> bool:
    return _state(process)[0] not in ("", "Z")


def _state(process: int) -> tuple[str, str]:
    """The state letter of a process and its parent; empty where it is gone."""
    with suppress(OSError):
        state, parent, *_ = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return state, parent
    return "", ""
