"""HTML as Asana stores it to blocks with their places: lenient about tags and nesting, bounded in depth.

Blocks that Asana has no tag for are recognised where they were spelled as Markdown source (see `literal`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

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
    Item,
    List,
    Paragraph,
    Quote,
    Rule,
    Span,
    Spans,
    Table,
    plain,
    slice_spans,
)
from connectors.richtext.html_events import Event, events
from connectors.richtext.keep import Node, Wrap, placeholder
from connectors.richtext.literal import (
    read_item,
    read_paragraph,
    recognise,
    with_gaps,
)
from connectors.richtext.tidy import MAX_DEPTH

_MARKS = {
    "strong": STRONG, "b": STRONG, "em": EM, "i": EM, "s": STRIKE, "strike": STRIKE, "del": STRIKE, "code": CODE,
}  # fmt: skip
_BLOCKS = frozenset(
    [
        "ul",
        "ol",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "pre",
        "blockquote",
        "table",
        "tr",
        "td",
        "th",
        "p",
        "div",
    ]
)
_OBJECTS = frozenset({"img", "object", "iframe", "video"})
_FENCED = re.compile(r"```(\S+)\n(.*)\n```", re.DOTALL)
PICTURE = "🖼 "


def spelled_at_top(block: Block) -> bool:
    """Whether a block at the top of a body may have been spelled: there is no tag for it, or not in comments."""
    return isinstance(block, Heading | Rule) or (isinstance(block, List) and block.start not in (None, 1))


def spelled_within(block: Block) -> bool:
    """The same inside of quotes and list items, where text, lists and code may stand."""
    return not isinstance(block, Paragraph | Code) and (not isinstance(block, List) or block.start not in (None, 1))


class Reader:
    """Blocks out of events, each with its place in the source.

    A paragraph that begins or ends inside of an inline tag has no source of its own: its place is None.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._events = list(events(source))
        self._at = 0
        self._inline: list[tuple[str, Span]] = []
        self._open: list[str] = []
        self.torn: set[int] = set()

    def flow(self, spelled: Callable[[Block], bool]) -> list[tuple[Block, int, int]]:
        """The blocks up to the tag that closes the innermost container; starts of those without a source in `torn`."""
        found: list[tuple[Block, int, int]] = []
        spans: list[Span] = []
        start, whole = self._events[self._at].start, not self._inline
        while True:
            event = self._events[self._at]
            if (event.kind in ("open", "close", "empty", "text") and event.name not in _BLOCKS) or event.kind == "text":
                self._at += 1
                spans += self._spans(event)
                continue
            found += self._paragraph(spans, start, event.start, spelled, whole=whole and not self._inline)
            if event.kind == "end" or self._leaves(event):
                return found
            block = self._block(event)
            found += [(block, event.start, self._events[self._at - 1].end)] if block is not None else []
            spans = []
            start, whole = self._events[self._at].start, not self._inline

    def _leaves(self, event: Event) -> bool:
        """Whether this tag ends the container; the end of an outer one, or the beginning of the next item, does too."""
        if event.kind == "open":
            return event.name in ("li", "td", "th") and self._open[-1:] == [event.name]
        if event.kind != "close" or event.name not in self._open:
            return False
        if self._open[-1] == event.name:
            self._at += 1
        return True

    def _paragraph(
        self, spans: list[Span], start: int, end: int, spelled: Callable[[Block], bool], *, whole: bool
    ) -> Iterator[tuple[Block, int, int]]:
        text = self._source[start:end]
        if not plain(spans).strip():
            return
        low, high = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
        if not whole:
            self.torn.add(low)
        run = _stripped(tuple(spans))
        yield (read_paragraph(run, spelled) if spelled is not _never else Paragraph(run)), low, high

    def _block(self, event: Event) -> Block | None:
        self._at += 1
        if event.kind != "open" and event.name != "hr":
            return None
        if len(self._open) > 2 * MAX_DEPTH:
            return None
        match event.name:
            case "hr":
                return Rule()
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                return Heading(int(event.name[1]), _one_line(self._within(event.name, _never)))
            case "pre":
                return _code(self._raw_text())
            case "blockquote":
                return Quote(self._within("blockquote", spelled_within))
            case "ul" | "ol":
                return List(tuple(self._items(event.name)), 1 if event.name == "ol" else None)
            case "table":
                return Table(tuple(self._rows()))
        return None

    def _within(self, name: str, spelled: Callable[[Block], bool]) -> Blocks:
        self._open.append(name)
        blocks = tuple(block for block, _, _ in self.flow(spelled))
        self._open.pop()
        return blocks

    def _children(self, name: str) -> Iterator[Event]:
        """The tags inside of a list or a table, up to its end; the caller reads what each holds."""
        self._open.append(name)
        while (event := self._events[self._at]).kind != "end":
            if event.kind == "close" and event.name in self._open:
                self._at += self._open[-1] == event.name
                break
            yield event
        self._open.pop()

    def _items(self, name: str) -> Iterator[Item]:
        last: Item | None = None
        for event in self._children(name):
            if event.kind == "open" and event.name in ("ul", "ol"):
                nested = self._block(event)
                if nested is not None:
                    last = replace(last, blocks=(*last.blocks, nested)) if last else Item((nested,))
                continue
            self._at += event.kind == "open" and event.name == "li"
            before = self._at
            blocks = self._within("li", _never)
            self._at += self._at == before and self._events[before].kind != "end"
            if last:
                yield last
            last = read_item(blocks, spelled_within, bullets=name == "ul")
        if last:
            yield last

    def _rows(self) -> Iterator[tuple[Spans, ...]]:
        cells: list[Spans] = []
        for event in self._children("table"):
            self._at += 1
            if event.kind == "open" and event.name in ("td", "th"):
                cells.append(_one_line(self._within(event.name, _never)))
            elif event.name == "tr" and cells:
                yield tuple(cells)
                cells = []
        if cells:
            yield tuple(cells)

    def _raw_text(self) -> str:
        """The text of a `pre`, tags inside of it ignored."""
        texts: list[str] = []
        while (event := self._events[self._at]).kind != "end":
            self._at += 1
            if event.kind == "close" and event.name == "pre":
                break
            texts.append(event.name if event.kind in ("text", "gap") else "")
        return "".join(texts)

    def _spans(self, event: Event) -> Iterator[Span]:
        style = self._inline[-1][1] if self._inline else Span("")
        match event.kind:
            case "text":
                yield replace(style, text=event.name)
            case "close":
                names = [name for name, _ in self._inline]
                if event.name in names:
                    del self._inline[len(names) - 1 - names[::-1].index(event.name) :]
            case _ if event.name == "br":
                yield replace(style, text="\n")
            case _ if event.name in _OBJECTS or (event.name == "a" and "data-asana-gid" in event.attrs):
                yield self._node(event)
            case "open":
                self._inline.append((event.name, _styled(style, event)))

    def _node(self, event: Event) -> Span:
        """A mention or a picture, kept as the source has it."""
        texts: list[str] = []
        end = event.end
        while event.kind == "open" and (inner := self._events[self._at]).kind != "end":
            self._at += 1
            end = inner.end
            if inner.kind == "close" and inner.name == event.name:
                break
            texts.append(inner.name if inner.kind == "text" else "")
        source = self._source[event.start : end]
        text = " ".join("".join(texts).split())
        gid = event.attrs.get("data-asana-gid", "")
        if event.name != "a":
            label = event.attrs.get("alt") or event.attrs.get("src") or gid
            return Span(placeholder(event.name, label, source), kept=Kept(source))
        href = event.attrs.get("href") if event.attrs.get("data-asana-type") != "user" else None
        return Span(text or f"@{gid}", href=href, kept=Kept(source))


