"""The laws that every rich text codec obeys, as assertions over one Markdown text."""

from collections.abc import Callable
from typing import Any, Protocol

from connectors.richtext.markdown import normal


class Codec(Protocol):
    """The face that the modules under test have in common; their native types differ."""

    @property
    def from_markdown(self) -> Callable[..., Any]: ...
    @property
    def to_markdown(self) -> Callable[..., str | None]: ...
    @property
    def losses(self) -> Callable[..., tuple[str, ...]]: ...


def assert_round_trip(codec: Codec, markdown: str | None) -> None:
    """What comes back is in normal form, differs only where a loss is named, and does not change again."""
    back = codec.to_markdown(codec.from_markdown(markdown))
    assert normal(back) == back
    assert (back == normal(markdown)) == (codec.losses(markdown) == ())
    assert codec.to_markdown(codec.from_markdown(back)) == back


def assert_untouched(codec: Codec, native: object) -> None:
    """A body that nobody edited is written back as it was."""
    markdown = codec.to_markdown(native)
    if markdown is not None:
        assert codec.from_markdown(markdown, native) == native


def assert_previous_is_harmless(codec: Codec, markdown: str | None, other: str | None) -> None:
    """Whatever the field held before, it reads as the new text afterwards."""
    fresh = codec.to_markdown(codec.from_markdown(markdown))
    assert codec.to_markdown(codec.from_markdown(markdown, codec.from_markdown(other))) == fresh
