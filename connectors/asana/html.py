"""Asana's rich text (`html_notes`, `html_text`) to and from canonical Markdown.

The body is XML with a short list of tags; line breaks are newlines, and an unknown tag is refused with 400
(https://developers.asana.com/docs/rich-text). What has no tag is spelled as Markdown source and recognised again:
titles below the second level, numbering that does not begin with 1, boxes of tasks; tables stand in `pre`.
Reads are lenient, since Asana adds tags and attributes of its own.
"""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from connectors.richtext.document import (
    CODE,
    EM,
    IMAGE,
    STRIKE,
    STRONG,
    Block,
    Code,
    Heading,
    Item,
    List,
    Paragraph,
    Quote,
    Rule,
    Spans,
    Table,
)
from connectors.richtext.html_reading import PICTURE, UNDERLINE, Kept, Reader, spelled_at_top, spelled_within
from connectors.richtext.keep import Source, sourced
from connectors.richtext.literal import (
    guarded,
    item_text,
    spell,
    without_gaps,
)
from connectors.richtext.losses import changed
from connectors.richtext.markdown import parse, render
from connectors.richtext.memo import remembered
from connectors.richtext.tidy import tidy
from connectors.richtext.writing import write

_TAGS = {STRIKE: "s", EM: "em", STRONG: "strong", CODE: "code"}
_BODY = re.compile(r"\s*<body\b[^<>]*>(.*)</body>\s*", re.DOTALL | re.IGNORECASE)


def to_markdown(native: str | None) -> str | None:
    """The body as Markdown in normal form; None where it shows nothing. Never raises, whatever it is given."""
    return _to_markdown(native) if isinstance(native, str) else None


@remembered
def _to_markdown(native: str) -> str | None:
    return render([unit.block for unit in _source(native).units]) or None


def from_markdown(markdown: str | None, previous: str | None = None, *, headings: bool = True) -> str | None:
    """The Markdown as a body that Asana accepts; None for nothing. Comments take no titles: `headings=False`.

    `previous` is what the field holds now: its blocks that still read the same come back as they are, and its mentions,
    pictures and underlines are kept where their text or placeholder still stands.
    """
    blocks = parse(markdown)
    if not blocks:
        return None
    is_text = partial(_is_text, headings=headings)
    body = _source(previous).revised(blocks, partial(_block, headings=headings), partial(_joined, is_text=is_text))
    return f"<body>{body}</body>"


def losses(markdown: str | None, *, headings: bool = True) -> tuple[str, ...]:
    """What Asana would not show as this Markdown has it; empty where nothing is lost."""
    return changed(markdown, to_markdown(from_markdown(markdown, headings=headings)))


def _source(native: object) -> Source:
    text = native if isinstance(native, str) else ""
    body = _BODY.fullmatch(text)
    text = body[1] if body else text
    reader = Reader(text)
    found = [(tidied, start, end) for block, start, end in reader.flow(spelled_at_top) for tidied in tidy((block,))[:1]]
    source = sourced(text, found)
    torn = [start in reader.torn for _, start, _ in found]
    units = [
        replace(u, native=_block(u.block, headings=True)) if bad else u
        for u, bad in zip(source.units, torn, strict=True)
    ]
    return Source(units, source.gaps)


def _joined(before: Block, after: Block, is_text: Callable[[Block], bool]) -> str:
    """What stands between two blocks: an empty line between texts, a new line beside tags."""
    return "\n\n" if is_text(before) and is_text(after) else "\n"


def _is_text(block: Block, *, headings: bool) -> bool:
    return isinstance(block, Paragraph) or (spelled_at_top(block) and not (headings and _has_tag(block)))


def _is_text_within(block: Block) -> bool:
    return isinstance(block, Paragraph) or spelled_within(block)


def _has_tag(block: Block) -> bool:
    return isinstance(block, Rule) or (isinstance(block, Heading) and block.level <= 2)


def _block(block: Block, *, headings: bool) -> str:
    match block:
        case Paragraph(spans):
            return _inline(guarded(spans, spelled_at_top))
        case Heading(level, spans) if level <= 2 and headings:
            return f"<h{level}>{_inline(spans)}</h{level}>"
        case Rule() if headings:
            return "<hr/>"
        case Quote(blocks):
            return f"<blockquote>{_inner(blocks)}</blockquote>"
        case Code() | Table():
            return _pre(block)
        case List(start=start) if start in (None, 1):
            return _list(block)
    return _inline(spell(block))


def _pre(block: Code | Table) -> str:
    if isinstance(block, Code) and not block.language:
        return f"<pre>{_text(block.text)}</pre>"
    source = write((block,)) if isinstance(block, Table) else f"```{block.language}\n{block.text}\n```"
    return f"<pre>{_text(source)}</pre>"


def _inner(blocks: Sequence[Block], first: Spans | None = None) -> str:
    """The content of a quote or an item; `first` replaces the first block's text."""
    out: list[str] = []
    for at, block in enumerate(blocks):
        if at:
            out.append(
                ""
                if isinstance(block, List) and not spelled_within(block)
                else _joined(blocks[at - 1], block, _is_text_within)
            )
        if spelled_within(block):
            out.append(_inline(spell(block)))
        elif isinstance(block, Paragraph):
            out.append(_inline(first if first is not None and not at else guarded(block.spans, spelled_within)))
        else:
            out.append(_pre(block) if isinstance(block, Code) else _list(block))  # type: ignore[arg-type]
    return "".join(out)


def _list(block: List) -> str:
    tag = "ul" if block.start is None else "ol"
    return f"<{tag}>{''.join(f'<li>{_entry(item, tag)}</li>' for item in block.items)}</{tag}>"


def _entry(item: Item, tag: str) -> str:
    return _inner(item.blocks, item_text(item, spelled_within, bullets=tag == "ul"))


def _text(text: str) -> str:
    return html.escape(text, quote=False)


def _inline(spans: Spans) -> str:
    out: list[str] = []
    for span in spans:
        if isinstance(span.kept, Kept):
            out.append(span.kept.native)
            continue
        piece = _text(PICTURE + span.text if IMAGE in span.marks else without_gaps(span.text))
        for mark, tag in reversed(_TAGS.items()):
            if mark in span.marks:
                piece = f"<{tag}>{piece}</{tag}>"
        if span.kept is UNDERLINE:
            piece = f"<u>{piece}</u>"
        out.append(f'<a href="{html.escape(span.href)}">{piece}</a>' if span.href else piece)
    return "".join(out)
