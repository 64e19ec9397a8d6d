"""Markdown text to a document, by markdown-it: CommonMark, tables, strikethrough, task boxes; HTML is plain text."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

from connectors.richtext.document import (
    CODE,
    EM,
    IMAGE,
    PLAIN,
    STRIKE,
    STRONG,
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
from connectors.richtext.flanking import FairState
from connectors.richtext.tidy import clean, clean_href, tidy

# markdown-it drops what is nested deeper than its limit; ours comes first and keeps the text.
_NESTING = 18
_MARKS = {"strong_open": STRONG, "em_open": EM, "s_open": STRIKE}
_BLANKS = {"softbreak": " ", "hardbreak": "\n"}
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_BOX = re.compile(r"\[([ xX])\](\s+|$)")


def parse(markdown: str | None) -> Blocks:
    """The document that this Markdown describes, tidied. Never raises; any text is Markdown."""
    if not markdown or not markdown.strip():
        return ()
    tokens = _parser().parse(clean(markdown))
    return tidy(_blocks(iter(tokens)))


def parse_line(markdown: str) -> Spans:
    """The spans of one paragraph's Markdown, its block structure not considered."""
    return tuple(_spans(_parser().parseInline(markdown)[0].children or []))


class _FairInline(ParserInline):
    """markdown-it's inline parser, made to use our state."""

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = FairState(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero")
    parser.inline = _FairInline()
    parser.configure("commonmark", {"html": False, "maxNesting": _NESTING + 2})
    parser.enable(["table", "strikethrough"])
    parser.disable(["html_block", "html_inline"])
    parser.block.ruler.before("table", "too_deep", _too_deep)
    parser.inline.ruler.before("autolink", "line_break", _line_break)
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    parser.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    parser.validateLink = lambda url: clean_href(url) is not None  # type: ignore[method-assign]
    return parser


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule: below the limit everything is one paragraph."""
    if silent or state.level < _NESTING:
        return False
    state.push("paragraph_open", "p", 1)
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(start, end, state.blkIndent, False).strip()
    inline.children = []
    state.push("paragraph_close", "p", -1)
    state.line = end
    return True


def _line_break(state: StateInline, silent: bool) -> bool:
    """An inline rule: `<br>` is the line break of table cells and headings, which have one line only."""
    found = _BREAK.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def _blocks(tokens: Iterator[Token]) -> Blocks:
    """The blocks up to the token that closes their container."""
    found: list[Block] = []
    for token in tokens:
        if token.nesting < 0:
            break
        block = _block(token, tokens)
        if block is not None:
            found.append(block)
    return tuple(found)


def _block(token: Token, tokens: Iterator[Token]) -> Block | None:
    match token.type:
        case "paragraph_open":
            return Paragraph(_inline(tokens))
        case "heading_open":
            return Heading(int(token.tag[1]), _inline(tokens))
        case "fence" | "code_block":
            return Code(token.content, token.info)
        case "hr":
            return Rule()
        case "blockquote_open":
            return Quote(_blocks(tokens))
        case "bullet_list_open":
            return List(_items(tokens, boxes=True))
        case "ordered_list_open":
            start = token.attrGet("start")
            return List(_items(tokens, boxes=False), 1 if start is None else int(start))
        case "table_open":
            return _table(tokens)
    return None


def _inline(tokens: Iterator[Token]) -> Spans:
    """The spans of an inline token and its closing neighbour."""
    inline = next(tokens)
    next(tokens)
    return tuple(_spans(inline.children or []))


def _items(tokens: Iterator[Token], *, boxes: bool) -> tuple[Item, ...]:
    found: list[Item] = []
    for token in tokens:
        if token.type != "list_item_open":
            break
        found.append(_item(tokens, boxes=boxes))
    return tuple(found)


def _item(tokens: Iterator[Token], *, boxes: bool) -> Item:
    """One entry; a box counts only as typed: in the source of the entry's first paragraph, unescaped."""
    first = next(tokens)
    if first.type == "list_item_close":
        return Item(())
    box = None
    if boxes and first.type == "paragraph_open":
        inline = next(tokens)
        box = _BOX.match(inline.content)
        spans = tuple(_spans(inline.children or []))
        next(tokens)
        head: Block | None = Paragraph(unboxed(spans) if box else spans)
    else:
        head = _block(first, tokens)
    blocks = _blocks(tokens)
    return Item((head, *blocks) if head is not None else blocks, box[1] != " " if box else None)


def unboxed(spans: Spans) -> Spans:
    """The run without the `[ ]` it begins with."""
    return (Span(spans[0].text[3:], spans[0].marks, spans[0].href, spans[0].kept), *spans[1:])


def _table(tokens: Iterator[Token]) -> Table:
    rows: list[tuple[Spans, ...]] = []
    cells: list[Spans] = []
    for token in tokens:
        match token.type:
            case "inline":
                cells.append(tuple(_spans(token.children or [])))
            case "tr_close":
                rows.append(tuple(cells))
                cells = []
            case "table_close":
                break
    return Table(tuple(rows))


def _spans(tokens: Sequence[Token]) -> Iterator[Span]:
    """Inline tokens as spans; a soft line break is a blank, as CommonMark shows it."""
    marks, href = PLAIN, None
    for token in tokens:
        match token.type:
            case "text" | "text_special" | "softbreak" | "hardbreak" as kind:
                yield Span(_BLANKS.get(kind, token.content), marks, href)
            case "code_inline":
                yield Span(token.content, marks | {CODE}, href)
            case "image":
                yield Span(_described(token), marks | {IMAGE}, str(token.attrGet("src") or ""))
            case "link_open" | "link_close":
                href = str(token.attrGet("href") or "") or None
            case kind if kind in _MARKS:
                marks = marks | {_MARKS[kind]}
            case kind if token.nesting < 0:
                marks = marks - {_MARKS[kind.replace("close", "open")]}


def _described(image: Token) -> str:
    return "".join(span.text for span in _spans(image.children or []))