@dataclass(frozen=True, slots=True)
class Kept(Node):
    native: str


UNDERLINE = Wrap(("<u>", "</u>"))


def _styled(style: Span, event: Event) -> Span:
    if event.name == "a":
        return replace(style, href=event.attrs.get("href"))
    if event.name == "u":
        return replace(style, kept=UNDERLINE)
    return replace(style, marks=style.marks | {_MARKS[event.name]}) if event.name in _MARKS else style


def _never(_: Block) -> bool:
    return False


def _stripped(spans: Spans) -> Spans:
    """Without the newlines that set a paragraph off from tags; pictures told from links."""
    text = plain(spans)
    inner = slice_spans(spans, len(text) - len(text.lstrip()), len(text.rstrip()))
    return tuple(_pictured(replace(span, text=with_gaps(span.text))) for span in inner)


def _pictured(span: Span) -> Span:
    if span.href and span.text.startswith(PICTURE) and CODE not in span.marks:
        return replace(span, text=span.text.removeprefix(PICTURE), marks=span.marks | {IMAGE})
    return span


def _one_line(blocks: Blocks) -> Spans:
    lines = [block.spans for block in blocks if isinstance(block, Paragraph | Heading)]
    return tuple(span for at, spans in enumerate(lines) for span in ((Span("\n"),) if at else ()) + spans)


def _code(text: str) -> Block:
    """A `pre`: a spelled table, code with its language, or plain lines."""
    table = recognise((Span(text.strip("\n")),), lambda block: isinstance(block, Table))
    if table is not None:
        return table
    fenced = _FENCED.fullmatch(text.strip("\n"))
    return Code(fenced[2], fenced[1]) if fenced else Code(text)
