"""The product under test, as its description says: its parts, how they are started, and what it can be asked.

A description is a YAML file, see `products/syncline.yaml`. Its texts may hold these words in braces: `python` and
`bin` (our interpreter, its folder), `folder` (an empty one for the product's files), `scene` (a file in it that says
what to connect, see `Scene`), `port` (where this part is to listen), `at_PART` (where another part listens),
`to_PART` (the same by a line that storms cut), `database` (what `stores` says for the store of this run).
"""

import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from ruamel.yaml import YAML

from tests.faults.people import FIELDS, ON_DELETE

MAPPING = "faults"
DATABASE = "database"
"""The part that the suite itself starts, where the store is PostgreSQL."""


class Model(BaseModel):
    """Strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(Model):
    """One process. `listens`: it is given a port."""

    command: tuple[str, ...]
    environ: dict[str, str] = {}
    listens: bool = False


class Product(Model):
    """What the suite needs to know of a product.

    `prepare` runs before anything is started, `begin` once `ready` answers 200: afterwards everything is to be kept
    in step. `entrance`: the part that takes webhooks. `told`: a command that prints, as JSON, what waits for a person:
    `[{"records": [["eng", "10042"], ...], "field": "title", "reason": "...", "overwritten": false}]`, `field` empty for
    the whole record; left out, nothing is excused. `stores`: by the name of a store, what `{database}` stands for.
    """

    name: str
    parts: dict[str, Part]
    environ: dict[str, str] = {}
    entrance: str
    ready: str
    prepare: tuple[str, ...] = ()
    begin: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    stores: dict[str, str] = Field(default={"own": ""})


class Told(BaseModel):
    """One thing that waits for a person; `overwritten`: that an edit of theirs was covered by a write of ours."""

    records: list[tuple[str, str]]
    field: str
    reason: str = ""
    overwritten: bool = False


TOLD = TypeAdapter(list[Told])


class SideOfScene(BaseModel):
    """One side to connect: the vendor's API at `url` (`/rest/api/...`, `/api/1.0/...`), project ENG or 1204001.

    The product's account is bot@acme.example with the token `bot-token` (`datacenter`: a personal access token).
    """

    system: str
    deployment: str = ""
    url: str
    project: str
    on_delete: str


class Scene(BaseModel):
    """What is to be kept in step: these fields of all sides, comments both ways; `hooks`: where webhooks are to go."""

    hooks: str
    sides: dict[str, SideOfScene]
    fields: dict[str, dict[str, Any]]
    sweep_seconds: float
    full_sweep_seconds: float
    settle_seconds: float
    read_timeout: float


NATIVE = {
    "jira": {"title": "summary", "due": "duedate", "number": "Story Points", "status": "status",
             "assignee": "assignee", "labels": "labels", "details": "description"},
    "asana": {"title": "name", "due": "due_on", "number": "Effort", "status": "section",
              "assignee": "assignee", "labels": "tags", "details": "notes"},
}  # fmt: skip
"""What each system calls the fields."""

STATUSES = {
    "jira": {"todo": ["To Do"], "in_progress": ["In Progress", "In Review"], "done": ["Done"]},
    "asana": {"todo": ["Backlog"], "in_progress": ["Doing"], "done": ["Done"]},
}


def read(path: Path) -> Product:
    """The description in a file. Raises pydantic's ValidationError."""
    return Product.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))


def side(system: str, name: str, url: str) -> SideOfScene:
    """How a side is described to the product."""
    kind, _, deployment = system.partition("-")
    project = "1204001" if kind == "asana" else "ENG"
    path = "/api/1.0" if kind == "asana" else ""
    return SideOfScene(system=kind, deployment=deployment, url=url + path, project=project, on_delete=ON_DELETE[name])


def fields() -> dict[str, dict[str, Any]]:
    """The fields, each with its policy and the vendors' names."""
    return {
        name: {"policy": policy.how, "prefer": policy.side, **{system: names[name] for system, names in NATIVE.items()}}
        for name, policy in FIELDS.items()
    }


def filled(text: str, words: dict[str, str]) -> str:
    """A text of the description with its words in place."""
    return text.format(python=sys.executable, bin=str(Path(sys.executable).parent), **words)
