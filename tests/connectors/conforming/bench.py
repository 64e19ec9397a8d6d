"""What the suite needs to know of a system, and the fixtures: a stand-in, a connector, and a person beside us."""

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
import pytest_asyncio
from pydantic import BaseModel
from starlette.types import ASGIApp

from connectors.contract import Connector, Fields, Record, Scope, Value
from connectors.lookup import connect
from connectors.standins.control import Control
from connectors.standins.server import running

CONNECTION = "desk"
LONG_AGO = datetime.now(UTC) - timedelta(days=1)
BOT, ANA, NOBODY = "bot-token", "ana-token", "wrong-secret-token"
ANA_EMAIL, ANA_NAME = "ana@acme.example", "Ana Chen"


@dataclass(frozen=True)
class Sample:
    """A writable field, values to write one after the other (as they must read back), and whether it can be emptied."""

    key: str
    values: tuple[Value, ...]
    clearable: bool = True
    creatable: bool = True


class Bench:
    """What a subclass says, and the fixtures made of it. Each test has a stand-in of its own."""

    system: ClassVar[str]
    object_: ClassVar[str]
    scope: ClassVar[Scope]
    """A container that the stand-in has, and that the integration may write to."""
    bad_scope: ClassVar[Scope]
    """A scope of the right form that names something that is not there."""
    title: ClassVar[str]
    rich: ClassVar[str]
    required: ClassVar[dict[str, Value]] = {}
    """What a create needs beside the title."""
    samples: ClassVar[tuple[Sample, ...]]
    """Every writable standard field."""
    refused: ClassVar[tuple[str, Value]]
    """A field and a value that the system does not know."""
    create_line: ClassVar[str]
    """Pattern of the `METHOD /path` by which the system creates."""

    def standin(self, control: Control) -> ASGIApp:
        """The application, with the container of `scope` in it."""
        raise NotImplementedError

    def settings(self, url: str, token: str) -> BaseModel:
        """Settings of a connection for the owner of the token, with a secret for webhooks and a short read timeout."""
        raise NotImplementedError

    @pytest.fixture
    def control(self) -> Control:
        return Control()

    @pytest.fixture
    def url(self, control: Control) -> Iterator[str]:
        with running(self.standin(control)) as url:
            yield url

    @pytest_asyncio.fixture
    async def connector(self, url: str) -> AsyncIterator[Connector]:
        connector = connect(self.system, CONNECTION, self.settings(url, BOT))
        yield connector
        await connector.close()

    @pytest_asyncio.fixture
    async def ana(self, url: str) -> AsyncIterator[Connector]:
        connector = connect(self.system, CONNECTION, self.settings(url, ANA))
        yield connector
        await connector.close()

    async def make(
        self, connector: Connector, title: str = "Launch page", more: Fields | None = None, marker: str = ""
    ) -> Record:
        """A record made through the connector, with nothing refused."""
        fields = {self.title: title, **self.required, **(more or {})}
        marker = marker or f"m{time.monotonic_ns():x}"
        written = await connector.create(self.object_, self.scope, fields, marker)
        assert not written.refused
        return written.record

    async def read(self, connector: Connector, record: Record, *fields: str) -> Record:
        """The record as it is now."""
        keys = fields or (self.title,)
        (found,) = await connector.fetch([record.ref.id], self.object_, keys, self.scope)
        return found

    async def scan(self, connector: Connector, cursor: str | None = None) -> tuple[list[Record], str]:
        """All pages of a scan, and the cursor after them."""
        records: list[Record] = []
        more = True
        while more:
            page = await connector.scan(self.object_, self.scope, cursor, [self.title])
            records += page.records
            cursor, more = page.cursor, page.more
        assert cursor is not None
        return records, cursor

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "plan.bin"
        path.write_bytes(bytes(range(256)) * 800)
        return path
