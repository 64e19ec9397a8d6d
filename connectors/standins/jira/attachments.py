"""Routes of files: upload, describe, download, delete."""

import io
from typing import Any, Final

from python_multipart import parse_form
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import File

from connectors.standins.jira import actions
from connectors.standins.jira.model import Attachment
from connectors.standins.jira.shapes import attachment_json
from connectors.standins.jira.web import Call, Refused, Reply, Routes

routes: Final = Routes()

UPLOAD_LIMIT: Final = 10_485_760
FILES_MAX: Final = 60
NO_CHECK: Final = frozenset({"no-check", "nocheck"})


@routes.on("POST", "issue/{}/attachments")
def add_attachments(call: Call, ref: str) -> Reply:
    """Attach the parts named `file`; refused without the header that proves it is no browser form."""
    if call.headers.get("x-atlassian-token", "") not in NO_CHECK:
        raise Refused(403, "XSRF check failed")
    issue = call.issue(ref)
    files = _files(call)
    if not files or len(files) > FILES_MAX:
        raise Refused(400, f"Send 1 to {FILES_MAX} files in parts named 'file'.")
    if any(len(content) > UPLOAD_LIMIT for _, _, content in files):
        raise Refused(413, f"The file is larger than the limit of {UPLOAD_LIMIT} bytes.")
    added = [actions.add_file(call, issue, name, mime, content) for name, mime, content in files]
    return Reply(200, [attachment_json(attachment, call.view) for attachment in added])


@routes.on("GET", "attachment/meta")
def settings(call: Call) -> Reply:
    """Whether files may be attached, and how large."""
    call.must_sign_in()
    return Reply(200, {"enabled": True, "uploadLimit": UPLOAD_LIMIT})


@routes.on("GET", "attachment/{}")
def get_attachment(call: Call, number: str) -> Reply:
    """What is known of a file. Here, unlike in an issue, the id is a number on Cloud."""
    attachment = _attachment(call, number)
    shown: dict[str, Any] = attachment_json(attachment, call.view)
    return Reply(200, {**shown, "id": attachment.id} if call.view.cloud else shown)


@routes.on("DELETE", "attachment/{}")
def delete_attachment(call: Call, number: str) -> Reply:
    """Delete a file."""
    actions.remove_file(call, _attachment(call, number))
    return Reply(204)


@routes.on("GET", "attachment/content/{}", cloud_only=True)
def download(call: Call, number: str) -> Reply:
    """Send to the place of the bytes, or the bytes themselves with `redirect=false`."""
    attachment = _attachment(call, number)
    if call.text("redirect") == "false":
        return media(attachment)
    place = f"{call.view.base}/media/{attachment.id}?token=signed-{attachment.created}"
    return Reply(303, None, {"Location": place})


def media(attachment: Attachment) -> Reply:
    """The bytes of a file."""
    disposition = "attachment; filename*=UTF-8''" + _quoted(attachment.filename)
    return Reply(200, attachment.content, {"Content-Type": attachment.mime, "Content-Disposition": disposition})


def _attachment(call: Call, number: str) -> Attachment:
    found = call.world.attachments.get(int(number) if number.isdecimal() else 0) if call.person else None
    if found is None:
        raise Refused(404, f"The attachment with id '{number}' does not exist")
    return found


def _files(call: Call) -> list[tuple[str, str, bytes]]:
    found: list[tuple[str, str, bytes]] = []

    def take(file: File) -> None:
        if file.field_name == b"file":
            stream = file.file_object
            stream.seek(0)
            name = (file.file_name or b"file").decode()
            found.append((name, file.content_type or "application/octet-stream", stream.read()))
        file.close()

    headers = {"Content-Type": call.headers.get("content-type", "").encode()}
    try:
        parse_form(headers, io.BytesIO(call.raw), None, take)
    except (FormParserError, ValueError):
        raise Refused(400, "The request is not multipart/form-data with parts named 'file'.") from None
    return found


def _quoted(name: str) -> str:
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}" for byte in name.encode())
