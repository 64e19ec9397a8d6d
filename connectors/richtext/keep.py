"""What Markdown cannot say survives a change of the text around it.

A body is read as units, one a top-level block. Blocks whose Markdown did not change keep their native form to the byte.
In changed blocks, the vendor's own nodes and marks are put back where their text, or their placeholder, still stands.
"""

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from connectors.richtext.document import (
    CODE,
    IMAGE,
    Block,
    Blocks,
    List,
    Paragraph,
    Quote,
    Spans,
    plain,
    runs,
    slice_spans,
    with_runs,
)
from connectors.richtext.matching import aligned, common_stretches
from connectors.richtext.tidy import clean
from connectors.richtext.writing import write

N = TypeVar("N")

_LABEL_LENGTH = 60
_PLACEHOLDER = re.compile(r"⟦[^⟦⟧\n]*·[0-9a-f]{6}⟧")


@dataclass(frozen=True, slots=True)
class Node:
    """As a span's `kept`: the vendor's node that the text stands for."""

    native: object


@dataclass(frozen=True, slots=True)
class Wrap:
    """As a span's `kept`: what the vendor puts around the text, such as a colour."""

    native: object


@dataclass(frozen=True, slots=True)
class Unit(Generic[N]):
    """One top-level block of a body: how it reads, and what it is. `at` is its place in the body."""

    block: Block
    native: N
    at: int = 0


@dataclass(frozen=True, slots=True)
class _Anchor:
    """Where a kept node or wrapping stands in the joined text of some blocks."""

    start: int
    end: int
    kept: object


def placeholder(kind: str, label: str, native: object) -> str:
    """Readable text for a node without any: kind, label, and a digest by which the node is found again."""
    short = re.sub(r"[⟦⟧·\s]+", " ", clean(label)).strip()[:_LABEL_LENGTH].strip()
    return f"⟦{kind}: {short}·{_digest(native)}⟧" if short else f"⟦{kind}·{_digest(native)}⟧"


def _digest(native: object) -> str:
    try:
        canonical = json.dumps(native, sort_keys=True, default=str)
    except (RecursionError, TypeError, ValueError):
        canonical = type(native).__name__
    return hashlib.sha256(canonical.encode()).hexdigest()[:6]


def carry(previous: Sequence[Unit[N]], blocks: Blocks) -> list[Unit[N] | Block]:
    """For each new block, the old unit that it still is, or the block to write, with what was kept put back into it."""
    same = aligned([write((unit.block,)) for unit in previous], [write((block,)) for block in blocks])
    still = set(same.values())
    gone = [unit.block for at, unit in enumerate(previous) if at not in still]
    fresh = tuple(block for at, block in enumerate(blocks) if at not in same)
    written = iter(_restored(gone, fresh, [unit.block for unit in previous]))
    return [previous[same[at]] if at in same else next(written) for at in range(len(blocks))]


def _restored(gone: Sequence[Block], fresh: Blocks, everything: Sequence[Block]) -> Blocks:
    fresh = tuple(_with_containers(fresh, dict(_containers(everything))))
    nodes = {text: kept for text, kept in _kept_texts(everything) if _PLACEHOLDER.fullmatch(text)}
    texts = list(runs(fresh))
    joined = "\n".join(map(plain, texts))
    found = [_Anchor(*hit.span(), nodes[hit.group()]) for hit in _PLACEHOLDER.finditer(joined) if hit.group() in nodes]
    anchors, old = _anchors(gone)
    if not anchors and not found:
        return fresh
    places = _free(found, _surviving(anchors, old, joined))
    return with_runs(fresh, _placed(texts, places))


def _containers(blocks: Iterable[Block]) -> Iterator[tuple[str, object]]:
    """Placeholder text to the vendor's block, or container, that it stands for."""
    for block in blocks:
        match block:
            case Paragraph(spans, kept) if kept is not None:
                yield plain(spans), kept
            case Quote(inner, kept):
                if kept is not None:
                    yield _first_text(inner), kept
                yield from _containers(inner)
            case List(items):
                for item in items:
                    yield from _containers(item.blocks)


def _first_text(blocks: Blocks) -> str:
    return plain(blocks[0].spans) if blocks and isinstance(blocks[0], Paragraph) else ""


def _with_containers(blocks: Iterable[Block], known: dict[str, object]) -> Iterator[Block]:
    for block in blocks:
        match block:
            case Paragraph(spans):
                yield replace(block, kept=known.get(plain(spans)))
            case Quote(inner):
                kept = known.get(_first_text(inner))
                yield Quote(tuple(_with_containers(inner, known)), kept)
            case List(items):
                yield replace(
                    block,
                    items=tuple(replace(i, blocks=tuple(_with_containers(i.blocks, known))) for i in items),
                )
            case _:
                yield block


def _kept_texts(blocks: Iterable[Block]) -> Iterator[tuple[str, object]]:
    for spans in runs(tuple(blocks)):
        for span in spans:
            if span.kept is not None:
                yield span.text, span.kept


