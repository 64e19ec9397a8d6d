"""Asana's rich text to and from Markdown."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings

from connectors.asana import html
from connectors.richtext.document import Blocks
from connectors.richtext.markdown import normal, render
from tests.connectors.richtext.generated import DOCUMENTS
from tests.connectors.richtext.laws import assert_previous_is_harmless, assert_round_trip, assert_untouched

EVERYWHERE = {"body", "strong", "em", "u", "s", "code", "ol", "ul", "li", "a", "pre", "blockquote"}
MENTION = '<a href="https://app.asana.com/0/12" data-asana-gid="12" data-asana-type="user">@Ana Chen</a>'
PICTURE = '<img data-asana-gid="7" src="https://x.y/p.png" alt="plan.png"/>'


@settings(deadline=None, max_examples=100)
@given(DOCUMENTS, DOCUMENTS)
def test_codec_obeys_the_laws(document: Blocks, other: Blocks) -> None:
    assert_round_trip(html, render(document))
    assert_untouched(html, html.from_markdown(render(document)))
    assert_previous_is_harmless(html, render(document), render(other))


@settings(deadline=None, max_examples=60)
@given(DOCUMENTS)
def test_written_bodies_are_valid(document: Blocks) -> None:
    for headings, tags in ((True, EVERYWHERE | {"h1", "h2", "hr"}), (False, EVERYWHERE)):
        native = html.from_markdown(render(document), headings=headings)
        for element in ET.fromstring(native or "<body/>").iter():
            assert element.tag in tags
            assert set(element.attrib) == ({"href"} if element.tag == "a" else set())


@pytest.mark.parametrize(
    ("markdown", "native"),
    [
        ("a **b** *c* ~~d~~ `e`", "a <strong>b</strong> <em>c</em> <s>d</s> <code>e</code>"),
        ("**重要：**请看", "<strong>重要：</strong>请看"),
        ("# A\n\n### B", "<h1>A</h1>\n### B"),
        ("a\\\nb\n\nc", "a\nb\n\nc"),
        ("- a\n  1. b", "<ul><li>a<ol><li>b</li></ol></li></ul>"),
        ("- [x] a", "<ul><li>[x] a</li></ul>"),
        ("> q", "<blockquote>q</blockquote>"),
        ("```\na < b\n```", "<pre>a &lt; b</pre>"),
        ("```sql\na\n```", "<pre>```sql\na\n```</pre>"),
        ("| a |\n| --- |\n| *b* |", "<pre>| a |\n| --- |\n| *b* |</pre>"),
        ("[t](https://x.y/?a=1&b=2)", '<a href="https://x.y/?a=1&amp;b=2">t</a>'),
        ("5. a\n6. b", "5. a\n6. b"),
        ("\\### no title", "\u2060### no title"),
    ],
)
def test_known_spellings(markdown: str, native: str) -> None:
    assert html.from_markdown(markdown) == f"<body>{native}</body>"
    assert html.to_markdown(f"<body>{native}</body>") == normal(markdown)
    assert html.losses(markdown) == ()


def test_comments_have_no_titles() -> None:
    native = html.from_markdown("# A\n\nb\n\n---", headings=False)
    assert native == "<body># A\n\nb\n\n---</body>"
    assert html.to_markdown(native) == "# A\n\nb\n\n---"


@pytest.mark.parametrize("kept", [MENTION, PICTURE, "<u>under</u>", '<a data-asana-gid="9"/>'])
def test_inline_nodes_survive_edits(kept: str) -> None:
    native = f"<body>Ask {kept} now.\n\n\nBelow &#x41;<ul>\n<li>x</li>\n</ul></body>"
    edited = (html.to_markdown(native) or "").replace("now", "soon")
    assert html.from_markdown(edited, native) == native.replace("now", "soon")


@pytest.mark.parametrize(
    ("native", "markdown"),
    [
        ("plain & <b>bold</b>", "plain & **bold**"),
        ("<body><ul><li>a</li><ul><li>b</li></ul></ul></body>", "- a\n  - b"),
        ("<body><strong>a\n\nb</strong></body>", "**a**\n\n**b**"),
        ("<body><table><tr><td>a</td><td>b</td></tr></table></body>", "| a | b |\n| --- | --- |"),
        ("<body>a<br/>b<p>c</p></body>", "a\\\nb\n\nc"),
        ("<body><ul><li>open", "- open"),
    ],
)
def test_foreign_markup_is_read(native: str, markdown: str) -> None:
    assert html.to_markdown(native) == markdown


def test_torn_marks_stay_valid() -> None:
    native = "<body><strong>a\n\nb</strong></body>"
    assert html.from_markdown("**a**\n\nc", native) == "<body><strong>a</strong>\n\nc</body>"


@pytest.mark.parametrize(
    "unit", ["<", "<a ", "<ul><li>", "<b>", "</ul>", "<!--", "<blockquote>", "<table><tr><td>", "&", "<pre>"]
)
def test_hostile_text_stays_finite(unit: str) -> None:
    back = html.to_markdown(f"<body>{unit * (4096 // len(unit))}</body>")
    assert normal(back) == back


def test_entities_do_not_expand() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><body>&b;</body>'
    assert len(html.to_markdown(bomb) or "") < len(bomb)
