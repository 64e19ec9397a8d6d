"""Comments: the stories of type `comment`. They know strong, em, lists and links, but no headings."""

from typing import Final

from connectors.asana.account import Account
from connectors.asana.client import Json
from connectors.asana.html import from_markdown, to_markdown
from connectors.asana.marker import EMPTY
from connectors.contract import Comment, Ref
from connectors.errors import NotFound
from connectors.values import parse_datetime

_ASKED: Final = "type,html_text,created_at,created_by.gid,created_by.name,target.permalink_url"


class Comments(Account):
    """The capability COMMENTS."""

    async def comments(self, ref: Ref) -> list[Comment]:
        """See `connectors.contract.Discusser`."""
        me = await self.metadata.me()
        stories = await self.client.list_all("/tasks/{}/stories", ref.id, query={"opt_fields": _ASKED})
        found = [_comment(story, me.id) for story in stories if story.get("type") == "comment"]
        return sorted(found, key=lambda comment: comment.created)

    async def add_comment(self, ref: Ref, body: str) -> Comment:
        """See `connectors.contract.Discusser`. Asana has no marker for comments; remember the id."""
        return await self._write("POST", "/tasks/{}/stories", ref.id, body)

    async def edit_comment(self, ref: Ref, comment: str, body: str) -> Comment:  # noqa: ARG002 - the story's gid is enough
        """See `connectors.contract.Discusser`. Somebody else's comment is Rejected."""
        return await self._write("PUT", "/stories/{}", comment, body)

    async def remove_comment(self, ref: Ref, comment: str) -> None:  # noqa: ARG002 - the story's gid is enough
        """See `connectors.contract.Discusser`."""
        try:
            await self.client.request("DELETE", "/stories/{}", comment)
        except NotFound:
            return

    async def _write(self, method: str, path: str, gid: str, body: str) -> Comment:
        me = await self.metadata.me()
        data = {"html_text": from_markdown(body, headings=False) or EMPTY}
        answer = await self.client.request(method, path, gid, query={"opt_fields": _ASKED}, data=data)
        return _comment(answer["data"], me.id)


def _comment(story: Json, me: str) -> Comment:
    created = parse_datetime(story["created_at"])
    author = story.get("created_by") or {}
    return Comment(
        id=story["gid"],
        author=author.get("name") or "",
        body=to_markdown(story.get("html_text")) or "",
        created=created,
        updated=created,  # Asana tells that a comment was edited, not when
        url=_url(story),
        own=author.get("gid") == me,
    )


def _url(story: Json) -> str:
    """The comment's own address: below its task's, so that no two comments share one."""
    task = (story.get("target") or {}).get("permalink_url")
    return f"{task}/comment/{story['gid']}" if task else ""
