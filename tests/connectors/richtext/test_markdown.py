"""Canonical Markdown: one spelling, which reads back as the same document."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.richtext.document import EM, STRONG, Blocks, Span, plain, runs
from connectors.richtext.markdown import normal, parse, render
from connectors.richtext.spelling import spelled
from connectors.richtext.tidy import tidy
from tests.connectors.richtext.generated import DOCUMENTS, SOURCES


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.text(), SOURCES))
def test_normal_form_is_stable(source: str) -> None:
    once = normal(source)
    assert normal(once) == once
    assert parse(once) == parse(source)
    assert (render(parse(once)) or None) == once


@settings(deadline=None, max_examples=150)
@given(DOCUMENTS)
def test_documents_survive_rendering(document: Blocks) -> None:
    tidied = tidy(document)
    assert tidy(tidied) == tidied
    assert [plain(run) for run in runs(parse(render(document)))] == [plain(run) for run in runs(tidied)]
    # Bold and italics that overlap within a word have no spelling in CommonMark.
    if not any({STRONG, EM} <= frozenset[str]().union(*(span.marks for span in run)) for run in runs(tidied)):
        assert parse(render(document)) == tidied


@pytest.mark.parametrize("blank", [None, "", " ", "\n\n", "\xa0", "\u3000\n", "#", "> ", "- "])
def test_blank_text_is_none(blank: str | None) -> None:
    assert normal(blank) is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a\r\n\r\nb\xa0c", "a\n\nb c"),
        ("* x\n* y\n  1) z", "- x\n- y\n  1. z"),
        ("__a__ _b_", "**a** *b*"),
        ("Title\n=====", "# Title"),
        ("a  \nb", "a\\\nb"),
        ("a\nb", "a b"),
        ("- [X] done\n- [ ] open", "- [x] done\n- [ ] open"),
        ("- \\[ ] only text", "- \\[ ] only text"),
        ("|a|b|\n|:-|-|\n|1", "| a | b |\n| --- | --- |\n| 1 |  |"),
        ("| a |\n| --- |\n| x<br>`p\\|q` |", "| a |\n| --- |\n| x<br>`p\\|q` |"),
        ("**重要：**请看*“这里”*的", "**重要：**请看*“这里”*的"),
        ("[a](https://en.wikipedia.org/wiki/B_(c))", "[a](https://en.wikipedia.org/wiki/B_(c))"),
        ("<https://a.b/c_d>", "<https://a.b/c_d>"),
        ("``a ` b``", "``a ` b``"),
        ("snake_case, 3 < 4, [DONE], C:\\dir", "snake_case, 3 < 4, [DONE], C:\\dir"),
        ("<b>no html</b>", "\\<b>no html\\</b>"),
        ("[x](javascript:alert(1))", "[x]\\(javascript:alert(1))"),
        ("- a\n\n* b", "- a\n\n* b"),
    ],
)
def test_known_spellings(source: str, expected: str) -> None:
    assert parse(expected) == parse(source)
    if "javascript" not in source:
        assert normal(source) == expected


@pytest.mark.parametrize(
    "text", ["# a", "- a", "1. a", "> a", "---", "a\n===", "a | b\n--- | ---", "*a* `b` [c](d) &amp; <e>"]
)
def test_literal_text_is_escaped(text: str) -> None:
    spans = (Span(text),)
    (block,) = parse(spelled(spans))
    assert list(runs((block,))) == [spans]


@pytest.mark.parametrize("unit", ["[", "*", "**a", "> ", "![a", "`", "<", "- ", "|a", "&", "a\n", "_a ", "[a](", "~~"])
def test_hostile_text_stays_finite(unit: str) -> None:
    source = unit * (4096 // len(unit))
    once = normal(source)
    assert normal(once) == once


def test_deep_nesting_keeps_its_text() -> None:
    source = "".join(f"{'>' * depth} level{depth}\n\n" for depth in range(1, 60))
    text = "\n".join(plain(run) for run in runs(parse(source)))
    assert all(f"level{depth}" in text for depth in range(1, 60))