def _anchors(blocks: Sequence[Block]) -> tuple[list[_Anchor], str]:
    found: list[_Anchor] = []
    texts: list[str] = []
    at = 0
    for spans in runs(blocks):
        for span in spans:
            if span.kept is not None:
                found.append(_Anchor(at, at + len(span.text), span.kept))
            texts.append(span.text)
            at += len(span.text)
        texts.append("\n")
        at += 1
    return found, "".join(texts)


def _surviving(anchors: Sequence[_Anchor], old: str, new: str) -> Iterator[_Anchor]:
    """Anchors within a stretch that did not change; nodes, for want of that, where their text stands elsewhere."""
    if not anchors:
        return
    stretches = common_stretches(old, new)
    starts = [start for start, _, _ in stretches]
    lost: list[_Anchor] = []
    for anchor in anchors:
        at = bisect_right(starts, anchor.start) - 1
        if at >= 0 and anchor.end <= stretches[at][0] + stretches[at][2]:
            shift = stretches[at][1] - stretches[at][0]
            yield _Anchor(anchor.start + shift, anchor.end + shift, anchor.kept)
        elif isinstance(anchor.kept, Node):
            lost.append(anchor)
    for anchor in lost:
        start = new.find(old[anchor.start : anchor.end])
        if start >= 0:
            yield _Anchor(start, start + anchor.end - anchor.start, anchor.kept)


def _free(*groups: Iterable[_Anchor]) -> list[_Anchor]:
    """Anchors in order of place, the earlier group winning where two overlap."""
    taken: list[_Anchor] = []
    for group in groups:
        for anchor in sorted(group, key=lambda one: one.start):
            at = bisect_right(taken, anchor.start, key=lambda one: one.start)
            clear_before = at == 0 or taken[at - 1].end <= anchor.start
            clear_after = at == len(taken) or anchor.end <= taken[at].start
            if clear_before and clear_after:
                taken.insert(at, anchor)
    return taken


def _placed(texts: Sequence[Spans], anchors: Sequence[_Anchor]) -> Iterator[Spans]:
    """Each run with its anchors put in; `anchors` are in order of place and do not overlap."""
    base, at = 0, 0
    for spans in texts:
        length = len(plain(spans))
        inside: list[_Anchor] = []
        while at < len(anchors) and anchors[at].start <= base + length:
            if anchors[at].end <= base + length:
                inside.append(replace(anchors[at], start=anchors[at].start - base, end=anchors[at].end - base))
            at += 1
        yield _with_kept(spans, inside, length) if inside else spans
        base += length + 1


def _with_kept(spans: Spans, anchors: Sequence[_Anchor], length: int) -> Spans:
    found: list[Spans] = []
    at = 0
    for anchor in anchors:
        part = slice_spans(spans, anchor.start, anchor.end)
        if any(span.marks & {CODE, IMAGE} for span in part):
            continue
        found.append(slice_spans(spans, at, anchor.start))
        if isinstance(anchor.kept, Node):
            part = (replace(part[0], text=plain(part)),)
        found.append(tuple(replace(span, kept=anchor.kept) for span in part))
        at = anchor.end
    found.append(slice_spans(spans, at, length))
    return tuple(span for part in found for span in part)


@dataclass(frozen=True, slots=True)
class Source:
    """A native body that is one string: its units, and what stands before, between and after them."""

    units: list[Unit[str]]
    gaps: list[str]

    def revised(self, blocks: Blocks, encode: Callable[[Block], str], gap: Callable[[Block, Block], str]) -> str:
        """The body for these blocks; where the order did not change, what stood between two stays."""
        parts = carry(self.units, blocks)
        places = self._places(parts)
        out = [self.gaps[0] if places[:1] == [0] else ""]
        for at, part in enumerate(parts):
            if at:
                stays = places[at] > 0 and places[at - 1] == places[at] - 1
                out.append(self.gaps[places[at]] if stays else gap(blocks[at - 1], blocks[at]))
            out.append(part.native if isinstance(part, Unit) else encode(part))
        out.append(self.gaps[-1] if places[-1:] == [len(self.units) - 1] else "")
        return "".join(out)

    def _places(self, parts: Sequence[Unit[str] | Block]) -> list[int]:
        """Which old unit each part is, or has taken the place of as a block of the same kind; else -1."""
        places = [part.at if isinstance(part, Unit) else -1 for part in parts]
        known = set(places)
        for at, part in enumerate(parts):
            before = places[at - 1] if at else -1
            follows = places[at + 1] if at + 1 < len(places) else len(self.units)
            if places[at] < 0 and (at == 0 or before >= 0) and before + 1 < len(self.units):
                same_kind = type(part) is type(self.units[before + 1].block)
                free = before + 1 not in known and follows in (-1, before + 2)
                places[at] = before + 1 if same_kind and free else -1
        return places


def sourced(text: str, found: Sequence[tuple[Block, int, int]]) -> Source:
    """A body from the places of its blocks, which are in order and do not overlap."""
    units = [Unit(block, text[start:end], at) for at, (block, start, end) in enumerate(found)]
    edges = [0, *(edge for _, start, end in found for edge in (start, end)), len(text)]
    return Source(units, [text[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2)])
