"""The demo's scenario, step by step: everyday work in both tools. What goes wrong is in `troubles`.

A step acts as people do, waits until the other side shows it, and says what came of it. It raises StepFailed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from workers.cli.syncing import summarise
from workers.demo import troubles
from workers.demo.scene import Scene, StepFailed, until
from workers.demo.world import MAPPING
from workflows.store import parking


@dataclass(frozen=True)
class Step:
    """One thing that happens; `act` returns a sentence about what came of it."""

    name: str
    act: Callable[[Scene], Awaitable[str]]


async def fill(scene: Scene) -> str:
    """What both tools hold already is paired or created."""
    lane = scene.world.lane
    await lane.signal("apply")
    ended = await lane.follow_fill(lambda _: None)
    summary = await summarise(scene.world.store, MAPPING, ended)
    if ended.state != "done" or summary["parked"]:
        raise StepFailed(f"the first fill ended so: {summary}")
    waiting = f", {summary['conflicts']} texts wait for a person" if summary["conflicts"] else ""
    return f"{summary['records']} records, {summary['paired']} paired, {summary['created']} created{waiting}"


async def decide(scene: Scene) -> str:
    """Pairs whose texts differed are open conflicts; a person who makes the texts agree closes them."""
    texts = {"Launch page": "Hero, three benefits, one button.", "Pricing table": "Three plans, yearly first."}
    for title, text in texts.items():
        scene.issue, scene.task = await scene.pair(title)
        await scene.jira["ana"].edit(scene.issue, details=text)
        await scene.asana["ana"].edit(scene.task, details=text)
        await scene.agreed("the agreed text on both sides", lambda issue, _: issue.details is not None)

    async def closed() -> bool:
        async with scene.world.store.read() as tx:
            _, conflicts = await parking.counted(tx, MAPPING)
        return conflicts == 0

    await until(closed, "no conflict to be open")
    return f"{len(texts)} conflicts are closed"


async def create_issue(scene: Scene) -> str:
    """An issue becomes a task with all its fields."""
    await scene.jira["ana"].create(
        title="Launch film", details="Ninety seconds.\n\nNo voice-over.", due="2026-12-10", assignee="bo@acme.example",
        labels=["launch", "film"], effort=3,
    )  # fmt: skip
    scene.issue, scene.task = await scene.pair("Launch film")
    _, task = await scene.agreed("all fields of the new task", lambda _, task: task.effort == 3)
    return f"in Asana: {task.status}, due {task.due}, for {task.assignee}, {', '.join(sorted(task.labels))}"


async def create_task(scene: Scene) -> str:
    """A task in a later section becomes an issue that is moved on."""
    await scene.asana["wei"].create(title="翻译发布影片 🎬", details="字幕，中英文。", status="Doing", due="2026-12-12")
    issue_id, _ = await scene.pair("翻译发布影片 🎬")

    async def moved() -> str | None:
        issue = await scene.jira["ana"].read(issue_id)
        return issue.status if issue.status == "In Progress" and issue.due == "2026-12-12" else None

    return f"in Jira: {await until(moved, 'the issue in progress')}"


async def edit_issue(scene: Scene) -> str:
    """An edit in Jira arrives in Asana."""
    await scene.jira["bo"].edit(scene.issue, title="Launch film, 60 s")
    await scene.agreed("the new title in Asana", lambda _, task: task.title == "Launch film, 60 s")
    return "the new title stands in Asana"


async def edit_task(scene: Scene) -> str:
    """Edits in Asana arrive in Jira: a date, a tag, the text."""
    await scene.asana["wei"].edit(
        scene.task, due="2026-12-11", details="Sixty seconds.", labels=["launch", "film", "web"]
    )
    await scene.agreed(
        "date, tag and text in Jira",
        lambda issue, _: (issue.due, issue.details) == ("2026-12-11", "Sixty seconds.") and "web" in issue.labels,
    )
    return "date, tag and text stand in Jira"


async def edit_both(scene: Scene) -> str:
    """Two people edit different fields at the same time; both edits stay."""
    await asyncio.gather(
        scene.jira["ana"].edit(scene.issue, effort=5),
        scene.asana["bo"].edit(scene.task, due="2026-12-14"),
    )
    await scene.agreed("both edits on both sides", lambda issue, _: (issue.effort, issue.due) == (5, "2026-12-14"))
    return "both edits stand on both sides"


async def edit_same(scene: Scene) -> str:
    """Two people edit one field before either tool has told; the later edit wins."""
    held = {"delay": 1.5}
    await asyncio.gather(*(scene.world.bend(system, webhooks=held) for system in ("jira", "asana")))
    await scene.asana["wei"].edit(scene.task, title="Film: wei's title")
    await scene.jira["ana"].edit(scene.issue, title="Film: ana's title")
    await asyncio.gather(*(scene.world.bend(system, webhooks={"delay": 0.01}) for system in ("jira", "asana")))
    await scene.agreed("the later title on both sides", lambda issue, _: issue.title == "Film: ana's title")
    return "ana's title was the later one and stands on both sides"


async def finish(scene: Scene) -> str:
    """A task moved to Done takes its issue through the workflow, with the resolution that the screen demands."""
    await scene.asana["bo"].edit(scene.task, status="Done")
    await scene.agreed("the issue done", lambda issue, _: issue.status == "Done")
    resolution = await scene.jira["ana"].resolution(scene.issue)
    if resolution != "Fixed":
        raise StepFailed(f"expected the resolution Fixed, found {resolution}")
    return "To Do, In Progress, In Review, Done in Jira, resolution Fixed"


async def review(scene: Scene) -> str:
    """A status that only Jira knows stays as it is while the task is edited."""
    for status in ("To Do", "In Progress", "In Review"):
        await scene.jira["ana"].edit(scene.issue, status=status)
    await scene.agreed("the task in Doing", lambda _, task: task.status == "Doing")
    await scene.asana["bo"].edit(scene.task, effort=8)
    issue, _ = await scene.agreed("the effort in Jira", lambda issue, _: issue.effort == 8)
    if issue.status != "In Review":
        raise StepFailed(f"expected In Review in Jira, found {issue.status}")
    return "In Review in Jira is Doing in Asana, and stays In Review"


async def comment_jira(scene: Scene) -> str:
    """A comment in Jira is copied with its author's name, and so is its edit."""
    comment = await scene.jira["ana"].comment(scene.issue, "Who has the music rights?")
    await _heard(scene, "Asana", "Ana Chen", "Who has the music rights?")
    await scene.jira["ana"].edit_comment(scene.issue, comment, "Who has the music rights? Until Friday, please.")
    await _heard(scene, "Asana", "Ana Chen", "Until Friday, please.")
    return "in Asana under Ana Chen's name, and edited"


