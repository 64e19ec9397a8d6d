"""Canonical rich text: Markdown in one normal form. What this module does not say, `reading` and `writing` do."""

from connectors.richtext.document import Blocks
from connectors.richtext.memo import remembered
from connectors.richtext.reading import parse
from connectors.richtext.writing import render, write

__all__ = ["Blocks", "normal", "parse", "render"]


def normal(markdown: str | None) -> str | None:
    """The one spelling of this Markdown; None where nothing would be seen. Applying it again changes nothing.

    CommonMark with tables, strikethrough and task boxes. A single newline in a paragraph is a blank, as CommonMark has
    it. Dropped: link titles, column alignment, HTML's meaning (its text stays), empty blocks.
    """
    return _normal(markdown) if markdown else None


@remembered
def _normal(markdown: str) -> str | None:
    return write(parse(markdown)) or None
