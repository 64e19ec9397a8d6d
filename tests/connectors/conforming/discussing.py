"""Comments and attachments."""

from pathlib import Path

import pytest

from connectors.contract import Connector
from connectors.errors import NotFound, Rejected
from tests.connectors.conforming.bench import ANA_NAME, Bench

REMARK = "See **this** 陈伟 🚀\n\n- one\n- two"


class Discussing(Bench):
    """What a discusser promises."""

    async def test_comment_lives_and_dies(self, connector: Connector) -> None:
        ref = (await self.make(connector)).ref
        added = await connector.add_comment(ref, REMARK)
        assert (added.body, added.own) == (REMARK, True)
        edited = await connector.edit_comment(ref, added.id, "Changed")
        assert (edited.id, edited.body) == (added.id, "Changed")
        (seen,) = await connector.comments(ref)
        assert (seen.id, seen.body, seen.own) == (added.id, "Changed", True)
        await connector.remove_comment(ref, added.id)
        await connector.remove_comment(ref, added.id)
        assert await connector.comments(ref) == []

    async def test_comments_tell_their_author(self, connector: Connector, ana: Connector) -> None:
        ref = (await self.make(connector)).ref
        await ana.add_comment(ref, "From Ana")
        await connector.add_comment(ref, "From us")
        seen = await connector.comments(ref)
        assert [(comment.body, comment.own) for comment in seen] == [("From Ana", False), ("From us", True)]
        assert seen[0].author == ANA_NAME
        assert seen[0].created <= seen[1].created

    async def test_missing_comment_is_told(self, connector: Connector) -> None:
        ref = (await self.make(connector)).ref
        with pytest.raises(NotFound):
            await connector.edit_comment(ref, "999999999", "Nobody reads this")

    async def test_file_lives_and_dies(self, connector: Connector, file: Path, tmp_path: Path) -> None:
        ref = (await self.make(connector)).ref
        added = await connector.attach(ref, file, "Plan 计划.bin", "application/pdf")
        assert (added.name, added.size, added.own) == ("Plan 计划.bin", file.stat().st_size, True)
        (listed,) = await connector.attachments(ref)
        assert (listed.id, listed.name, listed.size, listed.own) == (added.id, added.name, added.size, True)
        await connector.download(listed, ref, tmp_path / "copy", limit=added.size)
        assert (tmp_path / "copy").read_bytes() == file.read_bytes()
        await connector.remove_attachment(ref, added.id)
        await connector.remove_attachment(ref, added.id)
        assert await connector.attachments(ref) == []

    async def test_large_file_is_refused(self, connector: Connector, file: Path, tmp_path: Path) -> None:
        ref = (await self.make(connector)).ref
        added = await connector.attach(ref, file, "plan.bin", "application/octet-stream")
        with pytest.raises(Rejected):
            await connector.download(added, ref, tmp_path / "copy", limit=added.size - 1)
        assert not (tmp_path / "copy").exists()
