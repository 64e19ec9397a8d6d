"""A copied comment is recognised by its first line, after a trip through each system's own markup."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.asana import html
from connectors.contract import Comment
from connectors.jira import adf, wiki
from workflows.sync.mirror import copied, original_url

WHEN = datetime(2026, 11, 20, tzinfo=UTC)
URLS = (
    "https://acme.atlassian.net/browse/ENG-12?focusedCommentId=10042#comment-10042",
    "https://app.asana.com/0/1204001/1205000000000030/f?x=(a)&y=b_c_*d*~e~",
    "http://127.0.0.1:8901/browse/ENG-1?focusedCommentId=7",
)
TRIPS: dict[str, Callable[[str], str | None]] = {
    "markdown": lambda text: text,
    "adf": lambda text: adf.to_markdown(adf.from_markdown(text)),
    "wiki": lambda text: wiki.to_markdown(wiki.from_markdown(text)),
    "asana": lambda text: html.to_markdown(html.from_markdown(text)),
}
AUTHORS = (
    "Ana Chen", "Chen Wei (陈伟)", "O'Brien, [QA]", "a_b_c", "*star*", "back\\slash", "<b>", "`code`", "]", ")(", "_",
    "**", "![x](y)", "ü ß 🚀", "عربي", "#1", "1. Ana", "- Ana", "> Ana", "a|b", "~~gone~~", "{noformat}", "[~ana]",
    "&amp;", "",
)  # fmt: skip


def comment(author: str, url: str = URLS[0], body: str = "Done, see *below*.") -> Comment:
    return Comment("7", author, body, WHEN, WHEN, url, own=False)


@pytest.mark.parametrize("trip", TRIPS)
@pytest.mark.parametrize("author", AUTHORS)
def test_odd_author_is_recognised(trip: str, author: str) -> None:
    back = TRIPS[trip](copied(comment(author)))
    assert back is not None
    assert original_url(back) == URLS[0]


@pytest.mark.parametrize("trip", TRIPS)
@pytest.mark.parametrize("url", URLS)
def test_odd_address_is_recognised(trip: str, url: str) -> None:
    back = TRIPS[trip](copied(comment("Ana Chen", url)))
    assert back is not None
    assert original_url(back) == url


@pytest.mark.parametrize("trip", TRIPS)
@given(author=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12))
def test_any_author_is_recognised(trip: str, author: str) -> None:
    back = TRIPS[trip](copied(comment(author)))
    assert back is not None
    assert original_url(back) == URLS[0]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Done.",
        "**bold** start",
        "see [Ana](https://x.example)",
        "**[no link]**",
        "text **[Ana](https://x.example)**",
    ],
)
def test_other_comment_is_no_copy(body: str) -> None:
    assert original_url(body) is None


def test_copy_of_copy_names_the_copy() -> None:
    first = copied(comment("Ana Chen", URLS[0]))
    assert original_url(copied(comment("Bot", URLS[1], first))) == URLS[1]