async def comment_asana(scene: Scene) -> str:
    """Two comments in Asana are copied the other way, and an edit of the first."""
    comment = await scene.asana["bo"].comment(scene.task, "We bought them.")
    await scene.asana["wei"].comment(scene.task, "合同在附件里。")
    await _heard(scene, "Jira", "Bo Larsen", "We bought them.")
    await _heard(scene, "Jira", "Chen Wei", "合同在附件里。")
    await scene.asana["bo"].edit_comment(scene.task, comment, "We bought them, worldwide.")
    await _heard(scene, "Jira", "Bo Larsen", "worldwide")
    return "both in Jira under their authors' names, the first one edited"


async def _heard(scene: Scene, tool: str, author: str, text: str) -> None:
    """Wait for one copy with this author and text, and for as many comments on both sides."""

    async def looked() -> bool:
        issue, task = await scene.both()
        copies = issue.comments if tool == "Jira" else task.comments
        return (
            len(issue.comments) == len(task.comments)
            and sum(author in body and text in body for _, body in copies) == 1
        )

    await until(looked, f"the comment {text!r} by {author} in {tool}")


async def attach(scene: Scene) -> str:
    """Files are copied both ways."""
    await scene.jira["ana"].attach(scene.issue, "storyboard.txt", b"Scene 1: a dark room.\n" * 500)
    await scene.asana["wei"].attach(scene.task, "contract.pdf", bytes(range(256)) * 100)
    issue, _ = await scene.agreed(
        "both files on both sides", lambda issue, task: len(issue.files) == len(task.files) == 2
    )
    return ", ".join(f"{name} ({size} bytes)" for name, size in sorted(issue.files)) + " on both sides"


async def empty(scene: Scene) -> str:
    """What is emptied on one side is empty on the other."""
    await scene.asana["wei"].edit(scene.task, due=None, assignee=None)
    await scene.agreed("no date, nobody", lambda issue, _: issue.due is None and issue.assignee is None)
    return "date and assignee are empty on both sides"


async def burst(scene: Scene) -> str:
    """Twenty quick edits of one record end with the last."""
    for number in range(1, 21):
        await scene.jira["bo"].edit(scene.issue, title=f"Film, draft {number}")
    await scene.agreed("the last title in Asana", lambda _, task: task.title == "Film, draft 20")
    return "draft 20 stands on both sides"


async def delete(scene: Scene) -> str:
    """An issue that is deleted takes its task with it, as its side's `on_delete` says."""
    await scene.jira["ana"].create(title="A mistake")
    issue_id, task_id = await scene.pair("A mistake")
    await scene.jira["ana"].delete(issue_id)

    async def gone() -> bool:
        return all(task.id != task_id for task in await scene.asana["ana"].all())

    await until(gone, "the task gone")
    return "the task is gone too"


STEPS: Final = (
    Step("The first fill: what both tools hold is paired, the rest is created", fill),
    Step("ana decides where the texts of a pair differed from the start", decide),
    Step("ana creates an issue in Jira", create_issue),
    Step("wei creates a task in Asana", create_task),
    Step("bo edits the title in Jira", edit_issue),
    Step("wei edits date, text and tags in Asana", edit_task),
    Step("ana and bo edit different fields at the same time", edit_both),
    Step("wei and ana edit the same field at the same time", edit_same),
    Step("bo moves the task to Done, four statuses away in Jira", finish),
    Step("ana reopens the issue and asks for a review", review),
    Step("ana comments in Jira, and edits the comment", comment_jira),
    Step("bo and wei comment in Asana, and bo edits his", comment_asana),
    Step("ana and wei attach files", attach),
    Step("wei empties the date and the assignee", empty),
    Step("bo edits one title twenty times", burst),
    Step("ana deletes an issue", delete),
    Step("The worker is killed while it creates a task", troubles.killed_worker),
    Step("Jira loses a webhook", troubles.lost_webhook),
    Step("Jira refuses one field", troubles.refused_field),
    Step("Jira answers 429 to a write", troubles.rate_limit),
    Step("Asana is down for a moment", troubles.outage),
)
