"""Jira's wiki markup, the rich text of REST v2, of Data Center and of webhooks, to and from canonical Markdown.

Blocks are here, what stands within a line is in `connectors.richtext.phrases`. What wiki markup cannot say where it
stands (a table in a list, a quote in a quote, numbering that does not begin with 1) is spelled as Markdown source.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from connectors.richtext import phrases
from connectors.richtext.document import (
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
from connectors.richtext.keep import Source, placeholder, sourced
from connectors.richtext.literal import GUARD, guarded, item_text, read_item, read_paragraph, spell
from connectors.richtext.losses import changed
from connectors.richtext.markdown import parse, render
from connectors.richtext.memo import remembered
from connectors.richtext.tidy import MAX_DEPTH, tidy

_MACRO = re.compile(r"(?<!\\)\{(code|noformat|quote|panel)(?::([^{}\n]*))?\}")
_HEADING = re.compile(r"\s*h([1-6])\.(?:\s+(.*))?$", re.DOTALL)
_BULLET = re.compile(r"\s*([*#]+|-)\s+(?=\S)")
_RULE = re.compile(r"\s*-{4,}\s*$")
_QUOTED = re.compile(r"\s*bq\.\s+(.*)$", re.DOTALL)
_ROW = re.compile(r"\s*\|")
_CELL = re.compile(r"(\|\|?)((?:\\.|\[(?:\\.|[^\[\]\\\n])*\]|\{\{[^\n{}]*\}\}|![^!|\s][^!\n]*!|[^|\\])*)")
# A line break where a new line would begin something else.
_BREAK = " \\\\ "
# Between the paragraphs of a list item; an empty line would end the list.
_APART = f"\n{GUARD * 2}\n"


def to_markdown(native: str | None) -> str | None:
    """The text as Markdown in normal form; None where it shows nothing. Never raises, whatever it is given."""
    return _to_markdown(native) if isinstance(native, str) else None


@remembered
def _to_markdown(native: str) -> str | None:
    return render([unit.block for unit in _source(native).units]) or None


def from_markdown(markdown: str | None, previous: str | None = None) -> str | None:
    """The Markdown as wiki markup; None for nothing.

    `previous` is what the field holds now: its blocks that still read the same come back as they are, and its mentions,
    attachments, colours, panels and macros are kept where their text or placeholder still stands.
    """
    blocks = parse(markdown)
    if not blocks:
        return None
    return _source(previous).revised(blocks, lambda block: _block(block, _TOP), lambda _before, _after: "\n\n")


def losses(markdown: str | None) -> tuple[str, ...]:
    """What Jira would not show as this Markdown has it; empty where nothing is lost."""
    return changed(markdown, to_markdown(from_markdown(markdown)))


def _is_counted(block: Block) -> bool:
    return isinstance(block, List) and block.start not in (None, 1)


def _is_foreign_to_quotes(block: Block) -> bool:
    return isinstance(block, Quote) or _is_counted(block)


def _is_foreign_to_items(block: Block) -> bool:
    return not isinstance(block, Paragraph | List) or _is_counted(block)


_TOP, _WITHIN, _ITEM = _is_counted, _is_foreign_to_quotes, _is_foreign_to_items
_Foreign = Callable[[Block], bool]
_Found = tuple[Block, int, int]


# --- reading --------------------------------------------------------------------------------------------------------


def _source(native: object) -> Source:
    text = native if isinstance(native, str) else ""
    found = [(tidied, start, end) for block, start, end in _read(text, _TOP, 0) for tidied in tidy((block,))[:1]]
    return sourced(text, found)


def _read(text: str, foreign: _Foreign, depth: int) -> Iterator[_Found]:
    """Blocks with their places: macros first, then the lines between them."""
    at = 0
    unclosed: set[str] = set()
    for macro in _MACRO.finditer(text):
        if macro.start() < at or macro[1] in unclosed or depth > MAX_DEPTH:
            continue
        close = _closing(text, macro[1], macro.end())
        if close is None:
            unclosed.add(macro[1])
            continue
        yield from _Lines(text, foreign).read(at, macro.start())
        yield _macro(macro, text[macro.end() : close.start()], depth), macro.start(), close.end()
        at = close.end()
    yield from _Lines(text, foreign).read(at, len(text))


def _closing(text: str, name: str, at: int) -> re.Match[str] | None:
    """The macro that closes this one; what stands in code is not looked at."""
    while (found := _MACRO.search(text, at)) is not None:
        if found[1] == name and (found[2] is None):
            return found
        at = found.end()
        if name in ("quote", "panel") and found[1] in ("code", "noformat"):
            close = text.find(f"{{{found[1]}}}", at)
            at = close + len(found[1]) + 2 if close >= 0 else at
    return None


def _macro(macro: re.Match[str], inner: str, depth: int) -> Block:
    name, options = macro[1], macro[2] or ""
    if name in ("code", "noformat"):
        language = next((part for part in options.split("|") if part and "=" not in part), "")
        return Code(inner.replace(f"{{{GUARD}", "{"), language if name == "code" else "")
    blocks = tuple(block for block, _, _ in _read(inner, _WITHIN, depth + 1))
    if name == "quote":
        return Quote(blocks)
    title = re.search(r"title=([^|]*)", options)
    label = Paragraph((Span(placeholder("panel", title[1] if title else "", macro.group())),))
    return Quote((label, *blocks), kept=macro.group())


class _Lines:
    """The blocks of a stretch of lines without macros."""

    def __init__(self, text: str, foreign: _Foreign) -> None:
        self._text, self._foreign = text, foreign

    def read(self, start: int, end: int) -> Iterator[_Found]:
        kind, first, last = "", start, start
        for low, high in self._lines(start, end):
            line = self._text[low:high]
            now = _kind(line, kind)
            if kind and (now != kind or now in ("heading", "rule", "quoted")):
                yield from self._found(kind, first, last)
                kind = ""
            if now and not kind:
                kind, first = now, low
            last = high
        if kind:
            yield from self._found(kind, first, last)

    def _lines(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        while start < end:
            at = self._text.find("\n", start, end)
            stop = end if at < 0 else at + 1
            yield start, stop
            start = stop

    def _found(self, kind: str, start: int, end: int) -> Iterator[_Found]:
        text = self._text[start:end]
        core = text.strip()
        low = start + text.index(core)
        yield self._block(kind, core), low, low + len(core)

    def _block(self, kind: str, text: str) -> Block:
        match kind:
            case "heading":
                found = _HEADING.match(text)
                return Heading(int(found[1]) if found else 1, phrases.read((found[2] if found else text) or ""))
            case "rule":
                return Rule()
            case "quoted":
                found = _QUOTED.match(text)
                return Quote((Paragraph(phrases.read(found[1] if found else text)),))
            case "table":
                return Table(tuple(tuple(_cells(row)) for row in _rows(text)))
            case "bullets" | "numbers":
                return _lists(_entries(text), 0)[0]
        return read_paragraph(phrases.read(text), self._foreign)


def _kind(line: str, current: str) -> str:
    """What a line belongs to, given what the line before it was; empty for a blank line."""
    if not line.strip():
        return ""
    for kind, pattern in (("heading", _HEADING), ("rule", _RULE), ("quoted", _QUOTED), ("table", _ROW)):
        if pattern.match(line):
            return kind
    bullet = _BULLET.match(line)
    if bullet:
        return "numbers" if bullet[1][0] == "#" else "bullets"
    return current if current in ("bullets", "numbers") else "paragraph"


def _entries(text: str) -> list[tuple[str, str]]:
    """List lines as (markers, text); a line without markers goes on with the entry before it."""
    found: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        bullet = _BULLET.match(line)
        if bullet:
            found.append((bullet[1][: MAX_DEPTH + 1], [line[bullet.end() :]]))
        else:
            found[-1][1].append(line)
    return [(markers, "\n".join(lines)) for markers, lines in found]


def _lists(entries: Sequence[tuple[str, str]], level: int) -> list[List]:
    """Entries of one depth and what is nested below them; another kind of marker begins another list."""
    lists: list[tuple[bool, list[Item]]] = []
    at = 0
    while at < len(entries):
        markers, text = entries[at]
        end = at + 1
        while end < len(entries) and len(entries[end][0]) > level + 1:
            end += 1
        own = len(markers) <= level + 1
        nested = _lists(entries[at + own : end], level + 1)
        numbered = markers[min(level, len(markers) - 1)] == "#"
        if not lists or lists[-1][0] != numbered:
            lists.append((numbered, []))
        blocks = tuple(Paragraph(phrases.read(part)) for part in text.split(_APART)) if own else ()
        item = read_item(blocks, _ITEM, bullets=not numbered)
        lists[-1][1].append(replace(item, blocks=(*item.blocks, *nested)))
        at = end
    return [List(tuple(items), 1 if numbered else None) for numbered, items in lists]


def _rows(text: str) -> Iterator[str]:
    """Rows of a table; a line that does not begin one goes on with the last."""
    row = ""
    for line in text.split("\n"):
        if row and _ROW.match(line):
            yield row
            row = line
        else:
            row = f"{row}\n{line}" if row else line
    yield row


def _cells(row: str) -> Iterator[Spans]:
    cells = [found[2] for found in _CELL.finditer(row.strip())]
    for at, cell in enumerate(cells):
        if cell or at < len(cells) - 1:
            yield phrases.read(cell.strip())


# --- writing --------------------------------------------------------------------------------------------------------


def _block(block: Block, foreign: _Foreign) -> str:
    if foreign(block):
        return phrases.written(spell(block))
    match block:
        case Paragraph(_, str(kept)):
            return kept
        case Paragraph(spans):
            return phrases.written(guarded(spans, foreign))
        case Heading(level, spans):
            return f"h{level}. {phrases.written(spans, breaks=_BREAK)}"
        case Code(text, language):
            name = "code" if language else "noformat"
            body = text.replace(f"{{{name}", f"{{{GUARD}{name}")
            return f"{{{name}{':' + language if language else ''}}}\n{body}\n{{{name}}}"
        case Rule():
            return "----"
        case Quote(blocks, kept):
            return _quote(blocks, kept)
        case List():
            return "\n".join(_list(block, ""))
        case Table(rows):
            return "\n".join(_row(row, "||" if at == 0 else "|") for at, row in enumerate(rows))


def _quote(blocks: Blocks, kept: object) -> str:
    opening = kept if isinstance(kept, str) else "{quote}"
    inner = "\n\n".join(_block(block, _WITHIN) for block in (blocks if opening == "{quote}" else blocks[1:]))
    return f"{opening}\n{inner}\n{{{opening[1:6]}}}"


def _list(block: List, prefix: str) -> Iterator[str]:
    marker = prefix + ("*" if block.start is None else "#")
    for item in block.items:
        texts: list[str] = []
        nested: list[str] = []
        first = item_text(item, _ITEM, bullets=block.start is None)
        for at, inner in enumerate(item.blocks):
            if isinstance(inner, List) and not _ITEM(inner):
                nested += _list(inner, marker)
            else:
                texts.append(phrases.written(first) if first is not None and not at else _block(inner, _ITEM))
        yield f"{marker} {_APART.join(texts) or GUARD}"
        yield from nested


def _row(row: Sequence[Spans], bar: str) -> str:
    return bar + "".join(f"{phrases.written(cell, breaks=_BREAK) or ' '}{bar}" for cell in row)
