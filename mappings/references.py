"""`${NAME}` and `${file:/path}` in the values of connections, resolved once the file is parsed.

A value that is put in so cannot change the structure of the file, and no message ever holds one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mappings.findings import Finding, closest
from mappings.positions import Document, Path

_REFERENCE = re.compile(r"\$\{([^}]*)(\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class _Missing(Exception):
    """The reference leads nowhere; the text says why, for people."""


@dataclass(frozen=True)
class References:
    """Where references lead: the environment, and files that hold a secret each (`read_secret` raises OSError)."""

    environ: Mapping[str, str]
    read_secret: Callable[[str], str]

    def resolve(self, document: Document, value: Any, path: Path) -> tuple[Any, list[Finding]]:
        """The value with every reference in its texts replaced; keys are left as they are."""
        findings: list[Finding] = []
        return self._resolved(document, value, path, findings), findings

    def _resolved(self, document: Document, value: Any, path: Path, findings: list[Finding]) -> Any:
        if isinstance(value, dict):
            return {key: self._resolved(document, item, (*path, key), findings) for key, item in value.items()}
        if isinstance(value, list):
            return [self._resolved(document, item, (*path, index), findings) for index, item in enumerate(value)]
        if not isinstance(value, str):
            return value
        try:
            return _REFERENCE.sub(self._target, value)
        except _Missing as missing:
            findings.append(document.finding(path, "M121", str(missing)))
            return None

    def _target(self, match: re.Match[str]) -> str:
        name, closed = match.groups()
        if closed and name.startswith("file:"):
            return self._secret(name.removeprefix("file:"))
        if not closed or not _NAME.fullmatch(name):
            raise _Missing("a reference that cannot be read; expected ${NAME} or ${file:/path}")
        if not self.environ.get(name):
            state = "is empty" if name in self.environ else "is not set"
            close = closest(name, (known for known in self.environ if known != name))
            hint = f"; did you mean {close}?" if close else "; set it in the environment of the service"
            raise _Missing(f"variable {name} {state}{hint}")
        return self.environ[name]

    def _secret(self, path: str) -> str:
        try:
            secret = self.read_secret(path).rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise _Missing(f"file {path} cannot be read: {reason}") from None
        if not secret:
            raise _Missing(f"file {path} is empty; expected the secret in it")
        return secret
