"""Documents for property tests: every construct, full of characters that mean something in some markup."""

from hypothesis import strategies as st

from connectors.richtext.document import (
    CODE,
    EM,
    IMAGE,
    STRIKE,
    STRONG,
    Blocks,
    Code,
    Heading,
    Item,
    List,
    Paragraph,
    Quote,
    Rule,
    Span,
    Table,
)

_PIECES = [
    *"ab c中！*_~`[]()<>#-+=|:\\!&;.1{}?^\n ",
    "https://x.y/a_b",
    "word ",
    "字",
    "[ ] ",
    "\u3000",
    "é",
    "😀",
    "\x0b",
    "h1. ",
    "{code}",
]
TEXTS = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=6).map("".join)
_MARKS = st.sets(st.sampled_from([STRONG, EM, STRIKE, CODE, IMAGE]), max_size=3).map(frozenset)
_HREFS = st.sampled_from(
    [None, None, None, "https://x.y/z_(a)", "u(a", "mailto:a@b.c?x=1&copy;=2", "javascript:alert(1)"]
)
SPANS = st.lists(st.builds(Span, TEXTS, _MARKS, _HREFS), max_size=5).map(tuple)
_LEAVES = st.one_of(
    st.builds(Paragraph, SPANS),
    st.builds(Heading, st.integers(1, 6), SPANS),
    st.builds(Code, TEXTS, st.sampled_from(["", "python", "c++"])),
    st.just(Rule()),
    st.builds(Table, st.lists(st.lists(SPANS, max_size=3).map(tuple), max_size=3).map(tuple)),
)


def _containers(children: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    blocks = st.lists(children, max_size=3).map(tuple)
    items = st.lists(st.builds(Item, blocks, st.sampled_from([None, True, False])), max_size=3).map(tuple)
    return st.one_of(st.builds(Quote, blocks), st.builds(List, items, st.sampled_from([None, None, 1, 5])))


DOCUMENTS: st.SearchStrategy[Blocks] = st.lists(st.recursive(_LEAVES, _containers, max_leaves=5), max_size=3).map(tuple)  # type: ignore[arg-type]

# Half markup, half noise: what people and machines put into a Markdown field.
SOURCES = st.lists(
    st.sampled_from(
        [*_PIECES, "**", "~~", "\n\n", "\n- ", "\n1. ", "\n> ", "    ", "```", "| a |\n| --- |\n", "[a](u)", "![x](y)"]
    ),
    max_size=25,
).map("".join)
