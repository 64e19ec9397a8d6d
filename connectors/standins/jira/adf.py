"""Whether a document is valid ADF, as strictly as Jira checks it: node names, structure, attributes and marks.

Jira answers INVALID_INPUT without saying what it did not like; so does this.
"""

from dataclasses import dataclass
from typing import Any, Final

LIST: Final = frozenset({"bulletList", "orderedList"})
MEDIA: Final = frozenset({"mediaSingle", "mediaGroup"})
EXTENSION: Final = frozenset({"extension", "bodiedExtension"})
INLINE: Final = frozenset(
    {"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status", "placeholder", "mediaInline"}
) | {"inlineExtension"}
PLAIN_BLOCK: Final = (
    LIST
    | MEDIA
    | EXTENSION
    | {"paragraph", "heading", "blockquote", "codeBlock", "panel", "rule", "taskList", "decisionList", "blockCard"}
    | {"embedCard"}
)
IN_PANEL: Final = (PLAIN_BLOCK - {"panel", "blockquote", "embedCard"}) | {"paragraph"}
CELL: Final = PLAIN_BLOCK | {"nestedExpand"}
TOP: Final = PLAIN_BLOCK | {"table", "expand", "layoutSection"}
MARKS: Final = frozenset(
    {"strong", "em", "code", "strike", "underline", "link", "subsup", "textColor", "backgroundColor", "annotation"}
)
BLOCK_MARKS: Final = frozenset({"alignment", "indentation", "breakout", "border", "fontSize", "dataConsumer"}) | {
    "fragment"
}
KEYS: Final = frozenset({"type", "content", "attrs", "marks", "text"})


@dataclass(frozen=True)
class Rule:
    """What a node may hold: kinds of children (none for a leaf), how many at least, which attributes."""

    inside: frozenset[str] = frozenset()
    least: int = 0
    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset({"localId"})
    first: frozenset[str] = frozenset()


def _rule(
    inside: frozenset[str] | set[str] = frozenset(), least: int = 0, needs: str = "", may: str = "", first: str = ""
) -> Rule:
    words = frozenset((needs + " " + may + " localId").split())
    return Rule(frozenset(inside), least, frozenset(needs.split()), words, frozenset(first.split()))


