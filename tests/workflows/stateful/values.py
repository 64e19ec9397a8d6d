"""The values that people write: each is written once, and says of which item it is."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.contract import Record, Value

PARTS = 4
"""Paragraphs of a text."""


def fresh(item: int, n: int) -> dict[str, Value]:
    """A value for each field of an item; `n`: a number that is used once."""
    return {
        "title": f"i{item} t{n}", "due": (date(2030, 1, 1) + timedelta(days=n)).isoformat(), "status": f"s{n}",
        "labels": [f"i{item}l{n}"], "number": n, "text": "\n\n".join(paragraph(item, part, n) for part in range(PARTS)),
    }  # fmt: skip


def paragraph(item: int, part: int, n: int) -> str:
    """A paragraph of an item's text."""
    return f"i{item} p{part} v{n}"


@dataclass
class Talked:
    """A comment by a person, as it should read everywhere; `body` None: it was removed."""

    item: int
    side: str
    record: str
    id: str
    token: str
    body: str | None


def item_of(record: Record) -> int:
    """Which item a record is of: its title tells; 0 where it has none."""
    found = re.match(r"i(\d+) ", str(record.fields.get("title")))
    return int(found[1]) if found else 0


def parts(key: str, value: Value) -> dict[str, Value]:
    """A field's value, by the slots of the model: paragraphs of a text and labels are told apart."""
    if key == "labels":
        return {f"labels/{label}": True for label in value} if isinstance(value, list) else {}
    if key == "text":
        texts = value.split("\n\n") if isinstance(value, str) else []
        return {f"text/{index}": text for index, text in enumerate(texts)}
    return {key: value}
