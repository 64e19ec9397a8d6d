"""A document to Markdown, in one normal form that reads back as the same document."""

import re
from collections.abc import Iterator, Sequence

from connectors.richtext.document import Block, Blocks, Code, Heading, Item, List, Paragraph, Quote, Rule, Table
from connectors.richtext.spelling import line, spelled
from connectors.richtext.tidy import tidy

_FENCES = re.compile(r"^\s*(`{3,})", re.MULTILINE)
_BOXED = re.compile(r"\[[ xX]\](?:\s|$)")


def render(blocks: Sequence[Block]) -> str:
    """The Markdown of a document, without a newline at its end; empty for an empty one."""
    return write(tidy(blocks))


def write(blocks: Blocks, *, in_item: bool = False) -> str:
    """`render` for blocks that are tidy already, as those parsed are."""
    parts: list[str] = []
    previous: Block | None = None
    marker = 0
    for block in blocks:
        marker = (marker + 1) % 2 if isinstance(previous, List) and _same_kind(previous, block) else 0
        if parts:
            parts.append("\n" if in_item and _may_follow_closely(previous, block) else "\n\n")
        parts.append(_block(block, marker, opens_item=in_item and previous is None))
        previous = block
    return "".join(parts)


def _same_kind(previous: List, block: Block) -> bool:
    """Whether two lists would flow into one, were their markers not different."""
    return isinstance(block, List) and (block.start is None) == (previous.start is None)


def _may_follow_closely(previous: Block | None, block: Block) -> bool:
    """Only a list that is allowed to interrupt a paragraph goes without a blank line."""
    return isinstance(previous, Paragraph) and isinstance(block, List) and block.start in (None, 1)


def _block(block: Block, marker: int, *, opens_item: bool) -> str:
    match block:
        case Paragraph(spans):
            return spelled(spans)
        case Heading(level, spans):
            return f"{'#' * level} {_heading_end(line(spans))}"
        case Code(text, language):
            fence = "`" * max([3, *(len(found) + 1 for found in _FENCES.findall(text))])
            return f"{fence}{language}\n{text}\n{fence}"
        case Rule():
            # `- ---` would itself be a rule.
            return "___" if opens_item else "---"
        case Quote(blocks):
            return "\n".join(f"> {row}" if row else ">" for row in write(blocks).split("\n"))
        case List(items, start):
            return "\n".join(_items(items, start, marker))
        case Table(rows):
            head, *body = (f"| {' | '.join(line(cell).replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
            return "\n".join([head, f"| {' | '.join('---' for _ in rows[0])} |", *body])


def _heading_end(text: str) -> str:
    """Closing `#` are decoration unless escaped."""
    return re.sub(r"(^|(?<=\s))(#+)$", r"\\\2", text)


def _items(items: Sequence[Item], start: int | None, marker: int) -> Iterator[str]:
    for number, item in enumerate(items, start or 0):
        lead = "-*"[marker] + " " if start is None else f"{number}{'.)'[marker]} "
        text = write(item.blocks, in_item=True)
        if item.checked is not None:
            text = f"[{'x' if item.checked else ' '}] {text}"
        elif start is None and _BOXED.match(text):
            text = "\\" + text
        yield lead + f"\n{' ' * len(lead)}".join(text.split("\n")).replace(f"\n{' ' * len(lead)}\n", "\n\n")
