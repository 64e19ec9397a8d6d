"""What differs between Jira Cloud (REST v3) and Data Center (REST v2)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.jira import adf, wiki


@dataclass(frozen=True, slots=True)
class Dialect:
    """`user_key` identifies people, `user_query` is the parameter that searches them, the codecs speak rich text."""

    cloud: bool
    version: str
    user_key: str
    user_query: str
    to_markdown: Callable[[Any], str | None]
    from_markdown: Callable[[str | None, Any], Any]


CLOUD = Dialect(True, "3", "accountId", "query", adf.to_markdown, adf.from_markdown)
DATA_CENTER = Dialect(False, "2", "name", "username", wiki.to_markdown, wiki.from_markdown)
