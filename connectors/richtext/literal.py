"""Blocks that a vendor has no form for are written as their Markdown source, as plain text, and recognised again.

Text that only looks like such a block is told apart by an invisible first character.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from connectors.richtext.document import Block, Blocks, Item, Paragraph, Span, Spans, plain
from connectors.richtext.reading import parse
from connectors.richtext.writing import write

# WORD JOINER: no width, no break, no meaning of its own.
GUARD = "\u2060"
_LIKELY = re.compile(r"#{1,6} |>|\||[-*] |---|\d+[.)] |`{3}")
_BOX = re.compile(r"\[([ xX])\](?: +|$)")


def spell(block: Block) -> Spans:
    """The block as plain text that `recognise` turns back into it."""
    return (Span(write((block,))),)


def recognise(spans: Spans, accepts: Callable[[Block], bool]) -> Block | None:
    """The block that unmarked text spells, if it spells exactly one and `accepts` says that it may be meant."""
    text = plain(spans)
    if not _LIKELY.match(text) or any(span.marks or span.href or span.kept for span in spans):
        return None
    blocks = parse(text)
    if len(blocks) != 1 or isinstance(blocks[0], Paragraph) or not accepts(blocks[0]):
        return None
    return blocks[0] if write(blocks) == text else None


def guarded(spans: Spans, accepts: Callable[[Block], bool]) -> Spans:
    """Spans of an ordinary paragraph, protected where `recognise` would take them for something else."""
    if plain(spans).startswith(GUARD) or recognise(spans, accepts) is not None:
        return (Span(GUARD), *spans)
    return spans


def unguarded(spans: Spans) -> Spans:
    """Spans without the protection."""
    if spans and spans[0].text.startswith(GUARD):
        first = replace(spans[0], text=spans[0].text[1:])
        return (first, *spans[1:]) if first.text else spans[1:]
    return spans


def without_gaps(text: str) -> str:
    """Text for a vendor to whom an empty line ends the paragraph: empty lines are made to look empty only."""
    return re.sub(r"(?<=\n)(?=\n)", GUARD, text)


def with_gaps(text: str) -> str:
    """The text that `without_gaps` was given."""
    return re.sub(rf"(?<=\n){GUARD}(?=\n)", "", text)


def read_paragraph(spans: Spans, accepts: Callable[[Block], bool]) -> Block:
    """The paragraph that the vendor holds, or the block that it spells."""
    block = recognise(spans, accepts)
    return block if block is not None else Paragraph(unguarded(spans))


def read_item(blocks: Blocks, accepts: Callable[[Block], bool], *, bullets: bool) -> Item:
    """A list entry whose paragraphs are as the vendor holds them: boxes, protection and spelled blocks are resolved."""
    checked = None
    if bullets and blocks and isinstance(blocks[0], Paragraph):
        spans, checked = _unboxed(blocks[0].spans)
        blocks = (replace(blocks[0], spans=spans), *blocks[1:])
    return Item(tuple(_resolved(block, accepts) for block in blocks), checked)


def _resolved(block: Block, accepts: Callable[[Block], bool]) -> Block:
    return read_paragraph(block.spans, accepts) if isinstance(block, Paragraph) and block.kept is None else block


def item_text(item: Item, accepts: Callable[[Block], bool], *, bullets: bool) -> Spans | None:
    """The first line of a list entry, with its box and protection; None where it does not begin with text."""
    first = item.blocks[0]
    if not isinstance(first, Paragraph) or first.kept is not None:
        return None
    spans = guarded(first.spans, accepts)
    if item.checked is not None:
        return (Span("[x] " if item.checked else "[ ] "), *spans)
    return (Span(GUARD), *spans) if bullets and _BOX.match(plain(spans)) else spans


def _unboxed(spans: Spans) -> tuple[Spans, bool | None]:
    first = spans[0] if spans else Span("")
    box = _BOX.match(first.text) if not first.marks and not first.href and not first.kept else None
    if not box or len(plain(spans)) == box.end():
        return spans, None
    return (replace(first, text=first.text[box.end() :]), *spans[1:]), box[1] != " "
