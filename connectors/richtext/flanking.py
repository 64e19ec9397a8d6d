"""Which runs of `*` and `~~` may open or close emphasis: CommonMark's rule, made fair to Chinese, Japanese and Korean.

CommonMark takes `**重要：**请看` for plain text, because the closing mark follows punctuation and no space follows it.
Scripts that put no spaces around punctuation are exempt here, as in the "CJK-friendly emphasis" amendment that other
Markdown libraries follow. Reader and writer share this rule, so that they cannot disagree.
"""

import unicodedata
from functools import lru_cache

from markdown_it.rules_inline.state_inline import Scanned, StateInline

_CJK_RANGES = (
    (0x1100, 0x11FF), (0x2E80, 0x303F), (0x3040, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7AF),
    (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF),
)  # fmt: skip
_SPACE, _PUNCTUATION, _CJK, _WORD = range(4)


@lru_cache(maxsize=4096)
def _class(char: str) -> int:
    if not char or char.isspace():
        return _SPACE
    if any(low <= ord(char) <= high for low, high in _CJK_RANGES):
        return _CJK
    return _PUNCTUATION if unicodedata.category(char)[0] in "PS" else _WORD


def flanks(before: str, after: str) -> tuple[bool, bool]:
    """Whether a run between these two characters (empty: the text's edge) may open, and may close."""
    left, right = _class(before), _class(after)
    opens = right != _SPACE and (right != _PUNCTUATION or left != _WORD)
    closes = left != _SPACE and (left != _PUNCTUATION or right != _WORD)
    return opens, closes


def is_word(char: str) -> bool:
    """Whether emphasis beside this character depends on what stands on the other side."""
    return _class(char) == _WORD


class FairState(StateInline):
    """markdown-it's inline state with this rule for `*` and `~`; `_` keeps CommonMark's, which forbids it in words."""

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 - markdown-it's names
        if not canSplitWord:
            return super().scanDelims(start, canSplitWord)
        marker, end = self.src[start], start
        while end < self.posMax and self.src[end] == marker:
            end += 1
        before = self.src[start - 1] if start > 0 else ""
        after = self.src[end] if end < self.posMax else ""
        opens, closes = flanks(before, after)
        return Scanned(opens, closes, end - start)
