"""Asana's rich text: strict XML on the way in, expanded mentions on the way out, and its plain text."""

from collections.abc import Callable
from typing import Any, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from connectors.standins.asana.errors import ApiError

COMMENT_TAGS = frozenset({"body", "strong", "em", "u", "s", "code", "ol", "ul", "li", "a", "pre", "blockquote", "img"})
TASK_TAGS = COMMENT_TAGS | {"h1", "h2", "hr"}
BLOCKS = frozenset({"h1", "h2", "li", "pre", "blockquote", "hr"})
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt", "title", "width", "height", "style"}}


class Target(NamedTuple):
    """What a mention points at, for the one who reads it."""

    kind: str
    name: str
    url: str


Resolve = Callable[[str], Target | None]


class Rich(NamedTuple):
    """Rich text as it is kept: the XML and the plain text that `notes` or `text` shows."""

    xml: str
    text: str


def invalid(reason: str) -> ApiError:
    """Asana's 400 for rich text that it does not take."""
    return ApiError(400, f"XML is invalid: {reason}", detail={"error": "xml_parsing_error"})


class _Reader:
    """Walks the XML once; refuses what Asana refuses and gathers XML and plain text on the way."""

    def __init__(self, tags: frozenset[str], resolve: Resolve | None = None) -> None:
        self.tags = tags
        self.resolve = resolve
        self.open: list[str] = []
        self.xml: list[str] = []
        self.text: list[str] = []
        self.silent = False
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = self.refuse_markup
        self.parser.ProcessingInstructionHandler = self.refuse_markup

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self.open and tag != "body":
            raise invalid("the root element must be <body>")
        if tag not in self.tags or (tag == "body" and self.open):
            raise invalid(f"<{tag}> is not supported here")
        if tag == "li" and self.open[-1] not in {"ol", "ul"}:
            raise invalid("<li> must be inside <ol> or <ul>")
        for name in attributes:
            if tag not in ATTRIBUTES or not (name in ATTRIBUTES[tag] or name.startswith("data-asana-")):
                raise invalid(f"the attribute {name} is not supported on <{tag}>")
        self.open.append(tag)
        if tag in BLOCKS and self.text and not self.text[-1].endswith("\n"):
            self.text.append("\n")
        if self.resolve and tag == "a" and "data-asana-gid" in attributes:
            self.mention(attributes, self.resolve)
        else:
            self.xml.append(_opening(tag, attributes))

    def mention(self, attributes: dict[str, str], resolve: Resolve) -> None:
        target = resolve(attributes["data-asana-gid"])
        shown = {
            "href": target.url if target else "",
            "data-asana-gid": attributes["data-asana-gid"],
            "data-asana-accessible": "true" if target else "false",
            "data-asana-type": target.kind if target else "",
            "data-asana-dynamic": attributes.get("data-asana-dynamic", "true"),
        }
        self.xml.append(_opening("a", shown))
        if shown["data-asana-dynamic"] == "true":
            name = target.name if target else "Private object"
            self.silent = True
            self.xml.append(escape(f"@{name}" if target and target.kind == "user" else name))
            self.text.append(shown["href"])

    def end(self, tag: str) -> None:
        self.open.pop()
        if tag == "a":
            self.silent = False
        if tag in BLOCKS and not (self.text and self.text[-1].endswith("\n")):
            self.text.append("\n")
        self.xml.append("" if tag in {"hr", "img"} else f"</{tag}>")

    def characters(self, data: str) -> None:
        if self.silent:
            return
        if self.open[-1] in {"ol", "ul"}:
            if data.strip():
                raise invalid("text in a list must be inside <li>")
            return
        self.xml.append(escape(data))
        self.text.append(data)

    def refuse_markup(self, *_parts: Any) -> None:
        raise invalid("declarations and processing instructions are not supported")

    def read(self, source: str) -> Rich:
        try:
            self.parser.Parse(source, True)
        except expat.ExpatError as error:
            raise invalid(f"{expat.ErrorString(error.code)} at line {error.lineno}, column {error.offset}") from error
        return Rich("".join(self.xml), "".join(self.text).rstrip("\n") if self.text else "")


def _opening(tag: str, attributes: dict[str, str]) -> str:
    pairs = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{tag}{pairs}/>" if tag in {"hr", "img"} else f"<{tag}{pairs}>"


def parse(source: str, tags: frozenset[str], resolve: Resolve) -> Rich:
    """What is kept of rich text somebody wrote. Raises ApiError 400 `xml_parsing_error`."""
    kept = _Reader(tags).read(source)
    return Rich(kept.xml, _Reader(tags, resolve).read(source).text) if "data-asana-gid" in kept.xml else kept


def plain(text: str) -> Rich:
    """Rich text of plain text."""
    return Rich(f"<body>{escape(text)}</body>", text)


def expand(xml: str, resolve: Resolve) -> str:
    """Kept rich text as a read shows it: each mention with its link, its name and what Asana knows of it."""
    return _Reader(TASK_TAGS, resolve).read(xml).xml if "data-asana-gid" in xml else xml
