"""What the control door of this stand-in offers beside the common knobs."""

import itertools
from typing import Any

import orjson

from connectors.standins.asana import model, placing, sample, webhooks
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.fields import WHOLE, parse, show
from connectors.standins.asana.routing import Answer
from connectors.standins.asana.shapes import View

SHOWN_STORIES = "type,resource_subtype,text,html_text,created_at,created_by"
SHOWN_ATTACHMENTS = "name,resource_subtype,size,view_url"


def answer(view: View, method: str, name: str, query: dict[str, str], body: bytes) -> Answer:
    """Carry out what the control door is asked for. Raises ApiError 404 for an unknown wish, 400 for bad input."""
    try:
        return _carry_out(view, method, name, query, orjson.loads(body) if body else {})
    except (ValueError, TypeError) as error:
        raise ApiError(400, f"{method} {name}: {error}") from error


def _carry_out(view: View, method: str, name: str, query: dict[str, str], sent: dict[str, Any]) -> Answer:
    match method, name:
        case "GET", "state":
            return Answer(200, state(view, int(query["limit"]) if "limit" in query else None))
        case "POST", "seed":
            return _seed(view, sent)
        case "POST", "heartbeat":
            return Answer(200, {"sent": webhooks.beat(view.world)})
        case "POST", "expire":
            view.world.streams.expire()
            view.world.listings.expire()
            return Answer(200, {})
        case "POST", "undelete":
            task = view.world.trash.get(str(sent.get("gid")))
            if task is None:
                raise ApiError(404, f"gid: Not in the trash: {sent.get('gid')}")
            placing.restore(view.world, view.user, task)
            return Answer(200, {})
        case _:
            raise ApiError(
                404, f"No such control: {method} {name}. There are: state, seed, heartbeat, expire, undelete"
            )


def state(view: View, most: int | None) -> dict[str, Any]:
    """Everything there is, each task with its stories and attachments; `most` cuts the tasks short."""
    world = view.world
    return {
        "users": [show(user, view, WHOLE) for user in world.users()],
        "projects": [show(project, view, WHOLE) for project in world.projects],
        "sections": [show(section, view, WHOLE) for project in world.projects for section in project.sections],
        "custom_fields": [show(field, view, WHOLE) for field in world.custom_fields],
        "tags": [show(tag, view, WHOLE) for tag in world.tags],
        "webhooks": [show(hook, view, WHOLE) for hook in webhooks.of_world(world)],
        "tasks": [_whole(view, task) for task in itertools.islice(world.tasks(), most)],
        "trash": list(world.trash),
    }


def _whole(view: View, task: model.Task) -> dict[str, Any]:
    extra = parse("html_notes,completed_by,created_by,num_subtasks,dependencies,external")
    return {
        **show(task, view, WHOLE),
        **show(task, view, extra),
        "stories": show(task.stories, view, parse(SHOWN_STORIES)),
        "attachments": show(task.attachments, view, parse(SHOWN_ATTACHMENTS)),
    }


def _seed(view: View, sent: dict[str, Any]) -> Answer:
    project = view.world.refer(model.Project, sent.get("project", sample.PROJECT), "project")
    section = project.sections[0]
    if "section" in sent:
        section = view.world.refer(model.Section, sent["section"], "section")
    count = int(sent.get("count", 0))
    sample.seed(view.world, count, project, section, str(sent.get("name", "Item {n}")))
    return Answer(200, {"made": count})
