"""A service between the two stand-ins, with a person at each: what the sync tests run on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from connectors.standins.asana.app import build as asana
from connectors.standins.control import Control
from connectors.standins.jira.app import build as jira
from connectors.standins.server import running
from tests.service import Service, eventually, serving, workspace
from tests.workflows.vendors import AsanaDesk, Desk, JiraDesk
from workers.demo.ports import any_port
from workers.settings import Settings
from workflows.store import journal, links, parking
from workflows.store.journal import Entry
from workflows.store.parking import Parked

OTHER = {"eng": "mkt", "mkt": "eng"}
"""The opposite side, in the mapping below."""

CONNECTIONS = """
connections:
  eng-jira:
    system: jira
    url: {jira}
    auth: {{email: bot@acme.example, token: {jira_token}}}
    webhook: {{secret: jira-hook-secret}}
    settle_seconds: 1
  mkt-asana:
    system: asana
    url: {asana}/api/1.0
    auth: {{token: bot-token}}
    settle_seconds: 1
"""

MAPPING = """
kind: sync
name: tasks
sides:
  eng:
    connection: eng-jira
    object: issue
    scope: {project: ENG}
    create: {issuetype: Task}
    on_delete: delete
  mkt:
    connection: mkt-asana
    object: task
    scope: {project: "1204001"}
    on_delete: unlink
match: [title]
fields:
  title: {eng: summary, mkt: name}
  details: {eng: description, mkt: notes, type: rich_text, conflict: merge}
  status:
    eng: {field: status, screen: {Done: {resolution: Done}}}
    mkt: section
    values:
      todo:        {eng: To Do, mkt: Backlog}
      in_progress: {eng: [In Progress, In Review], mkt: Doing}
      done:        {eng: Done, mkt: Done}
  due: {eng: duedate, mkt: due_on}
  assignee: {eng: assignee, mkt: assignee, conflict: prefer eng}
  labels: {eng: labels, mkt: tags, conflict: union}
  effort: {eng: Story Points, mkt: Effort, conflict: ask}
  severity: {eng: Severity, mkt: Severity}
comments: both
attachments: both
"""


@dataclass
class Bench:
    """A service with a mapping `tasks`, the stand-ins' control doors, and the desks by side."""

    service: Service
    folder: Path
    jira_url: str
    asana_url: str
    jira: Control
    asana: Control
    desks: dict[str, Desk]
    mapping: str = "tasks"

    def connections(self, jira_token: str = "bot-token") -> str:
        """The text of connections.yaml."""
        return CONNECTIONS.format(jira=self.jira_url, asana=self.asana_url, jira_token=jira_token)

    def appears(self, side: str, title: str) -> str:
        """The id of the record with this title, once it is there."""
        return eventually(lambda: dict(self.desks[side].listed()).get(title), f"{title!r} on {side}")

    def count(self, title: str) -> dict[str, int]:
        """How many records have this title, by side."""
        return {side: [name for name, _ in desk.listed()].count(title) for side, desk in self.desks.items()}

    def pair(self, title: str, origin: str = "eng", **values: Any) -> dict[str, str]:
        """A record made on one side, and its copies: ids by side."""
        first = self.desks[origin].create(title, **values)
        return {side: first if side == origin else self.appears(side, title) for side in self.desks}

    def shows(self, side: str, id_: str, **values: Any) -> None:
        """Wait until a record has these values."""
        now: dict[str, Any] = {}

        def fits() -> bool:
            now.update(self.desks[side].read(id_))
            return {name: now[name] for name in values} == values

        eventually(fits, f"{values} on {side}", lambda: now)

    def quiet(self) -> None:
        """Wait until nothing is pending or in flight, which is when all that is known has been carried."""
        eventually(
            lambda: self.service.status(self.mapping).idle, "an idle lane", lambda: self.service.status(self.mapping)
        )

    def together(self, *edits: Callable[[], object]) -> None:
        """Let edits fall between two looks of the service: the lane is held until all are made."""
        self.service.signal(self.mapping, "pause")
        eventually(lambda: (s := self.service.status(self.mapping)).stopped and not s.in_flight, "a pause")
        for edit in edits:
            edit()
        self.service.signal(self.mapping, "resume")

    def sweep(self, *, full: bool = False) -> None:
        """Sweep, and wait until what it found is carried."""
        self.service.signal(self.mapping, "sweep", full)
        self.quiet()

    def link(self, side: str, id_: str) -> str:
        """The link of a record."""
        found = self.service.query(links.find, self.mapping, [(side, id_)])
        return found[side, id_]

    def parked(self, side: str, id_: str) -> list[Parked]:
        """What is parked of a record's link."""
        link = self.link(side, id_)
        return self.service.query(parking.of_links, [link]).get(link, [])

    def story(self, side: str, id_: str) -> list[Entry]:
        """The journal of a record's link."""
        return self.service.query(journal.of_link, self.link(side, id_), None, 1000)


@contextmanager
def bench(
    folder: Path,
    place: Any,
    mapping: str = MAPPING,
    desks: Callable[[str, str], Sequence[Desk]] = lambda jira, asana: [JiraDesk(jira), AsanaDesk(asana)],
    url: str | None = None,
) -> Iterator[Bench]:
    """Start everything, with the mapping applied. `place`: see `tests.conftest.places`; `url`: of an empty database."""
    controls = Control(), Control()
    with running(jira(controls[0])) as jira_url, running(asana(controls[1])) as asana_url:
        there = {desk.side: desk for desk in desks(jira_url, asana_url)}
        text = CONNECTIONS.format(jira=jira_url, asana=asana_url, jira_token="bot-token")
        workspace(folder, {"connections.yaml": text, "mappings/tasks.yaml": mapping})
        http = f"127.0.0.1:{any_port()}"
        settings = Settings(
            workspace=folder, http=http, public_url=f"http://{http}", temporal_address=place.address,
            temporal_namespace=place.namespace, sweep_seconds=3600, full_sweep_seconds=36000,
            database_url=SecretStr(url) if url else None,
        )  # fmt: skip
        with serving(settings) as service:
            made = Bench(service, folder, jira_url, asana_url, *controls, there)
            assert service.fill("tasks").fill.state == "done"  # type: ignore[union-attr]
            eventually(lambda: len(hooks(made)) == len(connections_of(there)), "the hooks")
            yield made
        for desk in there.values():
            desk.http.close()


def hooks(made: Bench) -> set[str]:
    """The connections with a registered hook."""
    from sqlalchemy import select

    from workflows.store.tables import hooks as table

    async def ask(tx: Any) -> set[str]:
        return set((await tx.execute(select(table.c.connection).where(table.c.vendor_id.is_not(None)))).scalars())

    return made.service.query(ask)


def connections_of(desks: dict[str, Desk]) -> set[type]:
    """One connection a system."""
    return {type(desk) for desk in desks.values()}
