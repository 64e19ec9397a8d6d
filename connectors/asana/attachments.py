"""Files of a task. Links to files elsewhere (Drive, Dropbox, ...) are no files that we could carry, and left out."""

import asyncio
import mimetypes
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx

from connectors.asana.account import Account
from connectors.asana.client import Json
from connectors.asana.settings import Settings
from connectors.contract import Attachment, Ref
from connectors.errors import ConnectorError, NotFound, Rejected, Unavailable
from connectors.filenames import harmless
from connectors.outbound import refusal
from connectors.values import parse_datetime

VENDOR_LIMIT_MB: Final = 100
_MB: Final = 1024 * 1024
_ASKED: Final = "name,size,created_at,resource_subtype"


class Attachments(Account):
    """The capability ATTACHMENTS."""

    def __init__(self, name: str, settings: Settings) -> None:
        super().__init__(name, settings)
        # Download links are signed for another host: this client knows no token, and follows nowhere.
        self.files = httpx.Client(timeout=httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout))

    async def attachments(self, ref: Ref) -> list[Attachment]:
        """See `connectors.contract.Discusser`."""
        listed = await self.client.list_all("/attachments", query={"parent": ref.id, "opt_fields": _ASKED})
        files = [native for native in listed if native.get("resource_subtype") == "asana"]
        ours = await self._told_of_ours(ref) if files else []
        found = [_attachment(native, own=_is_ours(native, ours)) for native in files]
        return sorted(found, key=lambda attachment: attachment.created)

    async def download(self, attachment: Attachment, ref: Ref, to: Path, limit: int) -> None:  # noqa: ARG002 - gids are global
        """See `connectors.contract.Discusser`. The link is asked for each time: it is good for two minutes."""
        query = {"opt_fields": "download_url,size"}
        answer = await self.client.request("GET", "/attachments/{}", attachment.id, query=query)
        url = answer["data"].get("download_url")
        if not url:
            raise Rejected(f"attachment {attachment.name!r} has no download link")
        if (answer["data"].get("size") or 0) > limit:
            raise _too_large(attachment.name, limit)
        await asyncio.to_thread(self._stream, url, attachment.name, to, limit)

    async def attach(self, ref: Ref, source: Path, name: str, media_type: str) -> Attachment:
        """See `connectors.contract.Discusser`. The whole file passes through memory, as the vendor's package wants."""
        limit = min(self.settings.max_attachment_mb, VENDOR_LIMIT_MB) * _MB
        content = await asyncio.to_thread(_content, source, name, limit)
        # Asana wants the file names of uploads URL-encoded where they are not ASCII.
        encoded = name if name.isascii() else quote(name)
        form = [("parent", ref.id), ("file", (encoded, content, media_type))]
        answer = await self.client.request("POST", "/attachments", query={"opt_fields": _ASKED}, form=form)
        return _attachment(answer["data"], own=True)

    async def remove_attachment(self, ref: Ref, attachment: str) -> None:  # noqa: ARG002 - gids are global
        """See `connectors.contract.Discusser`."""
        try:
            await self.client.request("DELETE", "/attachments/{}", attachment)
        except NotFound:
            return

    def _stream(self, url: str, name: str, to: Path, limit: int) -> None:
        refused = refusal(url, self.settings.url)
        if refused:
            raise Rejected(f"the download link of {name!r} is not safe to follow: it leads to {refused}")
        try:
            with self.files.stream("GET", url) as response, to.open("wb") as file:
                if response.status_code != httpx.codes.OK:
                    raise Unavailable(f"the download link of {name!r} answered {response.status_code}")
                for chunk in response.iter_bytes():
                    file.write(chunk)
                    if file.tell() > limit:
                        raise _too_large(name, limit)
        except httpx.HTTPError as error:
            to.unlink(missing_ok=True)
            raise Unavailable(f"the download of {name!r} broke ({type(error).__name__})") from error
        except ConnectorError:
            to.unlink(missing_ok=True)
            raise

    async def _told_of_ours(self, ref: Ref) -> list[str]:
        """The texts of the stories by which Asana tells of our uploads; attachments themselves name no author."""
        me = await self.metadata.me()
        query = {"opt_fields": "resource_subtype,text,created_by.gid"}
        stories = await self.client.list_all("/tasks/{}/stories", ref.id, query=query)
        return [
            story.get("text") or ""
            for story in stories
            if story.get("resource_subtype") == "attachment_added"
            and (story.get("created_by") or {}).get("gid") == me.id
        ]


def _content(source: Path, name: str, limit: int) -> bytes:
    if source.stat().st_size > limit:
        raise _too_large(name, limit)
    return source.read_bytes()


def _is_ours(native: Json, ours: list[str]) -> bool:
    """A story shows the file's name, or the link `get_asset?asset_id=<gid>`."""
    return any(native["gid"] in text or native["name"] in text for text in ours)


def _attachment(native: Json, *, own: bool) -> Attachment:
    return Attachment(
        id=native["gid"],
        name=harmless(native["name"]),
        size=native.get("size") or 0,
        created=parse_datetime(native["created_at"]),
        own=own,
        media_type=mimetypes.guess_type(native["name"])[0] or "application/octet-stream",
    )


def _too_large(name: str, limit: int) -> Rejected:
    return Rejected(f"{name!r} is larger than {limit} bytes, the most that may be carried")
