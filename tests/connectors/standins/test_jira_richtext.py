"""ADF: what is valid, and how it reads as wiki markup and back."""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from connectors.standins.jira import adf, wiki

SHARED = Path(os.environ.get("SYNCLINE_SHARED", Path(__file__).parents[4] / "shared"))
SCHEMA = SHARED / "specs/jira/adf-full.schema.json"


def _text(text: str, *marks: str) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"marks": [{"type": mark} for mark in marks]} if marks else {})}


def _node(kind: str, *content: dict[str, Any], **attrs: Any) -> dict[str, Any]:
    return {"type": kind, **({"attrs": attrs} if attrs else {}), **({"content": list(content)} if content else {})}


def _doc(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


P = _node("paragraph", _text("x"))
ITEM = _node("listItem", P)
VALID = [
    (_doc(), ""),
    (_doc(P), "x"),
    (_doc(_node("paragraph", _text("a", "strong"), _node("hardBreak"), _text("b", "code"))), "*a*\n{{b}}"),
    (_doc(_node("heading", _text("T"), level=3)), "h3. T"),
    (_doc(_node("bulletList", _node("listItem", P, _node("orderedList", ITEM)))), "* x\n*# x"),
    (_doc(_node("codeBlock", _text("1 < 2"), language="py")), "{code:py}\n1 < 2\n{code}"),
    (_doc(_node("panel", P, panelType="info")), "{panel}\nx\n{panel}"),
    (_doc(_node("table", _node("tableRow", _node("tableHeader", P), _node("tableHeader", P)))), "||x||x||"),
    (
        _doc(_node("taskList", _node("taskItem", _text("t"), localId="2", state="DONE"), localId="1")),
        "* [x] t",
    ),
    (_doc(_node("paragraph", _node("mention", id="712020:a", text="@Ana"))), "[~accountid:712020:a]"),
    (_doc(_node("expand", P, title="more"), _node("rule")), "x\n\n----"),
]
INVALID = [
    {"type": "doc", "content": []},
    _doc(_text("loose")),
    _doc(_node("paragraph", _text(""))),
    _doc(_node("nope")),
    _doc(_node("heading", _text("T"))),
    _doc(_node("heading", _text("T"), level=7)),
    _doc(_node("bulletList")),
    _doc(_node("paragraph", _text("a", "code", "strong"))),
    _doc(_node("paragraph", _text("a", "shout"))),
    _doc(_node("paragraph", {"type": "text", "text": "a", "marks": [{"type": "link", "attrs": {}}]})),
    _doc(_node("panel", P)),
    _doc(_node("paragraph", _text("x"), colour="red")),
    _doc(_node("paragraph", P)),
    _doc({**P, "extra": 1}),
]
STRICTER = _doc(_node("bulletList", _node("listItem", _node("bulletList", ITEM))))


@pytest.mark.parametrize(("document", "text"), VALID)
def test_document_reads_as_wiki(document: dict[str, Any], text: str) -> None:
    assert adf.is_document(document)
    assert wiki.to_wiki(document) == text


@pytest.mark.parametrize("document", [*INVALID, STRICTER])
def test_invalid_document_is_refused(document: dict[str, Any]) -> None:
    assert not adf.is_document(document)


@pytest.mark.skipif(not SCHEMA.exists(), reason="the ADF schema is not in ../shared")
def test_verdicts_agree_with_schema() -> None:
    validator = jsonschema.Draft4Validator(json.loads(SCHEMA.read_text()))
    for document in [one for one, _ in VALID] + INVALID:
        assert validator.is_valid(document) == adf.is_document(document), document


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "h2. Title\n\n* one\n* *two* and _three_",
        "# first\n# second",
        "{code:py}\na = 1\n\nb = 2\n{code}",
        "see [the page|https://acme.example/a] and {{code}}",
        "one\ntwo\n\nthree",
        "[~accountid:712020:a] 陈 🚀",
    ],
)
def test_wiki_survives_round_trip(text: str) -> None:
    document = wiki.to_adf(text)
    assert adf.is_document(document)
    assert wiki.to_wiki(document) == text


def test_html_is_escaped() -> None:
    assert wiki.to_html("<b>\nx\n\ny") == "<p>&lt;b&gt;<br/>x</p>\n<p>y</p>"
