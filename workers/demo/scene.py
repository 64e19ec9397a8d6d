"""What the steps of the demo share: people at both tools, waiting for what should come, and comparing two records."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, fields
from typing import Final, TypeVar

from workers.demo.asana_desk import AsanaDesk
from workers.demo.jira_desk import JiraDesk
from workers.demo.people import Desk, Seen
from workers.demo.world import World

T = TypeVar("T")

PEOPLE: Final = ("ana", "bo", "wei")
PATIENCE_SECONDS: Final = 90.0
POLL_SECONDS: Final = 0.05
SAME_STATUS: Final = {
    "To Do": "Backlog",
    "In Progress": "Doing",
    "In Review": "Doing",
    "Done": "Done",
    "Cancelled": "Done",
}
"""What a status in Jira is called in Asana."""


class StepFailed(Exception):
    """A step did not come out as it must; the text says what was expected and what was found."""


@dataclass
class Scene:
    """People in Jira and in Asana by first name, and the pair of records that most steps work on."""

    world: World
    jira: dict[str, JiraDesk] = field(init=False)
    asana: dict[str, AsanaDesk] = field(init=False)
    issue: str = ""
    task: str = ""

    def __post_init__(self) -> None:
        self.jira = {person: JiraDesk(self.world.url("jira"), person) for person in PEOPLE}
        self.asana = {person: AsanaDesk(self.world.url("asana"), person) for person in PEOPLE}

    async def pair(self, title: str) -> tuple[str, str]:
        """Wait until a record of this title stands on both sides, once each: the issue's id, the task's id."""
        return await until(lambda: self._pair(title), f"a record {title!r} on both sides")

    async def _pair(self, title: str) -> tuple[str, str] | None:
        issues = await titled(self.jira["ana"], title)
        tasks = await titled(self.asana["ana"], title)
        if len(issues) > 1 or len(tasks) > 1:
            raise StepFailed(f"{title!r} stands {len(issues)} times in Jira and {len(tasks)} times in Asana")
        return (issues[0].id, tasks[0].id) if issues and tasks else None

    async def both(self) -> tuple[Seen, Seen]:
        """The pair as it is now, with comments and files."""
        issue, task = await asyncio.gather(self.jira["ana"].read(self.issue), self.asana["ana"].read(self.task))
        return issue, task

    async def agreed(self, expected: str, right: Callable[[Seen, Seen], bool]) -> tuple[Seen, Seen]:
        """Wait until the pair agrees in every field and is as it should be."""

        async def looked() -> tuple[Seen, Seen] | None:
            issue, task = await self.both()
            return (issue, task) if right(issue, task) and not differences(issue, task) else None

        return await until(looked, expected)


async def until(look: Callable[[], Awaitable[T | None]], expected: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Look again and again until there is something. Raises StepFailed that says what was expected."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        found = await look()
        if found:
            return found
        await asyncio.sleep(POLL_SECONDS)
    raise StepFailed(f"waited {seconds:g} s for {expected}")


async def titled(desk: Desk, title: str) -> list[Seen]:
    """The records of this title."""
    return [record for record in await desk.all() if record.title == title]


def differences(issue: Seen, task: Seen) -> list[str]:
    """Every field in which an issue and its task differ, with both values."""
    translated = {**_shown(issue), "status": SAME_STATUS.get(issue.status, issue.status)}
    found = [
        f"{issue.title!r} {name}: Jira {translated[name]!r}, Asana {value!r}"
        for name, value in _shown(task).items()
        if translated[name] != value
    ]
    if len(issue.comments) != len(task.comments):
        found.append(f"{issue.title!r}: {len(issue.comments)} comments in Jira, {len(task.comments)} in Asana")
    if Counter(issue.files) != Counter(task.files):
        found.append(f"{issue.title!r}: files {issue.files} in Jira, {task.files} in Asana")
    return found


def _shown(record: Seen) -> dict[str, object]:
    return {one.name: getattr(record, one.name) for one in fields(record) if one.compare}


async def disagreements(scene: Scene) -> tuple[int, list[str]]:
    """How many pairs there are, and everything in which the two tools differ: fields, comments, files, doubles."""
    jira, asana = scene.jira["ana"], scene.asana["ana"]
    issues, tasks = await asyncio.gather(jira.all(), asana.all())
    found = [
        f"{title!r} stands {count} times in {tool}"
        for tool, records in (("Jira", issues), ("Asana", tasks))
        for title, count in Counter(record.title for record in records).items()
        if count > 1
    ]
    by_title = {record.title: record for record in tasks}
    alone = {record.title for record in issues} ^ by_title.keys()
    found += [f"{title!r} stands on one side only" for title in sorted(alone)]
    pairs = [(issue.id, by_title[issue.title].id) for issue in issues if issue.title in by_title]
    for issue_id, task_id in pairs:
        found += differences(await jira.read(issue_id), await asana.read(task_id))
    return len(pairs), found
