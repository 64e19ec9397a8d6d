"""The inline half of Jira's wiki markup: spans of text, marks, links, mentions, attachments and macros.

Jira Data Center's "Text Formatting Notation Help" is the reference; `{*}bold{*}` inside of words is what its own editor
writes. A phrase does not go over a line's end there.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from connectors.richtext.document import CODE, EM, IMAGE, PLAIN, STRIKE, STRONG, Span, Spans, plain
from connectors.richtext.keep import Node, Wrap, placeholder
from connectors.richtext.literal import with_gaps, without_gaps
from connectors.richtext.tidy import merged

_MARKS = {"*": STRONG, "_": EM, "-": STRIKE}
_SIGNS = {STRIKE: "-", STRONG: "*", EM: "_"}
_PICTURE = "🖼 "
_URL = r"https?://(?:(?!&\#?\w+;)[^\s|\[\]{}!*\\<>])*(?<=[^\W_])"
_TOKEN = re.compile(
    rf"""(?P<url>{_URL})
    |(?P<line>\\\\[ ]?\n?)
    |\\(?P<escaped>[^\w\s]|_)
    |(?P<entity>&(?:\#\d{{1,7}}|\w{{2,8}});)
    |\{{\{{(?P<code>[^\n{{}}]+)\}}\}}
    |\{{(?P<brace>[*_+^~-]|\?\?)\}}
    |\[(?P<link>(?:\\.|[^\[\]\\\n])+)\]
    |!(?P<file>[^\s!|][^!|\n]*(?:\|[^!\n]*)?)!
    |(?P<macro>\{{(?!(?:code|noformat|quote|panel)\b)\w+(?::[^{{}}\n]*)?\}})
    |(?P<sign>\*|_|(?<!-)-(?!-)|\+|\^|~|\?\?)
    |(?P<newline>\r?\n)""",
    re.VERBOSE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|\w{2,8});")
_TARGET = re.compile(r"[a-z][a-z0-9+.-]*:|//|/|www\.|#", re.IGNORECASE)
_FILE = re.compile(r"\S.*\.\w{1,5}$|https?://")


@dataclass(frozen=True, slots=True)
class _Source(Node):
    native: str


@dataclass(frozen=True, slots=True)
class _Around(Wrap):
    native: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Sign:
    """A mark that may begin or end a phrase; `role` is settled once its partner is found."""

    text: str
    name: str
    opens: bool
    closes: bool
    role: str = ""


def read(source: str) -> Spans:
    """The spans of wiki text; a line's end is a break, as Jira shows it. Never raises."""
    parts = list(_parts(source))
    _pair(parts)
    spans = merged(_marked(parts))
    return tuple(replace(span, text=with_gaps(span.text)) for span in spans)


def _parts(source: str) -> Iterator[Span | _Sign]:
    at = 0
    for token in _TOKEN.finditer(source):
        if token.start() > at:
            yield Span(source[at : token.start()])
        at = token.end()
        yield from _part(token)
    if at < len(source):
        yield Span(source[at:])


def _part(token: re.Match[str]) -> Iterator[Span | _Sign]:
    value = token[token.lastgroup or 0]
    match token.lastgroup:
        case "line" | "newline":
            yield Span("\n")
        case "entity":
            yield Span(html.unescape(value))
        case "code":
            yield Span(_plain_code(value), frozenset({CODE}))
        case "brace":
            yield _Sign(token.group(), value + "{", True, True)
        case "sign":
            before, after = token.string[: token.start()][-1:], token.string[token.end() : token.end() + 1]
            opens = not before.isalnum() and bool(after) and not after.isspace()
            closes = bool(before) and not before.isspace() and not after.isalnum()
            yield _Sign(value, value, opens, closes)
        case "link":
            yield from _link(token.group(), value)
        case "file":
            yield from _file(token.group(), value)
        case "macro":
            yield _macro(value)
        case _:
            yield Span(value)


def _plain_code(source: str) -> str:
    unescaped = re.sub(r"\\([^\w\s]|_)", r"\1", source)
    return _ENTITY.sub(lambda found: html.unescape(found.group()), unescaped)


def _file(source: str, inner: str) -> Iterator[Span]:
    """A picture by name or address; between exclamation marks that are only that, text goes on."""
    name = inner.split("|")[0]
    if _FILE.match(name):
        yield Span(placeholder("image", name, source), kept=_Source(source))
    else:
        yield from (Span("!"), *read(inner), Span("!"))


def _macro(source: str) -> Span | _Sign:
    if source.startswith("{color"):
        return _Sign(source, "color", source != "{color}", source == "{color}")
    return Span(placeholder("macro", source[1:-1], source), kept=_Source(source))


def _link(source: str, inner: str) -> Iterator[Span]:
    text, bar, target = inner.rpartition("|")
    if inner.startswith("~"):
        yield Span(f"@{inner[1:].removeprefix('accountid:')}", kept=_Source(source))
    elif inner.startswith("^"):
        yield Span(placeholder("attachment", inner[1:], source), kept=_Source(source))
    elif bar or _TARGET.match(target):
        target = _ENTITY.sub(lambda found: html.unescape(found.group()), target)
        if bar and text.startswith(_PICTURE):
            yield Span(plain(read(text)).removeprefix(_PICTURE), frozenset({IMAGE}), target)
        else:
            yield from (replace(span, href=target, kept=None) for span in (read(text) if bar else (Span(target),)))
    else:
        yield from (Span("["), *read(inner), Span("]"))


def _pair(parts: Sequence[Span | _Sign]) -> None:
    """Partners find each other within a line, the inner before the outer."""
    waiting: dict[str, list[tuple[int, _Sign]]] = {}
    for at, part in enumerate(parts):
        if isinstance(part, Span):
            if part.text == "\n":
                waiting.clear()
            continue
        stack = waiting.setdefault(part.name, [])
        if part.closes and stack and stack[-1][0] < at - 1:
            start, opener = stack.pop()
            opener.role, part.role = "open", "close"
            for others in waiting.values():
                while others and others[-1][0] > start:
                    others.pop()
        elif part.opens:
            stack.append((at, part))


def _marked(parts: Sequence[Span | _Sign]) -> Iterator[Span]:
    active: list[_Sign] = []
    around: dict[tuple[tuple[str, str], ...], _Around] = {}
    for part in parts:
        if isinstance(part, _Sign):
            if part.role == "open":
                active.append(part)
            elif part.role == "close":
                active = [sign for sign in active if sign.name != part.name]
            else:
                yield Span(part.text, *_style(active, around))
        elif part.kept is None:
            marks, href, kept = _style(active, around)
            yield Span(part.text, part.marks | marks, part.href or href, kept)
        else:
            yield part


def _style(
    active: Sequence[_Sign], around: dict[tuple[tuple[str, str], ...], _Around]
) -> tuple[frozenset[str], None, _Around | None]:
    if not active:
        return PLAIN, None, None
    marks = frozenset(_MARKS[sign.name[0]] for sign in active if sign.name[0] in _MARKS)
    wraps = tuple((sign.text, _closing(sign.text)) for sign in active if sign.name[0] not in _MARKS)
    return marks, None, around.setdefault(wraps, _Around(wraps)) if wraps else None


def _closing(opening: str) -> str:
    return "{color}" if opening.startswith("{color") else opening


# --- writing --------------------------------------------------------------------------------------------------------

_SPECIAL = re.compile(rf"{_URL}|[\\{{}}\[\]|!*_+^~-]|\?\?|&(?=(?:\#\d{{1,7}}|\w{{2,8}});)")
_LINE_START = re.compile(r"^(?:[#*-]+(?= )|-{4,}(?=\s*$)|(h[1-6]|bq)\.(?=\s))", re.MULTILINE)


def written(spans: Spans, *, breaks: str = "\n") -> str:
    """Wiki text for these spans; `breaks` is what a line break is written as."""
    out: list[str] = []
    text = plain(spans)
    at = 0
    for span in spans:
        end = at + len(span.text)
        out.append(_piece(span, text[:at][-1:], text[end : end + 1]))
        at = end
    lines = _LINE_START.sub(_protected_start, without_gaps("".join(out)))
    return lines if breaks == "\n" else lines.replace("\n", breaks)


def _protected_start(found: re.Match[str]) -> str:
    return f"{found[1]}&#46;" if found[1] else f"\\{found.group()}"


def _piece(span: Span, before: str, after: str) -> str:
    if isinstance(span.kept, _Source):
        return span.kept.native
    if not span.marks and not span.href and span.kept is None:
        return escaped(span.text)
    lines = span.text.split("\n")
    loose = not _is_free(before) or not _is_free(after)
    return "\n".join(_phrase(replace(span, text=line), loose=loose) if line.strip() else line for line in lines)


def _is_free(char: str) -> bool:
    """Whether a plain sign beside this character is sure to be read as one."""
    return not char or char.isspace() or char in ".,;:()"


def _phrase(span: Span, *, loose: bool) -> str:
    """One line's worth of marked text; signs in braces where a word touches them."""
    lead = span.text[: len(span.text) - len(span.text.lstrip())] if CODE not in span.marks else ""
    core = span.text[len(lead) :]
    trail = core[len(core.rstrip()) :] if CODE not in span.marks else ""
    core = core[: len(core) - len(trail)]
    text = f"{{{{{_code(core)}}}}}" if CODE in span.marks else escaped(core)
    if IMAGE in span.marks:
        text = f"[{_PICTURE}{text}|{_target(span.href or '')}]"
    elif span.href:
        text = (
            f"[{_target(span.href)}]"
            if core == span.href and _TARGET.match(core) and CODE not in span.marks
            else f"[{text}|{_target(span.href)}]"
        )
    for mark, sign in reversed(_SIGNS.items()):
        if mark in span.marks:
            text = f"{{{sign}}}{text}{{{sign}}}" if loose else f"{sign}{text}{sign}"
    for opening, closing in reversed(span.kept.native) if isinstance(span.kept, _Around) else ():
        text = f"{opening}{text}{closing}"
    return lead + text + trail


def _code(text: str) -> str:
    """Code on one line; markup means itself there too, so it is written as character references."""
    return re.sub(r"[]\\&{}|[!*_+^~?-]", lambda char: f"&#{ord(char.group())};", text)


def _target(href: str) -> str:
    return _ENTITY.sub(lambda found: "&#38;" + found.group()[1:], href)


def escaped(text: str) -> str:
    """Text in which nothing is read as markup."""
    return _SPECIAL.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    mark, text = found.group(), found.string
    if len(mark) > 2:
        return mark
    if mark == "\\":
        return "&#92;"
    if mark == "&":
        return "&#38;"
    before, after = text[: found.start()][-1:], text[found.end() : found.end() + 1]
    if mark in "*_+^~-" and ((before.isalnum() and after.isalnum()) or (before.isspace() and after.isspace())):
        return mark
    return f"\\{mark}" if mark != "??" else "\\?\\?"
