"""A run of spans as Markdown text: marks nested, and every character that would be read as markup escaped."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from connectors.richtext.document import CODE, EM, IMAGE, STRIKE, STRONG, Span, Spans, slice_spans
from connectors.richtext.flanking import flanks, is_word
from connectors.richtext.reading import parse_line
from connectors.richtext.tidy import merged_plainly, tidy_spans

_DELIMITERS = {STRIKE: "~~", STRONG: "**", EM: "*"}
# Outermost first where two marks cover the same text.
_ORDER = ("href", STRIKE, STRONG, EM)
_AUTOLINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\s]*")


@dataclass(slots=True)
class _Piece:
    """Source text: a delimiter that opens or closes, finished markup, or text still to be escaped."""

    text: str
    role: Literal["open", "close", "markup", "text"]


def spelled(spans: Spans) -> str:
    """The Markdown of a paragraph; line breaks as a backslash at a line's end."""
    rows = _source(spans).split("\n")
    return "\\\n".join(map(_line_start, rows))


def line(spans: Spans) -> str:
    """The Markdown of a heading or a table cell, which has one line: breaks as `<br>`."""
    return _source(spans).replace("\n", "<br>")


def _source(spans: Spans) -> str:
    spans = merged_plainly(spans)
    source, ambiguous = _assembled(spans)
    if ambiguous and tidy_spans(parse_line(source.replace("\n", "\\\n"))) != spans:
        # Bold and italics that overlap inside a word have no spelling in CommonMark: italics give way.
        return _source(tuple(Span(span.text, span.marks - {EM}, span.href) for span in spans))
    return source


def _assembled(spans: Spans) -> tuple[str, bool]:
    pieces: list[_Piece] = []
    for piece in _nested(spans, frozenset()):
        if not piece.text:
            continue
        if pieces and pieces[-1].role == piece.role == "text":
            pieces[-1].text += piece.text
        else:
            pieces.append(piece)
    first, last = _protected(pieces)
    used = frozenset[str]().union(*(span.marks for span in spans))
    out: list[str] = []
    for at, piece in enumerate(pieces):
        if piece.role == "text":
            out.append(_escaped(piece.text, at in first, at in last, at_end=at == len(pieces) - 1))
        else:
            out.append(piece.text)
    return "".join(out), {STRONG, EM} <= used


def _nested(spans: Sequence[Span], opened: frozenset[str]) -> Iterator[_Piece]:
    """Marks around the longest stretch they cover; blanks at a stretch's edges stay outside of it."""
    at = 0
    while at < len(spans):
        name, end = _longest(spans, at, opened)
        if name is None:
            yield _leaf(spans[at])
        elif name == "href":
            yield from _link(spans[at:end], opened)
        else:
            yield from _emphasis(spans[at:end], name, opened)
        at = end


def _longest(spans: Sequence[Span], at: int, opened: frozenset[str]) -> tuple[str | None, int]:
    best, best_end = None, at + 1
    for name in _ORDER:
        value = _value(spans[at], name)
        if not value or name in opened:
            continue
        end = at + 1
        while end < len(spans) and _value(spans[end], name) == value:
            end += 1
        if best is None or end > best_end:
            best, best_end = name, end
    return best, best_end


def _value(span: Span, name: str) -> str | bool | None:
    if name == "href":
        return None if IMAGE in span.marks else span.href
    return name in span.marks


def _leaf(span: Span) -> _Piece:
    if IMAGE in span.marks:
        alt = _escaped(span.text, code_first=False, code_last=False, at_end=False)
        return _Piece(f"![{alt}]({_destination(span.href or '')})", "markup")
    return _Piece(_code(span.text), "markup") if CODE in span.marks else _Piece(span.text, "text")


def _code(text: str) -> str:
    fence = "`"
    runs = set(re.findall(r"`+", text))
    while fence in runs:
        fence += "`"
    padded = text[0] == "`" or text[-1] == "`" or (text[0] == text[-1] == " ")
    return f"{fence} {text} {fence}" if padded else f"{fence}{text}{fence}"


def _link(spans: Sequence[Span], opened: frozenset[str]) -> Iterator[_Piece]:
    href = spans[0].href or ""
    if len(spans) == 1 and spans[0].text == href and not spans[0].marks - opened and _AUTOLINK.fullmatch(href):
        yield _Piece(f"<{href}>", "markup")
        return
    yield _Piece("[", "markup")
    yield from _nested(spans, opened | {"href"})
    yield _Piece(f"]({_destination(href)})", "markup")


def _destination(href: str) -> str:
    safe = re.sub(r"&(?=#?\w+;)", "&amp;", href)
    depth = 0
    for char in safe:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            break
    return safe if depth == 0 else f"<{safe}>"


