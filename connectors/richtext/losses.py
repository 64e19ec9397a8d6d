"""What a vendor's format would change about a text, in words for people."""

from collections import Counter
from collections.abc import Iterator, Sequence

from connectors.richtext.document import (
    CODE,
    EM,
    IMAGE,
    STRIKE,
    STRONG,
    Block,
    Blocks,
    Code,
    Heading,
    List,
    Paragraph,
    Quote,
    Rule,
    Span,
    Table,
    runs,
)
from connectors.richtext.markdown import normal
from connectors.richtext.reading import parse

_MARKS = {STRONG: "bold", EM: "italics", STRIKE: "strikethrough", CODE: "code", IMAGE: "image"}


def changed(markdown: str | None, back: str | None) -> tuple[str, ...]:
    """What `markdown` has that `back`, the same text read back from the vendor, lacks; empty if they are equal."""
    if normal(markdown) == normal(back):
        return ()
    before, after = parse(markdown), parse(back)
    missing = Counter(_names(before)) - Counter(_names(after))
    return tuple(missing) or ("layout",)


def _names(blocks: Blocks) -> Iterator[str]:
    yield from _block_names(blocks)
    for spans in runs(blocks):
        for span in spans:
            yield from _span_names(span)


def _block_names(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Heading(level):
                yield f"heading level {level}"
            case Code(_, language):
                yield f"code block ({language})" if language else "code block"
            case Quote(inner):
                yield "quote"
                yield from _block_names(inner)
            case List():
                yield from _list_names(block)
            case Table():
                yield "table"
            case Rule():
                yield "rule"
            case Paragraph():
                pass


def _list_names(block: List) -> Iterator[str]:
    match block.start:
        case None:
            yield "list"
        case 1:
            yield "numbered list"
        case start:
            yield f"list numbered from {start}"
    for item in block.items:
        if item.checked is not None:
            yield "task"
        yield from _block_names(item.blocks)


def _span_names(span: Span) -> Iterator[str]:
    for mark in sorted(span.marks):
        yield _MARKS[mark]
    if span.href and IMAGE not in span.marks:
        yield "link"
