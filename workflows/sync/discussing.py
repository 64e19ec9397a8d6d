"""Comments and attachments of a link, where a note says that they may have changed."""

import hashlib
import tempfile
from pathlib import Path

from connectors.contract import Aspect, Capability, Connector, Ref
from mappings.model import Flow
from workflows.store.remarks import Row
from workflows.sync.item import Item
from workflows.sync.mirror import copied, original_url
from workflows.sync.reconcile import Thing
from workflows.sync.run import Run
from workflows.sync.talk import Talk


async def discuss(run: Run, item: Item) -> None:
    """Bring comments and attachments in step, where they may have changed."""
    link = item.link
    if link is None or link.state != "active":
        return
    created = bool(item.plan and item.plan.creates)
    for talk in (Comments(run, item), Attachments(run, item)):
        if talk.flow.sources != () and (talk.aspect in item.aspects or created):
            await talk.bring_in_step()


class Comments(Talk):
    """Comments, copied with their author's name and a link to the original."""

    @property
    def flow(self) -> Flow:
        return self.run.live.bound.comments

    async def things(self, connector: Connector, ref: Ref) -> list[Thing]:
        comments = await connector.comments(ref)
        self.seen.update(((ref.connection, comment.id), comment) for comment in comments)
        return [
            Thing(
                comment.id,
                hashlib.sha256(comment.body.encode()).hexdigest(),
                original_url(copied(comment)) or comment.url,
                original_url(comment.body) if comment.own else None,
                comment.own,
            )
            for comment in comments
        ]

    async def copy(self, row: Row) -> str:
        connector = self.run.live.connector(row.side)
        return (await self.run.ask(row.side, connector.add_comment(self.ref(row.side), copied(self.original(row))))).id

    async def edit(self, row: Row) -> None:
        connector = self.run.live.connector(row.side)
        text = copied(self.original(row))
        await self.run.ask(row.side, connector.edit_comment(self.ref(row.side), row.external_id or "", text))

    async def remove(self, row: Row) -> None:
        connector = self.run.live.connector(row.side)
        await self.run.ask(row.side, connector.remove_comment(self.ref(row.side), row.external_id or ""))


class Attachments(Talk):
    """Attachments, streamed through a file on disk; the same name and size on two sides is the same file."""

    aspect = Aspect.ATTACHMENTS
    capability = Capability.ATTACHMENTS

    @property
    def flow(self) -> Flow:
        return self.run.live.bound.attachments

    async def things(self, connector: Connector, ref: Ref) -> list[Thing]:
        files = await connector.attachments(ref)
        self.seen.update(((ref.connection, file.id), file) for file in files)
        return [Thing(file.id, mark, mark, mark, file.own) for file in files for mark in [f"{file.name}/{file.size}"]]

    async def copy(self, row: Row) -> str:
        origin, file = self.run.live.connector(row.origin_side), self.original(row)
        with tempfile.TemporaryDirectory(prefix="syncline-") as folder:
            path = Path(folder) / "content"
            there = self.ref(row.origin_side)
            await self.run.ask(row.origin_side, origin.download(file, there, path, self.run.attachment_bytes))
            target, here = self.run.live.connector(row.side), self.ref(row.side)
            return (await self.run.ask(row.side, target.attach(here, path, file.name, file.media_type))).id

    async def edit(self, row: Row) -> None:
        """A file never changes: one with other content has another id."""

    async def remove(self, row: Row) -> None:
        connector = self.run.live.connector(row.side)
        await self.run.ask(row.side, connector.remove_attachment(self.ref(row.side), row.external_id or ""))
