"""Keeping what Markdown cannot say, whatever the vendor."""

import pytest

from connectors.richtext.document import Paragraph, Span, runs
from connectors.richtext.keep import Node, Unit, carry, placeholder
from connectors.richtext.markdown import parse

ANA = Node("ana")


def units(*paragraphs: tuple[Span, ...]) -> list[Unit[str]]:
    return [Unit(Paragraph(spans), f"native {at}", at) for at, spans in enumerate(paragraphs)]


def kept(parts: list[Unit[str] | object]) -> list[object]:
    blocks = tuple(part for part in parts if isinstance(part, Paragraph))
    return [(span.text, span.kept) for run in runs(blocks) for span in run if span.kept]


def test_unchanged_and_moved_blocks_stay() -> None:
    old = units((Span("one"),), (Span("two"),), (Span("three"),))
    parts = carry(old, parse("three\n\nnew\n\none\n\ntwo"))
    assert [part.native if isinstance(part, Unit) else None for part in parts] == [
        "native 2",
        None,
        "native 0",
        "native 1",
    ]


@pytest.mark.parametrize(
    "edited",
    ["Please ask @Ana today", "Ask @Ana", "Today, **@Ana** is asked", "@Ana: new text\n\nAsk somebody else"],
)
def test_mention_is_found_again(edited: str) -> None:
    old = units((Span("Ask "), Span("@Ana", kept=ANA), Span(" today, not tomorrow")))
    assert kept(list(carry(old, parse(edited)))) == [("@Ana", ANA)]


def test_earlier_literal_is_left_alone() -> None:
    old = units((Span("Not @Ana but "), Span("@Ana", kept=ANA), Span(" it is.")))
    (part,) = carry(old, parse("Not @Ana but @Ana it was."))
    assert isinstance(part, Paragraph)
    assert [span.kept for span in part.spans] == [None, ANA, None]


def test_deleted_mention_is_gone() -> None:
    old = units((Span("Ask "), Span("@Ana", kept=ANA), Span(" today")))
    assert kept(list(carry(old, parse("Ask nobody today")))) == []


def test_placeholder_is_one_readable_line() -> None:
    text = placeholder("media", "my\n⟦odd⟧ · name", {"b": 1, "a": 2})
    assert text == placeholder("media", "my\n⟦odd⟧ · name", {"a": 2, "b": 1})
    assert text.startswith("⟦media: my odd name·")
    assert text != placeholder("media", "my odd name", {"a": 3})
