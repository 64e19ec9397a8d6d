"""Jira's document format to and from Markdown."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from connectors.jira import adf
from connectors.richtext.document import Blocks
from connectors.richtext.markdown import normal, render
from tests.connectors.richtext.generated import DOCUMENTS
from tests.connectors.richtext.laws import assert_previous_is_harmless, assert_round_trip, assert_untouched

SHARED = Path(os.environ.get("SYNCLINE_SHARED", Path(__file__).parents[3].parent / "shared"))
SCHEMA = SHARED / "specs/jira/adf-full.schema.json"
RECORDED = SHARED / "recorded/jira"


@cache
def validator() -> jsonschema.Draft4Validator:
    return jsonschema.Draft4Validator(json.loads(SCHEMA.read_text()))


def doc(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


def para(*content: dict[str, Any] | str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": c} if isinstance(c, str) else c for c in content]}


MENTION = {"type": "mention", "attrs": {"id": "5b10", "text": "@Ana Chen", "accessLevel": ""}}
STATUS = {"type": "status", "attrs": {"text": "DONE", "color": "green", "localId": "s1"}}
DATE = {"type": "date", "attrs": {"timestamp": "1796083200000"}}
EMOJI = {"type": "emoji", "attrs": {"shortName": ":smile:", "id": "1f604", "text": "😄"}}
CARD = {"type": "inlineCard", "attrs": {"url": "https://acme.example/x_y"}}
FUTURE = {"type": "hologram", "attrs": {"depth": 3}}
RED = {"type": "text", "text": "red", "marks": [{"type": "textColor", "attrs": {"color": "#ff0000"}}]}
MEDIA = {
    "type": "mediaSingle",
    "content": [{"type": "media", "attrs": {"type": "file", "id": "m1", "collection": "", "alt": "plan.png"}}],
}
PANEL = {"type": "panel", "attrs": {"panelType": "info"}, "content": [para("inside")]}


@settings(deadline=None, max_examples=100)
@given(DOCUMENTS, DOCUMENTS)
def test_codec_obeys_the_laws(document: Blocks, other: Blocks) -> None:
    assert_round_trip(adf, render(document))
    assert_untouched(adf, adf.from_markdown(render(document)))
    assert_previous_is_harmless(adf, render(document), render(other))


@pytest.mark.skipif(not SCHEMA.exists(), reason="the vendor's schema is not beside this repository")
@settings(deadline=None, max_examples=60)
@given(DOCUMENTS)
def test_written_documents_are_valid(document: Blocks) -> None:
    native = adf.from_markdown(render(document))
    assert native is None or list(validator().iter_errors(native)) == []


@pytest.mark.skipif(not RECORDED.exists(), reason="no recordings beside this repository")
def test_recorded_documents_come_back() -> None:
    def docs(value: object) -> list[dict[str, Any]]:
        if isinstance(value, list):
            return [found for inner in value for found in docs(inner)]
        if not isinstance(value, dict):
            return []
        own = [value] if value.get("type") == "doc" and "content" in value else []
        return own + [found for inner in value.values() for found in docs(inner)]

    recorded = [found for path in RECORDED.rglob("*.json") for found in docs(json.loads(path.read_text()))]
    assert recorded
    for native in recorded:
        assert_untouched(adf, native)
        assert_round_trip(adf, adf.to_markdown(native))


@pytest.mark.parametrize("node", [MENTION, STATUS, DATE, EMOJI, CARD, FUTURE, RED])
def test_inline_nodes_survive_edits(node: dict[str, Any]) -> None:
    native = doc(para("Ask ", node, " about it."), para("Below."))
    edited = (adf.to_markdown(native) or "").replace("about it", "about this").replace("Below", "Beneath")
    assert adf.from_markdown(edited, native) == doc(para("Ask ", node, " about this."), para("Beneath."))


@pytest.mark.parametrize("node", [MEDIA, PANEL, {"type": "layoutSection", "content": []}, FUTURE])
def test_blocks_survive_neighbouring_edits(node: dict[str, Any]) -> None:
    native = doc(para("Above."), node, para(), para("Below."))
    edited = (adf.to_markdown(native) or "").replace("Above", "On top")
    assert adf.from_markdown(edited, native) == doc(para("On top."), node, para(), para("Below."))


def test_edited_panel_stays_panel() -> None:
    native = doc(PANEL, para("Below."))
    edited = (adf.to_markdown(native) or "").replace("inside", "changed **inside**")
    written = adf.from_markdown(edited, native)
    assert written is not None
    panel = written["content"][0]
    assert (panel["type"], panel["attrs"]) == ("panel", {"panelType": "info"})
    assert panel["content"][0]["content"][1] == {"type": "text", "text": "inside", "marks": [{"type": "strong"}]}


def test_deleted_placeholder_is_deleted() -> None:
    native = doc(para("Above."), MEDIA)
    assert adf.from_markdown("Above.", native) == doc(para("Above."))


def test_unknown_placeholder_stays_text() -> None:
    markdown = adf.to_markdown(doc(MEDIA))
    assert markdown is not None
    assert markdown.startswith("⟦mediaSingle: plan.png·")
    assert adf.from_markdown(markdown) == doc(para(markdown))


def test_tasks_become_task_lists() -> None:
    native = adf.from_markdown("- [x] a\n  - [ ] b\n- [ ] c")
    assert native is not None
    (tasks,) = native["content"]
    assert [node["type"] for node in tasks["content"]] == ["taskItem", "taskList", "taskItem"]
    assert adf.from_markdown("- [x] a\n  - [ ] b\n- [ ] c") == native


@pytest.mark.parametrize(
    "foreign", [3, [], {"content": 3}, {"content": [{"type": 3, "content": [1, {"type": "text", "text": 5}]}]}]
)
def test_foreign_input_never_raises(foreign: Any) -> None:
    assert normal(adf.to_markdown(foreign)) == adf.to_markdown(foreign)


def test_deep_document_is_bounded() -> None:
    node = para("deep")
    for _ in range(5000):
        node = {"type": "blockquote", "content": [node]}
    assert "⟦blockquote·" in (adf.to_markdown(doc(node)) or "")


def test_losses_are_named() -> None:
    assert adf.losses("**`a`** b") == ("bold",)
    assert adf.losses("# a\n\n> # b\n\n- | t |\n  | --- |") == ()
