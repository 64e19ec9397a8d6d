"""Rich text in its other forms: ADF as wiki markup, wiki markup as ADF, both as HTML.

Modest on purpose, and lossy as Jira's own converter is: colours, layouts and cards come out as their text.
"""

import html
import re
from collections.abc import Callable
from typing import Any, Final

Node = dict[str, Any]

MARKERS: Final = {"strong": "*", "em": "_", "strike": "-", "underline": "+"}
MARK_OF: Final = {marker: name for name, marker in MARKERS.items()}
HEADING: Final = re.compile(r"h([1-6])\. (.*)")
ITEM: Final = re.compile(r"([*#])\1* (.*)")
SPAN: Final = re.compile(
    r"\{\{(?P<code>.+?)\}\}"
    r"|\[~accountid:(?P<mention>[^\]]+)\]"
    r"|\[(?P<text>[^\]|]+)\|(?P<href>[^\]|]+)\]"
    r"|(?<!\w)(?P<marker>[*_+-])(?P<inner>\S(?:.*?\S)?)(?P=marker)(?!\w)"
)


def to_wiki(document: Node) -> str:
    """An ADF document as wiki markup."""
    return "\n\n".join(_block(node) for node in document["content"])


def to_html(value: Node | str | None) -> str:
    """Rich text in either form as the HTML of `renderedFields`."""
    text = to_wiki(value) if isinstance(value, dict) else value or ""
    return "\n".join(f"<p>{html.escape(part).replace(chr(10), '<br/>')}</p>" for part in text.split("\n\n") if part)


def to_adf(text: str) -> Node:
    """Wiki markup as an ADF document."""
    content: list[Node] = []
    lines = text.replace("\r\n", "\n").split("\n")
    while lines:
        content += _take_block(lines)
    return {"type": "doc", "version": 1, "content": content}


def _block(node: Node) -> str:
    kind = node["type"]
    if kind in _BLOCKS:
        return _BLOCKS[kind](node)
    return _inline(node) if _holds_inline(node) else "\n\n".join(_block(child) for child in node.get("content", []))


def _holds_inline(node: Node) -> bool:
    children = node.get("content", [])
    return not children or children[0]["type"] in {"text", "hardBreak", *_INLINES}


def _inline(node: Node) -> str:
    return "".join(_span(child) for child in node.get("content", []))


def _span(node: Node) -> str:
    if node["type"] == "text":
        return _marked(node)
    shown = _INLINES.get(node["type"])
    return shown(node.get("attrs", {})) if shown else ""


def _marked(node: Node) -> str:
    text = str(node["text"])
    marks = {mark["type"]: mark.get("attrs", {}) for mark in node.get("marks", [])}
    if "code" in marks:
        text = "{{" + text + "}}"
    for name, marker in MARKERS.items():
        if name in marks:
            text = f"{marker}{text}{marker}"
    return f"[{text}|{marks['link']['href']}]" if "link" in marks else text


def _list(node: Node, prefix: str = "") -> str:
    marker = prefix + ("#" if node["type"] == "orderedList" else "*")
    lines: list[str] = []
    for item in node["content"]:
        for child in item["content"]:
            nested = child["type"] in {"bulletList", "orderedList"}
            lines.append(_list(child, marker) if nested else f"{marker} {_block(child)}")
    return "\n".join(lines)


def _tasks(node: Node) -> str:
    shown = {"DONE": "[x]", "TODO": "[]"}
    return "\n".join(
        _tasks(item) if item["type"] == "taskList" else f"* {shown[item['attrs']['state']]} {_inline(item)}"
        for item in node["content"]
    )


def _table(node: Node) -> str:
    lines: list[str] = []
    for row in node["content"]:
        line, bar = "", "|"
        for cell in row["content"]:
            bar = "||" if cell["type"] == "tableHeader" else "|"
            line += bar + " ".join(_block(child) for child in cell["content"])
        lines.append(line + bar)
    return "\n".join(lines)


def _code(node: Node) -> str:
    language = node.get("attrs", {}).get("language")
    return f"{{code{':' + language if language else ''}}}\n{_inline(node)}\n{{code}}"


