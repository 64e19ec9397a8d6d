"""What two versions of a text have in common."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

# Beyond this many pairs to compare, differing parts count as rewritten: a bound on difflib's worst case.
_MAX_PAIRS = 4_000_000
_TOKEN = re.compile(r"[0-9A-Za-z\u00c0-\u024f]+|.", re.DOTALL)

# Equal stretches: place in the old, place in the new, length.
Stretches: TypeAlias = list[tuple[int, int, int]]


def aligned(old: list[str], new: list[str]) -> dict[int, int]:
    """Which new block is which old one: in order where possible, then those that were moved."""
    same = {b + step: a + step for a, b, size in _matches(old, new) for step in range(size)}
    used = set(same.values())
    spare: dict[str, list[int]] = {}
    for at in reversed(range(len(old))):
        if at not in used:
            spare.setdefault(old[at], []).append(at)
    for at, key in enumerate(new):
        if at not in same and spare.get(key):
            same[at] = spare[key].pop()
    return same


def _matches(old: Sequence[str], new: Sequence[str]) -> Stretches:
    """Equal stretches as (place in old, place in new, length), in order."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    found = [(0, 0, head)] if head else []
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(inner_old) * len(inner_new) <= _MAX_PAIRS:
        matcher = SequenceMatcher(None, inner_old, inner_new)
        found += [(a + head, b + head, size) for a, b, size in matcher.get_matching_blocks() if size]
    if tail:
        found.append((len(old) - tail, len(new) - tail, tail))
    return found


def common_stretches(old: str, new: str) -> Stretches:
    """Equal stretches of two texts, word by word, as offsets."""
    old_words, new_words = _TOKEN.findall(old), _TOKEN.findall(new)
    old_at, new_at = _offsets(old_words), _offsets(new_words)
    return [(old_at[a], new_at[b], old_at[a + size] - old_at[a]) for a, b, size in _matches(old_words, new_words)]


def _offsets(words: Sequence[str]) -> list[int]:
    offsets = [0]
    for word in words:
        offsets.append(offsets[-1] + len(word))
    return offsets
