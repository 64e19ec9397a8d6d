"""Jira Cloud's rich text, the Atlassian Document Format of REST v3, to and from canonical Markdown.

The schema is `adf-schema` full.json, version 1: https://go.atlassian.com/adf-json-schema. It refuses empty text,
unknown nodes, and much nesting (a quote holds no heading, a list item no table); what may not stand somewhere is
spelled there as Markdown source. Pictures are links whose text begins with a picture sign, since ADF's own need an
uploaded file. How documents are read is in `connectors.richtext.adf_reading`.
"""

import json
import uuid
from collections.abc import Sequence
from itertools import count

from connectors.richtext.adf_reading import (
    ITEM,
    MARKS,
    PICTURE,
    QUOTE,
    TOP,
    Adf,
    BlockNode,
    InlineNode,
    Marks,
    Place,
    place_of,
    read_units,
)
from connectors.richtext.document import (
    CODE,
    IMAGE,
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
)
from connectors.richtext.keep import Unit, carry
from connectors.richtext.literal import guarded, item_text, spell
from connectors.richtext.losses import changed
from connectors.richtext.markdown import parse, render
from connectors.richtext.memo import remembered

_NAMESPACE = uuid.UUID("5b0f3f5e-6b0a-4c43-9d35-0c8c1f5f7a11")


def to_markdown(native: Adf | None) -> str | None:
    """The document as Markdown in normal form; None where it shows nothing. Never raises, whatever it is given."""
    try:
        text = json.dumps(native)
    except (RecursionError, TypeError, ValueError):
        return _rendered(native)  # too deep, or no JSON at all: nothing to remember it by
    return _to_markdown(text)


@remembered
def _to_markdown(text: str) -> str | None:
    return _rendered(json.loads(text))


def _rendered(native: object) -> str | None:
    return render([unit.block for unit in read_units(native)]) or None


def from_markdown(markdown: str | None, previous: Adf | None = None) -> Adf | None:
    """The Markdown as a document that Jira accepts; None for nothing, since Jira wants null there.

    `previous` is what the field holds now: its blocks that still read the same come back as they are, and its mentions,
    media, panels, colours and unknown nodes are kept where their text or placeholder still stands.
    """
    blocks = parse(markdown)
    if not blocks:
        return None
    units = read_units(previous)
    encoder = _Encoder(markdown or "")
    parts = carry(units, blocks)
    if previous is not None and [part.at if isinstance(part, Unit) else None for part in parts] == [*range(len(units))]:
        return previous
    content: list[Adf] = []
    for part in parts:
        content += part.native if isinstance(part, Unit) else [encoder.block(part, TOP)]
    return {"type": "doc", "version": 1, "content": content}


def losses(markdown: str | None) -> tuple[str, ...]:
    """What Jira would not show as this Markdown has it; empty where nothing is lost."""
    return changed(markdown, to_markdown(from_markdown(markdown)))


