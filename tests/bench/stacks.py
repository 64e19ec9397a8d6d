"""Which parts of the service sampled stacks belong to."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = f"{Path(__file__).parents[2]}/"
OURS: Final = ("connectors/", "mappings/", "workflows/", "workers/")
OUTERMOST: Final = ("workers/__main__.py", "workers/cli/")
"""What every stack begins with."""
PARTS: Final = (
    ("store", ("workflows/store/", "/sqlalchemy/", "/aiosqlite/", "/asyncpg/")),
    ("lane", ("workflows/lane.py", "workflows/pending.py", "workflows/messages.py")),
    ("translation and merge", ("mappings/", "connectors/richtext/", "/markdown_it/", "/cel/")),
    ("connectors and vendors' SDKs", ("connectors/", "-packages/jira/", "-packages/asana/", "/requests/", "/urllib3/")),
    ("steps of a batch", ("workflows/",)),
    ("log", ("/structlog/", "/logging/")),
    ("Temporal SDK, Python", ("/temporalio/", "/google/protobuf/")),
    ("HTTP", ("/uvicorn/", "/starlette/", "/fastapi/")),
    ("gateway and wiring", ("workers/",)),
)
"""A stack belongs to the part of the innermost function that belongs to any; to the event loop where none does."""
EVENT_LOOP: Final = "event loop"
_FRAME: Final = re.compile(r'  File "(.*)", line \d+ in (.*)')


class Frame(NamedTuple):
    """A function; a file of ours is named as seen from the project's folder."""

    file: str
    name: str


class Shares(NamedTuple):
    """Of all samples (0 to 1): by part, and by function of ours with all that it calls, the largest first."""

    parts: dict[str, float]
    within: dict[str, float]


def shares(text: str) -> Shares:
    """What a process was busy with, from the stacks that `faulthandler` wrote."""
    parts, within = Counter[str](), Counter[str]()
    for stack in _stacks(text):
        parts[_part(stack)] += 1
        within.update({f"{frame.name} ({frame.file})" for frame in stack if frame.file.startswith(OURS)})
    whole = max(parts.total(), 1)
    return Shares(*({name: count / whole for name, count in counted.most_common()} for counted in (parts, within)))


def _stacks(text: str) -> Iterator[list[Frame]]:
    """From the innermost function outwards."""
    for block in text.split("Stack (most recent call first):")[1:]:
        frames = [Frame(file.removeprefix(ROOT), name) for file, name in _FRAME.findall(block)]
        yield [frame for frame in frames if not frame.file.startswith(OUTERMOST)]


def _part(stack: list[Frame]) -> str:
    named = (part for frame in stack for part, places in PARTS if any(place in frame.file for place in places))
    return next(named, EVENT_LOOP)
