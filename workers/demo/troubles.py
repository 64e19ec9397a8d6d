"""The steps of the demo in which something goes wrong: crashes, losses, refusals. See `steps` for how a step works."""

from workers.demo.scene import Scene, StepFailed, titled, until
from workers.demo.world import MAPPING
from workflows.store import parking
from workflows.store.parking import Parked

CREATE_TASK = r"^POST /api/1\.0/tasks$"
WRITE_ISSUE = r"^PUT /rest/api/\d/issue/"


async def killed_worker(scene: Scene) -> str:
    """The worker dies while its create is under way; nothing is created twice."""
    title = "Made during a crash"
    await scene.world.bend("asana", faults=[{"match": CREATE_TASK, "do": "slow", "seconds": 1.0}])
    await scene.jira["ana"].create(title=title)
    await until(lambda: _fault_met(scene), "the request that creates the task")
    pid = scene.world.kill_worker()
    await scene.pair(title)

    async def settled() -> bool:
        status = await scene.world.lane.status()
        return status.idle

    await until(settled, "the new worker to finish")
    tasks = await titled(scene.asana["ana"], title)
    if len(tasks) != 1:
        raise StepFailed(f"expected one task {title!r}, found {len(tasks)}")
    return f"process {pid} was killed; one task, made once"


async def _fault_met(scene: Scene) -> bool:
    """A slow fault is used up when its request arrives, a second before the work is done."""
    return not await scene.world.faults("asana")


async def lost_webhook(scene: Scene) -> str:
    """A change that no webhook tells is found by the sweep."""
    await scene.world.bend("jira", webhooks={"lose_next": 1})
    missed = (await scene.world.lane.status()).missed

    async def counted() -> bool:
        return (await scene.world.lane.status()).missed > missed

    await scene.jira["ana"].edit(scene.issue, title="Film, final cut")
    await scene.agreed("the title that no webhook told", lambda _, task: task.title == "Film, final cut")
    await until(counted, "the sweep to count a missed change")
    return "the sweep found it, and counted it as missed"


async def refused_field(scene: Scene) -> str:
    """A value that Jira refuses is parked with the reason; the rest goes on; mended, it leaves the list."""
    await scene.asana["wei"].edit(scene.task, title="Film, approved", labels=["launch", "needs a lawyer"])
    parked = await until(lambda: _parked(scene, "labels"), "the labels parked")

    async def carried() -> bool:
        return (await scene.jira["ana"].read(scene.issue)).title == "Film, approved"

    await until(carried, "the title, which goes on")
    await scene.asana["wei"].edit(scene.task, labels=["launch", "legal"])
    await scene.agreed("the mended tag in Jira", lambda issue, _: "legal" in issue.labels)

    async def cleared() -> bool:
        return await _parked(scene, "labels") is None

    await until(cleared, "the list of parked fields empty")
    return f"parked as {parked.side}.{parked.field}: {parked.reason}; mended since"


async def _parked(scene: Scene, field: str) -> Parked | None:
    async with scene.world.store.read() as tx:
        rows = await parking.listed(tx, MAPPING)
    return next((row for row in rows if row.field == field), None)


async def rate_limit(scene: Scene) -> str:
    """A write that is answered 429 is repeated when the vendor says so."""
    fault = {"match": WRITE_ISSUE, "do": "status", "status": 429, "retry_after": 1.0, "times": 2}
    await scene.world.bend("jira", faults=[fault])
    await scene.asana["bo"].edit(scene.task, effort=13)
    await scene.agreed("the effort in Jira", lambda issue, _: issue.effort == 13)
    if await scene.world.faults("jira"):
        raise StepFailed("expected Jira to have answered 429 twice, but it was not asked so often")
    return "carried after two answers of 429"


async def outage(scene: Scene) -> str:
    """While a tool answers 503 nothing is lost."""
    await scene.world.bend("asana", faults=[{"match": "/api/", "do": "status", "status": 503, "times": 0}])
    await scene.jira["ana"].edit(scene.issue, title="Film, released", due="2026-12-20")

    async def noticed() -> bool:
        return "mkt-asana" in (await scene.world.lane.status()).paused

    await until(noticed, "the connection to be left alone")
    await scene.world.bend("asana", faults=[])
    await scene.agreed("the edit in Asana", lambda _, task: (task.title, task.due) == ("Film, released", "2026-12-20"))
    return "the connection was left alone, and caught up"