class _Encoder:
    """Blocks to nodes of one document; task ids derive from its text, so that the same text gives the same body."""

    def __init__(self, markdown: str) -> None:
        self._seed = uuid.uuid5(_NAMESPACE, markdown)
        self._numbers = count()

    def _id(self) -> str:
        return str(uuid.uuid5(self._seed, str(next(self._numbers))))

    def block(self, block: Block, place: Place) -> Adf:
        if not place.allows(block):
            return _para(spell(block))
        match block:
            case Paragraph(_, kept) if isinstance(kept, dict):
                return kept
            case Paragraph(spans):
                return _para(guarded(spans, place.spelled))
            case Heading(level, spans):
                return {"type": "heading", "attrs": {"level": level}, "content": _nodes(spans)}
            case Code(text, language):
                attrs = {"attrs": {"language": language}} if language else {}
                return {"type": "codeBlock", **attrs, "content": [{"type": "text", "text": text}]}
            case Rule():
                return {"type": "rule"}
            case Quote(blocks, kept):
                return self._quote(blocks, kept)
            case List():
                return self._tasks(block) if place.tasks and _is_tasks(block) else self._list(block)
            case Table(rows):
                kinds = ["tableHeader", *["tableCell"] * (len(rows) - 1)]
                lines = [self._row(row, kind) for row, kind in zip(rows, kinds, strict=True)]
                return {"type": "table", "content": lines}

    def _quote(self, blocks: Blocks, kept: object) -> Adf:
        if isinstance(kept, dict):
            inner = place_of(kept)
            content = [self.block(block, inner) for block in blocks[1:]]
            return {**kept, "content": content or [_para(())]}
        return {"type": "blockquote", "content": [self.block(block, QUOTE) for block in blocks]}

    def _list(self, block: List) -> Adf:
        numbered = block.start is not None
        attrs = {"attrs": {"order": block.start}} if numbered and block.start != 1 else {}
        items = [{"type": "listItem", "content": self._entry(item, numbered=numbered)} for item in block.items]
        return {"type": "orderedList" if numbered else "bulletList", **attrs, "content": items}

    def _entry(self, item: Item, *, numbered: bool) -> list[Adf]:
        first, *rest = item.blocks
        text = item_text(item, ITEM.spelled, bullets=not numbered)
        head = [_para(text or ())] if text is not None or isinstance(first, List | Code) else []
        return [*head, *(self.block(block, ITEM) for block in (rest if text is not None else item.blocks))]

    def _tasks(self, block: List) -> Adf:
        content: list[Adf] = []
        for item in block.items:
            first, *nested = item.blocks
            spans = first.spans if isinstance(first, Paragraph) else ()
            attrs = {"localId": self._id(), "state": "DONE" if item.checked else "TODO"}
            content.append({"type": "taskItem", "attrs": attrs, "content": _nodes(spans)})
            content += [self._tasks(inner) for inner in nested if isinstance(inner, List)]
        return {"type": "taskList", "attrs": {"localId": self._id()}, "content": content}

    def _row(self, row: Sequence[Spans], kind: str) -> Adf:
        return {"type": "tableRow", "content": [{"type": kind, "content": _cell_blocks(cell)} for cell in row]}


def _is_tasks(block: List) -> bool:
    """Whether every item is a task of one line, with nothing but such lists below: all that ADF's task lists hold."""
    return all(
        item.checked is not None
        and len(item.blocks) <= 2
        and all(isinstance(inner, List) and _is_tasks(inner) for inner in item.blocks[1:])
        for item in block.items
    )


def _para(spans: Spans) -> Adf:
    content = _nodes(spans)
    return {"type": "paragraph", "content": content} if content else {"type": "paragraph"}


def _cell_blocks(spans: Spans) -> list[Adf]:
    """A cell's paragraph, or the block that its placeholder stands for."""
    if len(spans) == 1 and isinstance(spans[0].kept, BlockNode):
        return [spans[0].kept.native]
    return [_para(spans)]


def _nodes(spans: Spans) -> list[Adf]:
    found: list[Adf] = []
    for span in spans:
        if isinstance(span.kept, InlineNode):
            found.append(span.kept.native)
            continue
        marks = _marks(span)
        text = PICTURE + span.text if IMAGE in span.marks else span.text
        for at, line in enumerate(text.split("\n")):
            if at:
                found.append({"type": "hardBreak"})
            if line:
                found.append({"type": "text", "text": line, **({"marks": marks} if marks else {})})
    return found


def _marks(span: Span) -> list[Adf]:
    """Code may be combined with a link and nothing else."""
    marks: list[Adf] = [{"type": "link", "attrs": {"href": span.href}}] if span.href else []
    if CODE in span.marks:
        return [*marks, {"type": "code"}]
    marks += [{"type": name} for name, mark in MARKS.items() if mark in span.marks]
    return marks + (span.kept.native if isinstance(span.kept, Marks) else [])
