"""The states of the two stand-ins: filled with full records, and edited as a person would, without a request."""

from dataclasses import dataclass, field
from typing import Final

from connectors.standins.asana import edits, model
from connectors.standins.asana import sample as asana_sample
from connectors.standins.asana.world import World as AsanaWorld
from connectors.standins.control import Control
from connectors.standins.jira import actions
from connectors.standins.jira.catalogue import BY_NAME, TASK
from connectors.standins.jira.events import Publisher
from connectors.standins.jira.model import Issue
from connectors.standins.jira.view import View
from connectors.standins.jira.web import Call
from connectors.standins.jira.wiki import to_adf
from connectors.standins.jira.world import World as JiraWorld
from tests.bench.people import BOT
from tests.bench.watching import Watch

TEXT: Final = "h2. What is to be done\nAgree on *words* and pictures, then tell _everybody_.\n* page\n* mail\n* booth"

Titles = dict[str, str]
"""Title by the id of the record."""


@dataclass
class Jira:
    """The state of a Jira; whoever edits is Ana."""

    world: JiraWorld
    publisher: Publisher
    base: str
    watch: Watch
    authorization: str = BOT["jira"]
    call: Call = field(init=False)

    def __post_init__(self) -> None:
        view = View(self.base, "3", cloud=True)
        self.call = Call("PUT", self.world, self.publisher, BY_NAME["ana"], view, {}, {}, b"")

    def titles(self) -> Titles:
        """Of all issues."""
        return {str(issue.id): str(issue.values["summary"]) for issue in self.world.issues.values()}

    def edit(self, id_: str, title: str) -> None:
        """Give an issue another summary, with changelog, `updated` and webhook."""
        actions.edit(self.call, self.world.issues[int(id_)], {"summary": title})

    def seed(self, count: int) -> None:
        """Make issues with every mapped field filled, without webhooks."""
        at = self.world.now() - count
        for number in range(1, count + 1):
            values = {
                "summary": f"Item {number}",
                "issuetype": TASK.id,
                "description": to_adf(f"{TEXT}\n\nNumber {number}."),
                "assignee": BY_NAME[("ana", "bo", "wei")[number % 3]].account,
                "duedate": f"2027-{number % 12 + 1:02}-{number % 28 + 1:02}",
                "labels": ["launch"],
                "customfield_10031": float(number % 13),
            }
            self.world.make(self.world.projects["ENG"], BY_NAME["ana"], values, at + number)
        self.world.index.fill(self.world.issues)


class WatchedJira(JiraWorld):
    """A Jira that tells what an issue shows after every edit."""

    def __init__(self, control: Control, watch: Watch) -> None:
        super().__init__(control, ("ENG",))
        self.watch = watch

    def edit(self, issue: Issue, *arguments: object) -> Issue:
        """See the base class."""
        edited = super().edit(issue, *arguments)  # type: ignore[arg-type]
        self.watch.see(str(edited.id), edited.values["summary"])
        return edited


@dataclass
class Asana:
    """The state of an Asana; whoever edits is Bo."""

    world: AsanaWorld
    watch: Watch
    authorization: str = BOT["asana"]

    def titles(self) -> Titles:
        """Of all tasks."""
        return {task.gid: task.name for task in self.world.tasks()}

    def edit(self, id_: str, title: str) -> None:
        """Give a task another name, with story, `modified_at` and events."""
        edits.edit(self.world, self.world.tokens["bo-token"], self.world.find(model.Task, id_), {"name": title})

    def seed(self, count: int) -> None:
        """Make plain tasks, without webhooks."""
        project = self.world.find(model.Project, asana_sample.PROJECT)
        asana_sample.seed(self.world, count, project, project.sections[0], "Item {n}")


class WatchedAsana(AsanaWorld):
    """An Asana that tells what a task shows after every edit."""

    def __init__(self, control: Control, watch: Watch) -> None:
        super().__init__(control)
        self.watch = watch

    def touch(self, task: model.Task) -> None:
        """See the base class."""
        super().touch(task)
        self.watch.see(task.gid, task.name)
