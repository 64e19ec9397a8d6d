"""Remembering conversions: the same text is read on every side and again at every look, and parsing it is dear."""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock

CHARACTERS = 4_000_000
"""What one function remembers at most, texts and results together: some thousand descriptions."""


def remembered(convert: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """The same pure function of a text, with its newest results kept."""
    kept: OrderedDict[str, str | None] = OrderedDict()
    size = 0
    alone = Lock()

    @wraps(convert)
    def look_up(text: str) -> str | None:
        nonlocal size
        with alone:
            if text in kept:
                kept.move_to_end(text)
                return kept[text]
        found = convert(text)
        with alone:
            if text not in kept:
                kept[text] = found
                size += _weight(text, found)
            while size > CHARACTERS:
                size -= _weight(*kept.popitem(last=False))
        return found

    return look_up


def _weight(text: str, found: str | None) -> int:
    return len(text) + len(found or "")
