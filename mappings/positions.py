"""YAML text to plain data, and where in the text each value stands.

Read from the parser's events, once, so that nothing is built from tags, aliases cannot blow up, and every fault is a
finding. Times and dates stay the text that was written; what they are is decided by the type of the field.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError

from mappings.findings import Finding, Severity

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_VALUES = 100_000
"""Values in a file, with what aliases repeat counted each time."""
MAX_NUMBER = 100
"""Characters of a number: a far longer one cannot even be printed, so a finding about it could not be told."""

Path = tuple[str | int, ...]
Place = tuple[int, int]
"""Line and column, from 1."""

_CORE = "tag:yaml.org,2002:"
_PARSED = frozenset(_CORE + name for name in ("bool", "int", "float", "null"))
_TAGS = _PARSED | {_CORE + name for name in ("str", "map", "seq")}
_NOT_UTF8 = re.compile("[\ud800-\udfff\ufffd]")
_PLAIN_WORDS = {
    "mapping values are not allowed here": "a second `: ` in one line; put text that holds a colon in quotes",
    "found character '\\t' that cannot start any token": "a tab; YAML is indented with spaces",
    "found unexpected end of stream": "a quote that is never closed",
    "could not find expected ':'": "a line that is no `key: value`",
    "found character '@' that cannot start any token": "text that begins with @; put it in quotes",
    "found character '`' that cannot start any token": "text that begins with a backtick; put it in quotes",
}


@dataclass(frozen=True, slots=True)
class Document:
    """The data of a file, and the places of its values and keys."""

    file: str
    data: Any
    values: dict[Path, Place]
    keys: dict[Path, Place]

    def at(self, path: Path) -> Place:
        """Where the value stands, or the nearest thing around it that the file has."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (1, 1))

    def key_at(self, path: Path) -> Place:
        """Where the key of the value stands."""
        return self.keys.get(path) or self.at(path)

    def finding(self, path: Path, code: str, message: str, severity: Severity = "error") -> Finding:
        """A finding about the value at this path."""
        return Finding(self.file, *self.at(path), code, severity, message)


def parse(file: str, text: str) -> tuple[Document | None, list[Finding]]:
    """The one document in the text. None where it is no readable YAML; the findings say why.

    Bytes that are no UTF-8 are recognised where the text was decoded with `surrogateescape` or `replace`.
    """
    text = text.removeprefix("\ufeff")
    fault = _unreadable(text)
    if fault:
        line, column, code, message = fault
        return None, [Finding(file, line, column, code, "error", message)]
    reader = _Reader(file, text)
    try:
        document = reader.document()
        if document.data is None:
            return None, [*reader.findings, Finding(file, 1, 1, "M103", "error", "the file is empty")]
    except _Stop as stop:
        return None, [*reader.findings, stop.finding]
    except ReaderError as error:
        line, column = _line_and_column(text, error.position)
        message = f"character U+{error.character:04X} is not allowed in YAML; remove it"
        return None, [Finding(file, line, column, "M104", "error", message)]
    except YAMLError as error:
        return None, [*reader.findings, _syntax(file, error)]
    return (None if reader.findings else document), reader.findings


def _unreadable(text: str) -> tuple[int, int, str, str] | None:
    odd = _NOT_UTF8.search(text)
    if odd:
        return *_line_and_column(text, odd.start()), "M101", "a byte that is no UTF-8; save the file as UTF-8"
    size = len(text.encode())
    if size > MAX_BYTES:
        return 1, 1, "M102", f"the file has {size:,} bytes; at most {MAX_BYTES:,} are read"
    if not text.strip():
        return 1, 1, "M103", "the file is empty"
    return None


def _line_and_column(text: str, index: int) -> Place:
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def _place(mark: StringMark) -> Place:
    return mark.line + 1, mark.column + 1


def _syntax(file: str, error: YAMLError) -> Finding:
    line, column, problem = 1, 1, "not YAML"
    if isinstance(error, MarkedYAMLError):
        problem = error.problem or error.context or problem
        unclosed = "end of stream" in problem or "<stream end>" in problem
        mark = (error.context_mark if unclosed else error.problem_mark) or error.context_mark
        line, column = _place(mark) if mark else (1, 1)
        if problem.startswith("expected <block end>"):
            problem = "the indentation fits none of the lines above"
        elif "<stream end>" in problem:
            problem = "a `[` or `{` that is never closed"
    return Finding(file, line, column, "M104", "error", f"not YAML: {_PLAIN_WORDS.get(problem, problem)}")


