"""Names of files as people gave them, made harmless for every system and disk that they may come to."""

import re
import unicodedata
from typing import Final

MAX_BYTES: Final = 200
"""Of UTF-8; most file systems end at 255, and some systems add to a name."""
NAMELESS: Final = "attachment"

# Characters that turn the direction of writing, by which `exe.jpg` can be shown for `gpj.exe`.
_TURNING: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FORBIDDEN: Final = frozenset('<>:"|?*')
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICES: Final = re.compile(r"(?i)(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)")


def harmless(name: str) -> str:
    """The last part of a path without what no disk takes; the same for a name that is harmless already."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join("_" if char in _FORBIDDEN else char for char in last if _printable(char)).lstrip().rstrip(" .")
    if not kept.strip("."):
        return NAMELESS
    return _short(f"_{kept}" if _DEVICES.match(kept) else kept)


def _printable(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") and char not in _TURNING


def _short(name: str) -> str:
    """Cut in front of the extension, between characters."""
    if len(name.encode()) <= MAX_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > MAX_BYTES // 10:
        stem, dot, extension = name, "", ""
    room = MAX_BYTES - len(f"{dot}{extension}".encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip() + dot + extension