CARD: Final = _rule(may="url data layout width datasource")
MEDIA_NODE: Final = _rule(needs="type", may="id collection alt width height occurrenceKey url")
EXTENSION_WORDS: Final = "parameters text layout"
RULES: Final[dict[str, Rule]] = {
    "paragraph": _rule(INLINE),
    "heading": _rule(INLINE, needs="level"),
    "bulletList": _rule({"listItem"}, 1),
    "orderedList": _rule({"listItem"}, 1, may="order"),
    "listItem": _rule(
        LIST | MEDIA | {"paragraph", "codeBlock", "taskList", "extension"},
        1,
        first="paragraph mediaSingle codeBlock taskList extension",
    ),
    "blockquote": _rule(LIST | MEDIA | {"paragraph", "codeBlock", "extension"}, 1),
    "codeBlock": _rule({"text"}, may="language uniqueId wrap hideLineNumbers"),
    "panel": _rule(IN_PANEL, 1, needs="panelType", may="panelIcon panelIconId panelIconText panelColor"),
    "rule": _rule(),
    "table": _rule({"tableRow"}, 1, may="displayMode isNumberColumnEnabled layout width"),
    "tableRow": _rule({"tableCell", "tableHeader"}),
    "tableCell": _rule(CELL, 1, may="colspan rowspan colwidth background valign"),
    "tableHeader": _rule(CELL, 1, may="colspan rowspan colwidth background valign"),
    "taskList": _rule({"taskItem", "taskList", "blockTaskItem"}, 1, needs="localId", first="taskItem blockTaskItem"),
    "taskItem": _rule(INLINE, needs="localId state"),
    "blockTaskItem": _rule({"paragraph", "extension"}, 1, needs="localId state"),
    "decisionList": _rule({"decisionItem"}, 1, needs="localId"),
    "decisionItem": _rule(INLINE, needs="localId state"),
    "expand": _rule(CELL, 1, may="title"),
    "nestedExpand": _rule(PLAIN_BLOCK, 1, may="title"),
    "mediaSingle": _rule({"media", "caption"}, 1, may="layout width widthType", first="media"),
    "mediaGroup": _rule({"media"}, 1),
    "media": MEDIA_NODE,
    "mediaInline": _rule(may="id type collection alt width height occurrenceKey data"),
    "caption": _rule(INLINE),
    "blockCard": CARD,
    "inlineCard": CARD,
    "embedCard": _rule(needs="url layout", may="width originalHeight originalWidth"),
    "layoutSection": _rule({"layoutColumn"}, 1),
    "layoutColumn": _rule(TOP - {"layoutSection"}, 1, needs="width", may="valign"),
    "hardBreak": _rule(may="text"),
    "mention": _rule(needs="id", may="text userType accessLevel"),
    "emoji": _rule(needs="shortName", may="id text"),
    "date": _rule(needs="timestamp"),
    "status": _rule(needs="text color", may="style"),
    "placeholder": _rule(needs="text"),
    "extension": _rule(needs="extensionKey extensionType", may=EXTENSION_WORDS),
    "inlineExtension": _rule(needs="extensionKey extensionType", may=EXTENSION_WORDS),
    "bodiedExtension": _rule(PLAIN_BLOCK, 1, needs="extensionKey extensionType", may=EXTENSION_WORDS),
}
MARK_NEEDS: Final = {"link": "href", "subsup": "type", "textColor": "color", "backgroundColor": "color"}
CHOICES: Final[dict[tuple[str, str], frozenset[Any]]] = {
    ("heading", "level"): frozenset(range(1, 7)),
    ("panel", "panelType"): frozenset({"info", "note", "tip", "warning", "error", "success", "custom"}),
    ("taskItem", "state"): frozenset({"TODO", "DONE"}),
    ("blockTaskItem", "state"): frozenset({"TODO", "DONE"}),
    ("media", "type"): frozenset({"link", "file", "external"}),
    ("status", "color"): frozenset({"neutral", "purple", "blue", "red", "yellow", "green"}),
}


def is_document(value: Any) -> bool:
    """Whether `value` is a whole valid ADF document."""
    return (
        isinstance(value, dict)
        and value.keys() == {"type", "version", "content"}
        and value["type"] == "doc"
        and value["version"] == 1
        and _children(value["content"], Rule(TOP))
    )


def _children(content: Any, rule: Rule) -> bool:
    if not isinstance(content, list) or len(content) < rule.least:
        return False
    if content and rule.first and not (isinstance(content[0], dict) and content[0].get("type") in rule.first):
        return False
    return all(_is_node(node, rule.inside) for node in content)


def _is_node(node: Any, allowed: frozenset[str]) -> bool:
    if not isinstance(node, dict) or not node.keys() <= KEYS or node.get("type") not in allowed:
        return False
    if node["type"] == "text":
        return _is_text(node)
    rule = RULES[node["type"]]
    return (
        "text" not in node
        and (_children(node.get("content", []), rule) if rule.inside else not node.get("content"))
        and _has_attributes(node["type"], node.get("attrs", {}), rule)
        and _has_marks(node.get("marks", []), BLOCK_MARKS | MARKS)
    )


def _is_text(node: dict[str, Any]) -> bool:
    text, marks = node.get("text"), node.get("marks", [])
    if not isinstance(text, str) or not text or "content" in node or "attrs" in node or not _has_marks(marks, MARKS):
        return False
    names = {mark["type"] for mark in marks}
    return "code" not in names or names <= {"code", "link", "annotation"}


def _has_attributes(kind: str, attributes: Any, rule: Rule) -> bool:
    if not isinstance(attributes, dict):
        return False
    chosen = all(attributes[name] in CHOICES.get((kind, name), (attributes[name],)) for name in attributes)
    return rule.needs <= attributes.keys() <= rule.may and chosen


def _has_marks(marks: Any, allowed: frozenset[str]) -> bool:
    return isinstance(marks, list) and all(
        isinstance(mark, dict)
        and mark.get("type") in allowed
        and (mark["type"] not in MARK_NEEDS or MARK_NEEDS[mark["type"]] in mark.get("attrs", {}))
        for mark in marks
    )
