"""Comments and system stories of a task."""

from connectors.standins.asana import model, richtext
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.paging import paged
from connectors.standins.asana.routing import Answer, Call, Router, empty

ROUTES = Router()


@ROUTES.route("GET", "/tasks/{gid}/stories")
async def of_task(call: Call) -> Answer:
    """Comments and system stories mixed, oldest first."""
    return paged(call, call.world.find(model.Task, call.gid).stories)


@ROUTES.route("POST", "/tasks/{gid}/stories")
async def comment(call: Call) -> Answer:
    """A comment by the one whose token it is; `text` or `html_text`."""
    task = call.world.find(model.Task, call.gid)
    rich = _rich(call)
    story = model.Story(
        gid=call.world.gid(),
        task=task,
        resource_subtype="comment_added",
        text=rich.text,
        html_text=rich.xml,
        created_by=call.user,
        created_at=call.world.stamp(),
        type="comment",
        is_pinned=bool(call.data.get("is_pinned")),
    )
    call.world.touch(task)
    return call.one(call.world.attach_story(story), 201)


def _rich(call: Call) -> richtext.Rich:
    text, html = call.data.get("text"), call.data.get("html_text")
    if text is not None and html is not None:
        raise ApiError(400, "text: Only one of text and html_text can be set")
    if isinstance(html, str):
        return richtext.parse(html, richtext.COMMENT_TAGS, call.world.resolve)
    if not isinstance(text, str):
        raise ApiError(400, "text: Missing input")
    return richtext.plain(text)


@ROUTES.route("GET", "/stories/{gid}")
async def read(call: Call) -> Answer:
    """One story."""
    return call.one(call.world.find(model.Story, call.gid))


@ROUTES.route("PUT", "/stories/{gid}")
async def update(call: Call) -> Answer:
    """The text of one's own comment, or the pin of any."""
    story = call.world.find(model.Story, call.gid)
    if "text" in call.data or "html_text" in call.data:
        _check_own(call, story)
        rich = _rich(call)
        story.text, story.html_text, story.is_edited = rich.text, rich.xml, True
        change = {"field": "text", "action": "changed"}
        call.world.emit("changed", story, call.user, parent=story.task, change=change)
    if "is_pinned" in call.data:
        story.is_pinned = bool(call.data["is_pinned"])
    return call.one(story)


@ROUTES.route("DELETE", "/stories/{gid}")
async def delete(call: Call) -> Answer:
    """One's own comment."""
    story = call.world.find(model.Story, call.gid)
    _check_own(call, story)
    call.world.touch(story.task)
    call.world.emit("removed", story, call.user, parent=story.task)
    call.world.emit("deleted", story, call.user)
    story.task.stories.remove(story)
    del call.world.objects[story.gid]
    return empty()


def _check_own(call: Call, story: model.Story) -> None:
    if story.type != "comment" or story.created_by is not call.user:
        raise ApiError(403, "story: You can only change or delete comments that you wrote")
