"""Routes at the control door: the whole state, and bulk loading."""

from typing import Any, Final

from connectors.standins.jira.catalogue import BY_NAME, TASK
from connectors.standins.jira.shapes import comment_json, issue_json, selected
from connectors.standins.jira.web import Call, Refused, Reply, Routes

routes: Final = Routes()


@routes.on("GET", "state")
def state(call: Call) -> Reply:
    """Every issue with all its fields, comments, files and properties."""
    return Reply(200, {"issues": [_whole(call, number) for number in call.world.issues]})


@routes.on("POST", "seed")
def seed(call: Call) -> Reply:
    """Make `count` issues without webhooks: `{"count", "project", "labels", "summary", "step"}`.

    `step` is how many milliseconds lie between one issue's creation and the next; the last is created now.
    """
    body, world = call.json(), call.world
    count, step = int(body.get("count", 0)), int(body.get("step", 1))
    project = world.project(str(body.get("project", "ENG")))
    if project is None:
        raise Refused(400, f"There is no project {body.get('project')!r}; there are: {', '.join(world.projects)}.")
    labels, word = sorted(body.get("labels", [])), str(body.get("summary", "Item"))
    at = world.now() - count * step
    made = [
        world.make(
            project,
            BY_NAME["bot"],
            {"summary": f"{word} {number}", "issuetype": TASK.id, "labels": labels},
            at + number * step,
        )
        for number in range(1, count + 1)
    ]
    world.index.fill(world.issues)
    span = {"first": str(made[0].id), "last": str(made[-1].id)} if made else {}
    return Reply(200, {"count": count, **span})


def _whole(call: Call, number: int) -> dict[str, Any]:
    issue = call.world.issues[number]
    comments = call.world.comments.get(number, {}).values()
    return {
        **issue_json(call.world, issue, call.view, selected(("*all", "-comment"), "*all")),
        "comments": [comment_json(comment, call.view, ("properties",)) for comment in comments],
        "properties": call.world.properties.get(number, {}),
    }
