"""Atlassian Document Format to blocks. Whatever is not known is kept under a placeholder, to a bounded depth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

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
    runs,
)
from connectors.richtext.keep import Node, Unit, Wrap, placeholder
from connectors.richtext.literal import read_item, read_paragraph
from connectors.richtext.tidy import MAX_DEPTH, tidy

Adf: TypeAlias = dict[str, Any]

MARKS = {"strong": STRONG, "em": EM, "strike": STRIKE, "code": CODE}
PICTURE = "🖼 "
_CONTAINERS = frozenset({"panel", "expand", "nestedExpand", "bodiedExtension"})


@dataclass(frozen=True, slots=True)
class InlineNode(Node):
    native: Adf


@dataclass(frozen=True, slots=True)
class BlockNode(Node):
    """Stands alone: in a paragraph with other text it stays as its placeholder."""

    native: Adf


@dataclass(frozen=True, slots=True)
class Marks(Wrap):
    native: list[Adf]


class Place:
    """A container of the schema: whether a block may be its child, and whether a child's text may spell a block."""

    def __init__(self, *kinds: type[Block], tasks: bool = False) -> None:
        self.kinds, self.tasks = kinds, tasks

    def allows(self, block: Block) -> bool:
        return isinstance(block, self.kinds)

    def spelled(self, block: Block) -> bool:
        return not self.allows(block)


TOP = Place(Paragraph, Heading, Code, Rule, Quote, List, Table, tasks=True)
QUOTE = Place(Paragraph, List, Code)
ITEM = Place(Paragraph, List, Code, tasks=True)
PANEL = Place(Paragraph, Heading, List, Code, Rule, tasks=True)


def _children(node: object) -> list[Adf]:
    content = node.get("content") if isinstance(node, Mapping) else None
    return [child for child in content if isinstance(child, dict)] if isinstance(content, list) else []


def _attrs(node: Mapping[str, Any]) -> Mapping[str, Any]:
    attrs = node.get("attrs")
    return attrs if isinstance(attrs, Mapping) else {}


def read_units(native: object) -> list[Unit[list[Adf]]]:
    """Top-level blocks with what they read as; nodes that show nothing go with the block before them."""
    found: list[Unit[list[Adf]]] = []
    silent: list[Adf] = []
    for node in _children(native):
        blocks = tidy([_read(node, TOP, 0)])
        if not blocks and not found:
            silent.append(node)
        elif not blocks:
            found[-1].native.append(node)
        else:
            found.append(Unit(blocks[0], [*silent, node], len(found)))
            silent = []
    return found


def _read(node: Adf, place: Place, depth: int) -> Block:
    kind = node.get("type")
    if depth > MAX_DEPTH:
        return _opaque(node)
    match kind:
        case "paragraph":
            return Paragraph(_spans(node)) if place is ITEM else read_paragraph(_spans(node), place.spelled)
        case "heading":
            level = _attrs(node).get("level")
            return Heading(int(level) if isinstance(level, int | float) else 1, _spans(node))
        case "codeBlock":
            text = "".join(str(child.get("text", "")) for child in _children(node))
            return Code(text, str(_attrs(node).get("language") or ""))
        case "rule":
            return Rule()
        case "blockquote":
            return Quote(_read_all(node, QUOTE, depth))
        case "bulletList" | "orderedList" | "taskList":
            return _list(node, depth)
        case "table":
            return Table(tuple(tuple(_cell(cell, depth) for cell in _children(row)) for row in _children(node)))
        case str() if kind in _CONTAINERS:
            return _container(node, depth)
    return _card(node) if kind in ("blockCard", "embedCard") else _opaque(node)


def _read_all(node: Adf, place: Place, depth: int) -> Blocks:
    return tuple(_read(child, place, depth + 1) for child in _children(node))


def _opaque(node: Adf) -> Paragraph:
    """A block that Markdown cannot say, as a paragraph that names it."""
    text = placeholder(str(node.get("type") or "node"), _label(node), node)
    return Paragraph((Span(text, kept=BlockNode(node)),), kept=node)


def _card(node: Adf) -> Paragraph:
    url = _attrs(node).get("url")
    if not isinstance(url, str) or not url.startswith("http"):
        return _opaque(node)
    return Paragraph((Span(url, href=url, kept=BlockNode(node)),), kept=node)


