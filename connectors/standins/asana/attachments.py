"""Files and links at tasks. A download link is signed, expires, and is fetched without the Authorization header."""

from urllib.parse import unquote

from connectors.standins.asana import model
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.paging import paged
from connectors.standins.asana.routing import Answer, Call, Router, empty

ROUTES = Router()
LARGEST_FILE = 100 * 1024 * 1024


@ROUTES.route("GET", "/attachments")
async def of_parent(call: Call) -> Answer:
    """The attachments of the task that `parent` names."""
    if call.query.get("offset"):
        return paged(call, [])
    return paged(call, call.world.refer(model.Task, call.query.get("parent"), "parent").attachments)


@ROUTES.route("POST", "/attachments")
async def attach(call: Call) -> Answer:
    """A file as multipart form, or with `resource_subtype=external` a link."""
    parent = call.world.refer(model.Task, call.required("parent"), "parent")
    attachment = _linked(call, parent) if call.data.get("resource_subtype") == "external" else _uploaded(call, parent)
    parent.attachments.append(call.world.add(attachment))
    call.world.touch(parent)
    call.world.emit("added", attachment, call.user, parent=parent)
    call.world.tell(parent, call.user, "attachment_added", f"attached {attachment.name}")
    return call.one(attachment)


def _linked(call: Call, parent: model.Task) -> model.Attachment:
    name, url = str(call.required("name")), str(call.required("url"))
    return model.Attachment(call.world.gid(), name, parent, call.world.stamp(), "external", url=url)


def _uploaded(call: Call, parent: model.Task) -> model.Attachment:
    if call.file is None:
        raise ApiError(400, "file: Missing input")
    name, content = call.file
    if len(content) > LARGEST_FILE:
        raise ApiError(400, "file: Attachments are limited to 100 MB")
    return model.Attachment(call.world.gid(), unquote(name), parent, call.world.stamp(), "asana", content)


@ROUTES.route("GET", "/attachments/{gid}")
async def read(call: Call) -> Answer:
    """One attachment with a fresh download link."""
    return call.one(call.world.find(model.Attachment, call.gid))


@ROUTES.route("DELETE", "/attachments/{gid}")
async def delete(call: Call) -> Answer:
    """For good."""
    attachment = call.world.find(model.Attachment, call.gid)
    call.world.touch(attachment.parent)
    call.world.emit("removed", attachment, call.user, parent=attachment.parent)
    call.world.emit("deleted", attachment, call.user)
    attachment.parent.attachments.remove(attachment)
    del call.world.objects[attachment.gid]
    return empty()