def _emphasis(spans: Sequence[Span], name: str, opened: frozenset[str]) -> Iterator[_Piece]:
    text = "".join(span.text for span in spans)
    lead = len(text) - len(text.lstrip()) if CODE not in spans[0].marks else 0
    trail = len(text) - len(text.rstrip()) if CODE not in spans[-1].marks else 0
    yield _Piece(text[:lead], "text")
    inner = slice_spans(spans, lead, len(text) - trail)
    if inner:
        yield _Piece(_DELIMITERS[name], "open")
        yield from _nested(inner, opened | {name})
        yield _Piece(_DELIMITERS[name], "close")
    yield _Piece(text[len(text) - trail :] if trail and inner else "", "text")


def _protected(pieces: Sequence[_Piece]) -> tuple[set[int], set[int]]:
    """The text pieces whose first, and whose last, letter must be an entity so that the delimiter beside it works."""
    first: set[int] = set()
    last: set[int] = set()
    runs = list(_delimiter_runs(pieces))
    changed = True
    while changed:
        changed = False
        for low, high in runs:
            before = _edge(pieces, low - 1, -1, first, last)
            after = _edge(pieces, high, 0, first, last)
            opens, closes = flanks(before, after)
            roles = {piece.role for piece in pieces[low:high]}
            if "open" in roles and not opens and is_word(before):
                last.add(low - 1)
                changed = True
            if "close" in roles and not closes and is_word(after):
                first.add(high)
                changed = True
    return first, last


def _delimiter_runs(pieces: Sequence[_Piece]) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(pieces):
        low = at
        at += 1
        if pieces[low].role in ("open", "close"):
            while (
                at < len(pieces) and pieces[at].role in ("open", "close") and pieces[at].text[0] == pieces[low].text[0]
            ):
                at += 1
            yield low, at


def _edge(pieces: Sequence[_Piece], at: int, end: Literal[0, -1], first: set[int], last: set[int]) -> str:
    """The character of a piece that a delimiter touches; entities end in punctuation on both sides."""
    if not 0 <= at < len(pieces):
        return ""
    text = pieces[at].text
    coded = at in (last if end else first) or (len(text) == 1 and at in first | last)
    return ";" if coded else text[end]


_SPECIAL = re.compile(r"(?P<pair>\[[^\[\]\\`*_<&!~\n]*\](?![(:\[]))|[\\`*_\[\]<&!~]")
_ENTITY = re.compile(r"&#?\w+;")
_TAG = re.compile(r"<[A-Za-z/!?]")
_ASCII_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def _escaped(text: str, code_first: bool, code_last: bool, *, at_end: bool) -> str:
    """Text in which nothing is read as markup; what is harmless where it stands is left alone."""
    if len(text) == 1 and (code_first or code_last):
        return _entity(text)
    head = _entity(text[0]) if code_first else ""
    tail = _entity(text[-1]) if code_last else ""
    middle = text[int(code_first) : len(text) - int(code_last)]
    return head + _SPECIAL.sub(lambda found: _escape(found, at_end=at_end and not tail), middle) + tail


def _entity(char: str) -> str:
    return f"&#{ord(char)};"


def _escape(found: re.Match[str], *, at_end: bool) -> str:
    text, start, end = found.string, found.start(), found.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    mark = found.group()
    if found["pair"]:
        return mark if after or at_end else f"\\{mark[:-1]}\\]"
    return f"\\{mark}" if _is_markup(found, before, after, at_end=at_end) else mark


def _is_markup(found: re.Match[str], before: str, after: str, *, at_end: bool) -> bool:
    match found.group():
        case "\\":
            return not after or after == "\n" or after in _ASCII_PUNCTUATION
        case "_":
            return not (before.isalnum() and after.isalnum())
        case "<":
            return not (after or at_end) or _TAG.match(found.string, found.start()) is not None
        case "&":
            return _ENTITY.match(found.string, found.start()) is not None
        case "!":
            return after == "[" or not (after or at_end)
        case "~":
            return not before or not after or "~" in before + after
    return True


# A list, a quote, a heading, the underline of a heading, the second line of a table.
_STARTS = re.compile(r"(?:#{1,6}|[-+])(?=\s|$)|>|=+\s*$|(?=[^-]*-)[-:|][-:|\s]*$")
_NUMBER = re.compile(r"(\d{1,9})([.)])(?=\s|$)")


def _line_start(row: str) -> str:
    if _STARTS.match(row):
        return "\\" + row
    return _NUMBER.sub(r"\1\\\2", row, count=1) if _NUMBER.match(row) else row
