"""HTML as a flat list of tags and texts, each with its place in the source.

Not `html.parser`: that takes quadratic time over unclosed tags, and loses the places of texts with entities. Here a tag
ends before the next `<`, which XML does not allow inside of one, so time is linear. No entity is defined but HTML's own
characters, so nothing expands.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

_TAG = re.compile(r"""<(?:[!?][^<>]*|(/?)([A-Za-z][\w:-]*+)((?:[^<>"']|"[^"<]*"|'[^'<]*')*+))>""")
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'/]+))""")
_GAP = re.compile(r"(\n(?:[ \t]*\n)+)")
_VOID = frozenset({"hr", "br", "img"})

Kind: TypeAlias = Literal["open", "close", "empty", "text", "gap", "end"]


@dataclass(frozen=True, slots=True)
class Event:
    """A tag (`name` is its name) or a text (`name` is the text). A gap is a text of blank lines only."""

    kind: Kind
    name: str
    start: int
    end: int
    attrs: dict[str, str] = field(default_factory=dict)


def events(source: str) -> Iterator[Event]:
    """What the source consists of, the last being an "end". Never raises; what is not a tag is text."""
    at = 0
    for tag in _TAG.finditer(source):
        yield from _texts(source, at, tag.start())
        at = tag.end()
        yield _tag(tag)
    yield from _texts(source, at, len(source))
    yield Event("end", "", len(source), len(source))


def _texts(source: str, start: int, end: int) -> Iterator[Event]:
    for number, part in enumerate(_GAP.split(source[start:end])):
        if part:
            yield Event("gap" if number % 2 else "text", html.unescape(part), start, start + len(part))
        start += len(part)


def _tag(tag: re.Match[str]) -> Event:
    closes, name, rest = tag.groups()
    if name is None:
        return Event("text", "", tag.start(), tag.end())
    name = name.lower()
    kind: Kind = "close" if closes else "empty" if rest.endswith("/") or name in _VOID else "open"
    attrs = {key: html.unescape(a or b or c) for key, a, b, c in _ATTRIBUTE.findall(rest)}
    return Event(kind, name, tag.start(), tag.end(), attrs)