def _container(node: Adf, depth: int) -> Quote:
    """A panel or the like: a quote whose first line names it. The name does not depend on the content."""
    shell = {key: value for key, value in node.items() if key != "content"}
    kind = str(node.get("type"))
    attrs = _attrs(node)
    name = placeholder(
        kind, str(attrs.get("title") or attrs.get("panelType") or attrs.get("extensionKey") or ""), shell
    )
    return Quote((Paragraph((Span(name),)), *_read_all(node, place_of(shell), depth)), kept=shell)


def place_of(shell: Mapping[str, Any]) -> Place:
    return PANEL if shell.get("type") == "panel" else TOP


def _label(node: Adf) -> str:
    """What a person would call the node: a file's name, an address, its first words."""
    children = _children(node)
    for owner in (node, *children):
        attrs = _attrs(owner)
        for key in ("alt", "title", "text", "fileName", "url", "extensionKey", "id"):
            if isinstance(attrs.get(key), str) and attrs[key]:
                return str(attrs[key])
    return " ".join(str(child["text"]) for child in children if isinstance(child.get("text"), str))


def _list(node: Adf, depth: int) -> List:
    kind = node.get("type")
    if kind == "taskList":
        return List(tuple(_tasks(node, depth)))
    order = _attrs(node).get("order", 1)
    start = (int(order) if isinstance(order, int | float) else 1) if kind == "orderedList" else None
    items = (_read_all(item, ITEM, depth) for item in _children(node))
    return List(tuple(read_item(blocks, ITEM.spelled, bullets=start is None) for blocks in items), start)


def _tasks(node: Adf, depth: int) -> Iterator[Item]:
    """Task items; a task list that follows an item is nested below it."""
    last: Item | None = None
    for child in _children(node):
        if child.get("type") == "taskList" and depth <= MAX_DEPTH:
            nested = List(tuple(_tasks(child, depth + 1)))
            last = replace(last, blocks=(*last.blocks, nested)) if last else Item((nested,))
            continue
        if last:
            yield last
        blocks = _read_all(child, TOP, depth) if child.get("type") == "blockTaskItem" else (Paragraph(_spans(child)),)
        last = Item(blocks, _attrs(child).get("state") == "DONE")
    if last:
        yield last


def _cell(node: Adf, depth: int) -> Spans:
    """A cell's blocks one below the other; Markdown has lines only."""
    lines: list[Spans] = []
    for block in _read_all(node, TOP, depth + 1):
        lines += [(Span(block.text),)] if isinstance(block, Code) else runs((block,))
    return tuple(span for at, spans in enumerate(lines) for span in ((Span("\n"),) if at else ()) + tuple(spans))


def _spans(node: Adf) -> Spans:
    """The inline children; nodes that are not text are kept under the text they read as."""
    return tuple(span for child in _children(node) for span in _inline(child))


def _inline(node: Adf) -> Iterator[Span]:
    attrs = _attrs(node)
    match node.get("type"):
        case "text":
            yield _text(node)
        case "hardBreak":
            yield Span("\n")
        case "mention":
            name = str(attrs.get("text") or attrs.get("id") or "").strip().lstrip("@")
            yield Span(f"@{name}", kept=InlineNode(node))
        case "emoji":
            yield Span(str(attrs.get("text") or attrs.get("shortName") or "").strip() or "☺", kept=InlineNode(node))
        case "date":
            yield Span(_day(attrs.get("timestamp")), kept=InlineNode(node))
        case "status":
            yield Span(f"[{str(attrs.get('text') or '').strip()}]", kept=InlineNode(node))
        case "inlineCard" if str(attrs.get("url", "")).startswith("http"):
            yield Span(attrs["url"], href=attrs["url"], kept=InlineNode(node))
        case kind:
            yield Span(placeholder(str(kind or "node"), _label(node), node), kept=InlineNode(node))


def _day(timestamp: object) -> str:
    try:
        return datetime.fromtimestamp(int(str(timestamp)) / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return str(timestamp)


def _text(node: Adf) -> Span:
    marks: set[str] = set()
    extra: list[Adf] = []
    href = None
    listed = node.get("marks")
    for mark in listed if isinstance(listed, list) else []:
        kind = mark.get("type") if isinstance(mark, dict) else None
        if kind in MARKS:
            marks.add(MARKS[kind])
        elif kind == "link":
            href = str(_attrs(mark).get("href") or "")
        elif kind is not None:
            extra.append(mark)
    text = str(node.get("text") or "")
    if href and text.startswith(PICTURE) and CODE not in marks:
        marks, text = marks | {IMAGE}, text.removeprefix(PICTURE)
    return Span(text, frozenset(marks), href, Marks(extra) if extra else None)
