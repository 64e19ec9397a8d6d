"""Comments and attachments of issues."""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from connectors.contract import Attachment, Comment, Ref
from connectors.errors import NotFound, Rejected
from connectors.filenames import harmless
from connectors.jira.part import Part
from connectors.richtext.markdown import normal
from connectors.values import parse_datetime

PAGE: Final = 100
# On a service desk a comment without this is shown to customers; elsewhere it means nothing.
INTERNAL: Final = [{"key": "sd.public.comment", "value": {"internal": True}}]


MEDIA_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


class Discussion(Part):
    """The discusser; see `connectors.contract.Discusser`."""

    async def comments(self, ref: Ref) -> list[Comment]:
        """Comments that everybody who sees the issue can see; those for one role or group are left out."""
        found: list[dict[str, Any]] = []
        while True:
            page = await self.client.get(
                f"issue/{ref.id}/comment", startAt=len(found), maxResults=PAGE, orderBy="created"
            )
            found += page["comments"]
            if not page["comments"] or len(found) >= page["total"]:
                return [await self._comment(ref, raw) for raw in found if not raw.get("visibility")]

    async def add_comment(self, ref: Ref, body: str) -> Comment:
        """Add one; on a service desk it is internal."""
        native = (await self.client.dialect()).from_markdown(body, None)
        raw = await self.client.post(f"issue/{ref.id}/comment", {"body": native, "properties": INTERNAL})
        return await self._comment(ref, raw)

    async def edit_comment(self, ref: Ref, comment: str, body: str) -> Comment:
        """Replace the text. Raises Rejected for one that is not ours."""
        path = f"issue/{ref.id}/comment/{comment}"
        current = await self.client.get(path)
        await self._only_ours(current, path)
        native = (await self.client.dialect()).from_markdown(body, current.get("body"))
        return await self._comment(ref, await self.client.put(path, {"body": native}))

    async def remove_comment(self, ref: Ref, comment: str) -> None:
        """Remove one. Raises Rejected for one that is not ours."""
        path = f"issue/{ref.id}/comment/{comment}"
        with suppress(NotFound):
            await self._only_ours(await self.client.get(path), path)
            await self.client.delete(path)

    async def attachments(self, ref: Ref) -> list[Attachment]:
        """The files, oldest first."""
        issue = await self.client.get(f"issue/{ref.id}", fields="attachment")
        found = [await self._attachment(raw) for raw in issue["fields"].get("attachment") or ()]
        return sorted(found, key=lambda each: (each.created, int(each.id)))

    async def download(self, attachment: Attachment, ref: Ref, to: Path, limit: int) -> None:  # noqa: ARG002 - the id of a file is enough
        """Stream a file, from where Jira keeps it."""
        if attachment.size > limit:
            raise Rejected(f"{attachment.name} has {attachment.size} bytes; at most {limit} are allowed")
        await self.client.download(await self._content(attachment.id), to, limit)

    async def attach(self, ref: Ref, source: Path, name: str, media_type: str) -> Attachment:
        """Add a file, streamed from disk."""
        (raw,) = await self.client.upload(f"issue/{ref.id}/attachments", source, name, media_type)
        return await self._attachment(raw)

    async def remove_attachment(self, ref: Ref, attachment: str) -> None:  # noqa: ARG002 - the id of a file is enough
        """Remove a file."""
        with suppress(NotFound):
            await self.client.delete(f"attachment/{attachment}")

    async def _content(self, attachment: str) -> str:
        if (await self.client.dialect()).cloud:
            return f"attachment/content/{attachment}"
        address = str((await self.client.get(f"attachment/{attachment}"))["content"])
        mine, theirs = urlsplit(self.client.base), urlsplit(address)
        if (theirs.scheme, theirs.netloc) != (mine.scheme, mine.netloc):
            raise Rejected(
                f"{self.name}: Jira keeps the file at {theirs.hostname}, not at `url`; set its base URL right"
            )
        return theirs.path.removeprefix(mine.path)

    async def _only_ours(self, raw: Mapping[str, Any], path: str) -> None:
        if not await self.by_us(raw):
            raise Rejected(f"{self.name}: {path} was written by somebody else; only our own comments are changed")

    async def _comment(self, ref: Ref, raw: Mapping[str, Any]) -> Comment:
        id_ = str(raw["id"])
        return Comment(
            id=id_,
            author=str((raw.get("author") or {}).get("displayName") or "somebody"),
            body=normal((await self.client.dialect()).to_markdown(raw.get("body"))) or "",
            created=parse_datetime(raw["created"]),
            updated=parse_datetime(raw.get("updated") or raw["created"]),
            url=f"{self.records.browse(await self.records.key(ref.id))}?focusedCommentId={id_}",
            own=await self.by_us(raw),
        )

    async def _attachment(self, raw: Mapping[str, Any]) -> Attachment:
        return Attachment(
            id=str(raw["id"]),
            name=harmless(str(raw["filename"])),
            size=int(raw["size"]),
            created=parse_datetime(raw["created"]),
            own=await self.by_us(raw),
            media_type=_media_type(raw.get("mimeType")),
        )


def _media_type(told: Any) -> str:
    """Without parameters: it becomes a header of the upload to the other side, which must not be torn open."""
    given = MEDIA_TYPE.match(str(told))
    return given[0] if given else "application/octet-stream"
