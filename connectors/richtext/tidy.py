"""One spelling for each document: what looks the same becomes the same tree."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from connectors.richtext.document import (
    CODE,
    IMAGE,
    PLAIN,
    Block,
    Blocks,
    Code,
    Heading,
    Item,
    List,
    Paragraph,
    Quote,
    Rule,
    Span,
    Spans,
    Table,
    runs,
)

# Deeper containers are opened up and their text kept: no person nests so deep, and every reader stays within its stack.
MAX_DEPTH = 8

_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_NBSP = re.compile("[\xa0\u202f\u2007]")
_AROUND_BREAK = re.compile(r"[^\S\n]*\n[^\S\n]*")
_LANGUAGE = re.compile(r"[\w+#.-]+")
_UNSAFE = re.compile(r"\s*(javascript|vbscript|data):", re.IGNORECASE)
_HREF_ESCAPES = {ord(char): f"%{ord(char):02X}" for char in ' <>[]\\"`|{}^'}


def clean(text: str) -> str:
    """Text without what no vendor accepts: control characters, lone surrogates, odd line ends, no-break spaces."""
    if text.isprintable():
        return text
    return _NBSP.sub(" ", _FORBIDDEN.sub("", _BREAKS.sub("\n", text)))


def clean_href(href: str | None) -> str | None:
    """An address as it is written everywhere; None where there is none or it could run code."""
    if not href:
        return None
    kept = "".join(clean(href).split("\n")).strip().translate(_HREF_ESCAPES)
    kept = re.sub(r"\s", lambda space: "%20" if space.group() == "\t" else "", kept)
    return None if not kept or _UNSAFE.match(kept) else kept


def tidy(blocks: Iterable[Block], depth: int = 0) -> Blocks:
    """The document in its one spelling; blocks without content are dropped."""
    return tuple(tidied for block in blocks for tidied in _tidy_block(block, depth))


def _tidy_block(block: Block, depth: int) -> Blocks:
    match block:
        case Paragraph(spans):
            return _unless_empty(replace(block, spans=tidy_spans(spans)))
        case Heading(level, spans):
            return _unless_empty(Heading(min(max(level, 1), 6), tidy_spans(spans)))
        case Code(text, language):
            lines = clean(text).strip("\n")
            named = _LANGUAGE.match(language.strip())
            return (Code(lines, named.group() if named else ""),) if lines.strip() else ()
        case Rule():
            return (block,)
        case Table(rows):
            return _tidy_table(rows)
        case Quote() | List():
            return _tidy_container(block, depth)


def _unless_empty(block: Paragraph | Heading) -> Blocks:
    return (block,) if block.spans else ()


def _tidy_container(block: Quote | List, depth: int) -> Blocks:
    if depth >= MAX_DEPTH:
        return tuple(Paragraph(spans) for spans in map(tidy_spans, runs((block,))) if spans)
    if isinstance(block, Quote):
        inner = tidy(block.blocks, depth + 1)
        return (replace(block, blocks=inner),) if inner else ()
    items = tuple(Item(tidy(item.blocks, depth + 1), item.checked) for item in block.items)
    numbered = block.start is not None
    items = tuple(_tidy_item(item, numbered) for item in items if item.blocks)
    start = None if block.start is None else min(max(block.start, 0), 999_999)
    return (List(items, start),) if items else ()


def _tidy_item(item: Item, numbered: bool) -> Item:
    """A task's box needs text beside it, and bullets before it."""
    if item.checked is not None and (numbered or not isinstance(item.blocks[0], Paragraph)):
        return replace(item, checked=None)
    return item


def _tidy_table(rows: Sequence[Sequence[Spans]]) -> Blocks:
    cells = [tuple(tidy_spans(cell) for cell in row) for row in rows]
    width = max((len(row) for row in cells), default=0)
    if not any(cell for row in cells for cell in row):
        return ()
    return (Table(tuple((*row, *((),) * (width - len(row))) for row in cells)),)


def tidy_spans(spans: Iterable[Span]) -> Spans:
    """A run without blanks at its edges, in which blanks carry only the marks of both neighbours."""
    return merged(_trimmed(_shared_marks([piece for span in spans for piece in _pieces(span)])))


def _pieces(span: Span) -> list[Span]:
    """Words, and the blanks around them, apart; code, pictures and the vendor's own nodes stay whole."""
    text = clean(span.text).replace("\t", " ")
    href = clean_href(span.href) if span.href else None
    marks = span.marks if href else span.marks - {IMAGE}
    if marks & {CODE, IMAGE}:
        text = text.replace("\n", " ")
        if IMAGE in marks:
            text, marks = text.strip() or "image", marks - {CODE}
        if text.strip():
            return [replace(span, text=text, href=href, marks=marks)]
        marks = marks - {CODE}
    text = _AROUND_BREAK.sub("\n", text) if "\n" in text else text
    core = text.strip()
    if core == text and text:
        return (
            [span]
            if text == span.text and marks == span.marks and href == span.href
            else [Span(text, marks, href, span.kept)]
        )
    lead = text[: len(text) - len(text.lstrip())]
    parts = (lead, core, text[len(lead) + len(core) :])
    return [Span(part, marks, href, span.kept) for part in parts if part]


def _shared_marks(pieces: list[Span]) -> list[Span]:
    """Markdown cannot end bold after a blank, so a blank is bold (or linked) only between bold (linked) words."""
    if not any(piece.marks or piece.href for piece in pieces):
        return pieces
    following: list[Span | None] = [None] * len(pieces)
    for at in range(len(pieces) - 2, -1, -1):
        after = pieces[at + 1]
        following[at] = following[at + 1] if after.text.isspace() else after
    found: list[Span] = []
    before: Span | None = None
    for piece, after_words in zip(pieces, following, strict=True):
        if not piece.text.isspace():
            before = piece
            found.append(piece)
            continue
        marks = before.marks & after_words.marks - {CODE, IMAGE} if before and after_words else PLAIN
        linked = before and after_words and before.href == piece.href == after_words.href
        found.append(Span(piece.text, marks, piece.href if linked else None, piece.kept))
    return found


def _trimmed(pieces: list[Span]) -> list[Span]:
    """Blanks at either end go, and so do those beside a line break in another span."""
    found: list[Span] = []
    for piece in pieces:
        if piece.text.isspace() and CODE not in piece.marks:
            if not found:
                continue
            if "\n" in piece.text:
                while found and found[-1].text.isspace() and "\n" not in found[-1].text:
                    found.pop()
            elif found[-1].text.endswith("\n"):
                continue
        found.append(piece)
    while found and found[-1].text.isspace():
        found.pop()
    return found


def merged(pieces: Iterable[Span]) -> Spans:
    """Neighbours that look alike, and are alike to the vendor, become one span."""
    found: list[Span] = []
    for (marks, href, _), group in groupby(pieces, key=lambda piece: (piece.marks, piece.href, id(piece.kept))):
        alike = list(group)
        if IMAGE in marks or len(alike) == 1:
            found.extend(alike)
        else:
            found.append(Span("".join(piece.text for piece in alike), marks, href, alike[0].kept))
    return tuple(found)


def merged_plainly(spans: Spans) -> Spans:
    """The run as Markdown sees it: without the vendor's own nodes, so that it has one spelling."""
    if not any(span.kept for span in spans):
        return spans
    return tidy_spans(replace(span, kept=None) for span in spans)
