"""The workspace folder as it is now: read again when a file changes, the last good version of each mapping kept."""

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import structlog

from connectors import lookup
from mappings.loader import Loaded
from mappings.workspace import Workspace, load_workspace
from workers.logs import keep_secret

LOOK_SECONDS = 0.5
"""How often the files are looked at: every webhook asks for the workspace."""

log = structlog.get_logger()


class WorkspaceFolder:
    """Watches a folder by the stamps of its files; `current()` never raises for what is wrong in them."""

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._environ = dict(os.environ if environ is None else environ)
        self._stamp: object = None
        self._looked = 0.0
        self._workspace: Workspace | None = None
        self._secret_files: set[Path] = set()
        self._good: dict[str, Loaded] = {}

    def current(self) -> Workspace:
        """The workspace, read again if any file changed, also one that a secret is read from."""
        now = time.monotonic()
        if self._workspace is None or now - self._looked >= LOOK_SECONDS:
            self._looked, stamp = now, self._stamp_now()
            if self._workspace is None or stamp != self._stamp:
                self._workspace, self._stamp = self._read(), stamp
        return self._workspace

    def _files(self) -> list[Path]:
        top = [self.folder / "connections.yaml", self.folder / "people.yaml"]
        return [path for path in top if path.is_file()] + sorted((self.folder / "mappings").glob("*.y*ml"))

    def _stamp_now(self) -> object:
        return tuple(_stamp(path) for path in [*self._files(), *sorted(self._secret_files)])

    def _read(self) -> Workspace:
        files = {str(path.relative_to(self.folder)): _text(path) for path in self._files()}
        workspace = load_workspace(files, self._environ, self._read_secret, lookup.settings_model)
        for finding in workspace.findings:
            log.warning("finding in the workspace", finding=str(finding), severity=finding.severity)
        return replace(workspace, mappings=self._with_last_good(workspace, files))

    def _with_last_good(self, workspace: Workspace, files: Mapping[str, str]) -> dict[str, Loaded]:
        """A file that broke leaves its mapping as it was; one that is gone takes its mapping with it."""
        in_force = dict(workspace.mappings)
        by_file = {loaded.file: name for name, loaded in self._good.items()}
        for file, name in by_file.items():
            if file in files and not any(loaded.file == file for loaded in in_force.values()):
                log.warning("mapping file is broken, its last good version stays in force", mapping=name, file=file)
                in_force.setdefault(name, self._good[name])
        self._good = dict(in_force)
        return in_force

    def _read_secret(self, path: str) -> str:
        self._secret_files.add(Path(path))
        secret = Path(path).read_text(encoding="utf-8").strip()
        keep_secret(secret)
        return secret


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return (str(path), 0, 0)
    return (str(path), stat.st_mtime_ns, stat.st_size)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")