class _Stop(Exception):
    """Reading cannot go on."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


@dataclass
class _Reader:
    """Builds the data from events. `size` counts values, so that an alias costs what it repeats."""

    file: str
    text: str
    findings: list[Finding] = field(default_factory=list)
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    size: int = 0

    def __post_init__(self) -> None:
        self.yaml = YAML(typ="safe", pure=True)
        self.events: Iterator[Event] = self.yaml.parse(self.text)

    def document(self) -> Document:
        data: Any = None
        documents = 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self.stop(event, "M104", "a second document; one file holds one")
            elif isinstance(event, NodeEvent):
                data = self.node(event, (), 0)
        return Document(self.file, data, self.values, self.keys)

    def stop(self, event: Event, code: str, message: str) -> _Stop:
        return _Stop(Finding(self.file, *_place(event.start_mark), code, "error", message))

    def fault(self, event: Event, code: str, message: str) -> None:
        self.findings.append(Finding(self.file, *_place(event.start_mark), code, "error", message))

    def node(self, event: NodeEvent, path: Path, depth: int) -> Any:
        """The value that begins with this event; takes all its events."""
        block = isinstance(event, CollectionStartEvent) and not event.flow_style
        empty = isinstance(event, ScalarEvent) and event.value == "" and event.implicit[0]
        self.values[path] = self.keys[path] if (block or empty) and path in self.keys else _place(event.start_mark)
        self.size += 1
        if self.size > MAX_VALUES:
            raise self.stop(event, "M107", f"more than {MAX_VALUES:,} values, aliases counted; split the file")
        if depth > MAX_DEPTH:
            raise self.stop(event, "M107", f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, AliasEvent):
            return self.alias(event)
        before = self.size
        value = self.content(event, path, depth)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.size - before + 1)
        return value

    def alias(self, event: AliasEvent) -> Any:
        if event.anchor not in self.anchors:
            raise self.stop(event, "M104", f"*{event.anchor} stands before the end of its anchor &{event.anchor}")
        value, size = self.anchors[event.anchor]
        self.size += size
        return value

    def content(self, event: NodeEvent, path: Path, depth: int) -> Any:
        tag = getattr(event, "tag", None)
        if tag and str(tag) not in _TAGS:
            self.fault(event, "M106", f"tag {tag} is not known; write plain values")
        if isinstance(event, MappingStartEvent):
            return self.mapping(path, depth)
        if isinstance(event, SequenceStartEvent):
            return [self.node(item, (*path, index), depth + 1) for index, item in enumerate(self.items())]
        return self.scalar(event) if isinstance(event, ScalarEvent) else None

    def items(self) -> Iterator[NodeEvent]:
        """The events that begin the values of a collection, up to its end."""
        for event in self.events:
            if not isinstance(event, NodeEvent):
                return
            yield event

    def mapping(self, path: Path, depth: int) -> dict[str, Any]:
        table: dict[str, Any] = {}
        for event in self.items():
            if not isinstance(event, ScalarEvent):
                raise self.stop(event, "M104", "a key that is no plain text")
            key = str(event.value)
            if key == "<<" and event.implicit[0]:
                self.fault(event, "M106", "`<<` is not supported; write the keys out")
            if key in table:
                first = self.keys[(*path, key)][0]
                self.fault(event, "M105", f"key {key!r} stands here twice; the first is on line {first}")
            self.keys.setdefault((*path, key), _place(event.start_mark))
            table[key] = self.node(next(self.items()), (*path, key), depth + 1)
        return table

    def scalar(self, event: ScalarEvent) -> Any:
        tag = str(event.tag or self.yaml.resolver.resolve(ScalarNode, event.value, event.implicit))
        if tag not in _PARSED:
            return event.value
        with suppress(YAMLError, ValueError, KeyError):
            if len(event.value) <= MAX_NUMBER:
                return self.yaml.constructor.construct_object(ScalarNode(tag, event.value))
        kind = tag.removeprefix(_CORE)
        self.fault(event, "M106", f"{str(event.value)[:40]!r} cannot be read as {kind}; put text in quotes")
        return None