def _within(mark: str, node: Node) -> str:
    inside = "\n\n".join(_block(child) for child in node["content"])
    return f"{{{mark}}}\n{inside}\n{{{mark}}}"


_BLOCKS: Final[dict[str, Callable[[Node], str]]] = {
    "heading": lambda node: f"h{node['attrs']['level']}. {_inline(node)}",
    "bulletList": _list,
    "orderedList": _list,
    "codeBlock": _code,
    "blockquote": lambda node: _within("quote", node),
    "panel": lambda node: _within("panel", node),
    "rule": lambda _node: "----",
    "table": _table,
    "taskList": _tasks,
    "blockCard": lambda node: _link(node.get("attrs", {})),
}


def _link(attributes: Node) -> str:
    return f"[{attributes['url']}]" if "url" in attributes else ""


_INLINES: Final[dict[str, Callable[[Node], str]]] = {
    "hardBreak": lambda _attributes: "\n",
    "mention": lambda attributes: f"[~accountid:{attributes['id']}]",
    "emoji": lambda attributes: str(attributes.get("text") or attributes["shortName"]),
    "inlineCard": _link,
    "date": lambda attributes: str(attributes["timestamp"]),
    "status": lambda attributes: str(attributes["text"]),
    "placeholder": lambda attributes: str(attributes["text"]),
}


def _take_block(lines: list[str]) -> list[Node]:
    line = lines[0]
    if not line.strip():
        lines.pop(0)
        return []
    if heading := HEADING.fullmatch(line):
        lines.pop(0)
        return [{"type": "heading", "attrs": {"level": int(heading[1])}, "content": _spans(heading[2])}]
    if line.strip() == "----":
        lines.pop(0)
        return [{"type": "rule"}]
    if line.startswith("{code"):
        return [_take_code(lines)]
    return [_take_list(lines, line[0]) if ITEM.fullmatch(line) else _take_paragraph(lines)]


def _take_code(lines: list[str]) -> Node:
    opening = lines.pop(0)
    inside: list[str] = []
    while lines and (line := lines.pop(0)).strip() != "{code}":
        inside.append(line)
    language = opening.partition(":")[2].rstrip("}")
    text = "\n".join(inside)
    node: Node = {"type": "codeBlock", "content": [{"type": "text", "text": text}] if text else []}
    return {**node, "attrs": {"language": language}} if language else node


def _take_list(lines: list[str], marker: str) -> Node:
    items: list[Node] = []
    while lines and (item := ITEM.fullmatch(lines[0])) and lines[0][0] == marker:
        lines.pop(0)
        items.append({"type": "listItem", "content": [{"type": "paragraph", "content": _spans(item[2])}]})
    return {"type": "orderedList" if marker == "#" else "bulletList", "content": items}


def _take_paragraph(lines: list[str]) -> Node:
    content: list[Node] = []
    while lines and lines[0].strip() and not (content and _starts_block(lines[0])):
        content += [{"type": "hardBreak"}] if content else []
        content += _spans(lines.pop(0))
    return {"type": "paragraph", "content": content}


def _starts_block(line: str) -> bool:
    return line.startswith("{code") or line.strip() == "----" or bool(HEADING.fullmatch(line) or ITEM.fullmatch(line))


def _spans(text: str, marks: tuple[Node, ...] = ()) -> list[Node]:
    nodes: list[Node] = []
    at = 0
    for found in SPAN.finditer(text):
        nodes += _text(text[at : found.start()], marks) + _formatted(found, marks)
        at = found.end()
    return nodes + _text(text[at:], marks)


def _formatted(found: re.Match[str], marks: tuple[Node, ...]) -> list[Node]:
    if found["mention"]:
        return [{"type": "mention", "attrs": {"id": found["mention"]}}]
    if found["code"]:
        return _text(found["code"], ({"type": "code"},))
    if found["href"]:
        return _text(found["text"], (*marks, {"type": "link", "attrs": {"href": found["href"]}}))
    return _spans(found["inner"], (*marks, {"type": MARK_OF[found["marker"]]}))


def _text(text: str, marks: tuple[Node, ...]) -> list[Node]:
    if not text:
        return []
    return [{"type": "text", "text": text, **({"marks": list(marks)} if marks else {})}]
