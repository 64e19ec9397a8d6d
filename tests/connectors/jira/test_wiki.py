"""Jira's wiki markup to and from Markdown."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings

from connectors.jira import wiki
from connectors.richtext.document import Blocks
from connectors.richtext.markdown import normal, render
from tests.connectors.richtext.generated import DOCUMENTS
from tests.connectors.richtext.laws import assert_previous_is_harmless, assert_round_trip, assert_untouched

SHARED = Path(os.environ.get("SYNCLINE_SHARED", Path(__file__).parents[3].parent / "shared"))
COMMENTED = SHARED / "recorded/jira/zulip"


@settings(deadline=None, max_examples=100)
@given(DOCUMENTS, DOCUMENTS)
def test_codec_obeys_the_laws(document: Blocks, other: Blocks) -> None:
    assert_round_trip(wiki, render(document))
    assert_untouched(wiki, wiki.from_markdown(render(document)))
    assert_previous_is_harmless(wiki, render(document), render(other))


@pytest.mark.parametrize(
    ("markdown", "native"),
    [
        ("a **b** *c* ~~d~~ `e`", "a *b* _c_ -d- {{e}}"),
        ("x**y**z", "x{*}y{*}z"),
        ("**重要：**请看", "{*}重要：{*}请看"),
        ("### T", "h3. T"),
        ("- a\n  1. b\n- c", "* a\n*# b\n* c"),
        ("- [x] a", "* \\[x\\] a"),
        ("> q", "{quote}\nq\n{quote}"),
        ("```python\nx = {1}\n```", "{code:python}\nx = {1}\n{code}"),
        ("| a | b |\n| --- | --- |\n| 1 |  |", "||a||b||\n|1| |"),
        ("[t](https://x.y/z_(a)) <https://x.y>", "[t|https://x.y/z_(a)] [https://x.y]"),
        ("a\\\nb", "a\nb"),
        ("---", "----"),
        ("\\*a\\* {b} well-known 1 - 2 snake_case", "\\*a\\* \\{b\\} well-known 1 - 2 snake_case"),
        ("h1\\. no title", "h1&#46; no title"),
    ],
)
def test_known_spellings(markdown: str, native: str) -> None:
    assert wiki.from_markdown(markdown) == native
    assert wiki.to_markdown(native) == normal(markdown)


@pytest.mark.parametrize(
    ("native", "markdown"),
    [
        ("ASAP\\! *bold* +u+ H{~}2{~}O", "ASAP! **bold** u H2O"),
        ("bq. said", "> said"),
        ("{code:title=A|java}\nx\n{code}\nafter", "```java\nx\n```\n\nafter"),
        ("- a\r\n- b\r\n\r\nc", "- a\n- b\n\nc"),
        ("|a|b|\n|1|[t\\|u|http://x.y]|", "| a | b |\n| --- | --- |\n| 1 | [t\\|u](http://x.y) |"),
        ("{quote}open", "{quote}open"),
        ("2 * 3 * 4 and a-b-c", "2 \\* 3 \\* 4 and a-b-c"),
    ],
)
def test_foreign_markup_is_read(native: str, markdown: str) -> None:
    assert wiki.to_markdown(native) == markdown


@pytest.mark.parametrize(
    "kept", ["[~ana]", "!plan v2.png|thumbnail!", "{color:red}hot{color}", "{anchor:x}", "[^log.txt]", "+under+"]
)
def test_inline_markup_survives_edits(kept: str) -> None:
    native = f"See {kept} now.\r\n\r\n*Below*\r\n"
    edited = (wiki.to_markdown(native) or "").replace("See", "Look at")
    assert wiki.from_markdown(edited, native) == f"Look at {kept} now.\r\n\r\n*Below*\r\n"


def test_edited_panel_stays_panel() -> None:
    native = "{panel:title=T|bgColor=#fff}\nin\n{panel}\n\nout"
    edited = (wiki.to_markdown(native) or "").replace("> in", "> inner")
    assert wiki.from_markdown(edited, native) == "{panel:title=T|bgColor=#fff}\ninner\n{panel}\n\nout"


@pytest.mark.skipif(not COMMENTED.exists(), reason="no recordings beside this repository")
def test_recorded_comments_come_back() -> None:
    bodies = [json.loads(path.read_text()).get("comment", {}).get("body") for path in COMMENTED.rglob("*comment*.json")]
    assert any(bodies)
    for body in filter(None, bodies):
        assert_untouched(wiki, body)
        assert_round_trip(wiki, wiki.to_markdown(body))


@pytest.mark.parametrize(
    "unit", ["{code}", "{quote}", "{panel:a}", "*a", "[a|", "|a", "* ", "!a", "{{", "{color:red}", "\\", "&#1;"]
)
def test_hostile_text_stays_finite(unit: str) -> None:
    back = wiki.to_markdown(unit * (4096 // len(unit)))
    assert normal(back) == back
