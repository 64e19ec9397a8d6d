"""The tree that every rich text format is read into and written from.

Inline content is a flat run of spans, not a tree: formats nest bold and links differently, and a flat run has one
spelling only. A line break that the writer asked for is a newline inside a span's text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

STRONG, EM, STRIKE, CODE, IMAGE = "strong", "em", "strike", "code", "image"
PLAIN: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text that looks the same from end to end.

    `marks` holds the constants above. `href` is where it leads or, under IMAGE, where the picture is (the text is then
    its description). `kept` is the vendor's own node or wrapping that Markdown cannot say; it does not count in `==`.
    """

    text: str
    marks: frozenset[str] = PLAIN
    href: str | None = None
    kept: object = field(default=None, compare=False)


Spans: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. `kept`: the vendor's block that this paragraph is the placeholder of."""

    spans: Spans
    kept: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Heading:
    """A title, level 1 to 6."""

    level: int
    spans: Spans


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to be shown as they are; `language` may be empty."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Quoted blocks. `kept`: the vendor's container (a panel); the first block is then its placeholder."""

    blocks: "Blocks"
    kept: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list; a task where `checked` is not None (bullets only)."""

    blocks: "Blocks"
    checked: bool | None = None


@dataclass(frozen=True, slots=True)
class List:
    """Bullets, or numbered from `start`."""

    items: tuple[Item, ...]
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells of inline content, all of one width; the first row is the header."""

    rows: tuple[tuple[Spans, ...], ...]


Block: TypeAlias = Paragraph | Heading | Code | Rule | Quote | List | Table
Blocks: TypeAlias = tuple[Block, ...]


def plain(spans: Sequence[Span]) -> str:
    """The text alone."""
    return "".join(span.text for span in spans)


def slice_spans(spans: Sequence[Span], start: int, end: int) -> Spans:
    """The part of a run between two offsets of its text."""
    found: list[Span] = []
    at = 0
    for span in spans:
        low, high = max(start - at, 0), min(end - at, len(span.text))
        if low < high:
            found.append(span if high - low == len(span.text) else replace(span, text=span.text[low:high]))
        at += len(span.text)
    return tuple(found)


def runs(blocks: Sequence[Block]) -> Iterator[Spans]:
    """Every run of spans below these blocks, in reading order."""
    for block in blocks:
        match block:
            case Paragraph(spans) | Heading(_, spans):
                yield spans
            case Quote(inner):
                yield from runs(inner)
            case List(items):
                for item in items:
                    yield from runs(item.blocks)
            case Table(rows):
                for row in rows:
                    yield from row
            case Code() | Rule():
                pass


def with_runs(blocks: Sequence[Block], fresh: Iterator[Spans]) -> Blocks:
    """The same blocks with their runs replaced, in the order of `runs`."""
    return tuple(_with_runs(block, fresh) for block in blocks)


def _with_runs(block: Block, fresh: Iterator[Spans]) -> Block:
    match block:
        case Paragraph() | Heading():
            return replace(block, spans=next(fresh))
        case Quote(inner):
            return replace(block, blocks=with_runs(inner, fresh))
        case List(items):
            return replace(block, items=tuple(replace(item, blocks=with_runs(item.blocks, fresh)) for item in items))
        case Table(rows):
            return Table(tuple(tuple(next(fresh) for _ in row) for row in rows))
        case Code() | Rule():
            return block
