"""Reading: describe, fetch, scan, history, people."""

import asyncio
from datetime import datetime, timedelta

import pytest

from connectors.contract import Capability, Connector
from connectors.errors import Rejected
from connectors.standins.control import Control
from tests.connectors.conforming.bench import ANA_EMAIL, ANA_NAME, Bench

MANY = 250


class Reading(Bench):
    """What a reader promises."""

    async def test_describe_names_every_field(self, connector: Connector) -> None:
        described = await connector.describe(self.object_, self.scope)
        assert described.complete
        title = described.field(self.title)
        assert title is not None
        assert title.required
        for sample in self.samples:
            known = described.field(sample.key)
            assert known is not None, sample.key
            assert known.writable

    async def test_unknown_scope_is_rejected(self, connector: Connector) -> None:
        with pytest.raises(Rejected):
            await connector.describe(self.object_, self.bad_scope)
        with pytest.raises(Rejected):
            await connector.scan(self.object_, self.bad_scope, None, [self.title])

    async def test_missing_records_are_absent(self, connector: Connector) -> None:
        made = [await self.make(connector, f"Item {number}") for number in range(3)]
        ids = [record.ref.id for record in made]
        found = await connector.fetch([*ids, "999999999"], self.object_, [self.title], self.scope)
        assert {record.ref for record in found} == {record.ref for record in made}
        assert {record.fields[self.title] for record in found} == {"Item 0", "Item 1", "Item 2"}
        assert all(record.in_scope and record.url for record in found)

    async def test_fetch_of_nothing(self, connector: Connector) -> None:
        assert await connector.fetch([], self.object_, [self.title], self.scope) == []

    async def test_every_page_is_listed(self, connector: Connector) -> None:
        made = await asyncio.gather(*(self.make(connector, f"Item {number}") for number in range(MANY)))
        ids = {record.ref.id for record in made}
        listed, _ = await self.scan(connector)
        assert ids <= {record.ref.id for record in listed}
        fetched = await connector.fetch(sorted(ids), self.object_, [self.title], self.scope)
        assert {record.ref.id for record in fetched} == ids

    async def test_scan_finds_later_changes(self, connector: Connector, ana: Connector) -> None:
        old = await self.make(connector, "Old")
        _, cursor = await self.scan(connector)
        await ana.update(await self.read(ana, old), {self.title: "Edited"}, {})
        new = await self.make(ana, "New")
        changed, _ = await self.scan(connector, cursor)
        titles = {record.ref: record.fields[self.title] for record in changed}
        assert titles[old.ref] == "Edited"
        assert titles[new.ref] == "New"

    async def test_late_index_omits_nothing(self, connector: Connector, control: Control) -> None:
        record = await self.make(connector)
        _, cursor = await self.scan(connector)
        control.index_lag = 3600
        await connector.update(record, {self.title: "Edited"}, {})
        early, cursor = await self.scan(connector, cursor)
        control.index_lag = 0
        late, _ = await self.scan(connector, cursor)
        assert (record.ref, "Edited") in {(found.ref, found.fields[self.title]) for found in [*early, *late]}

    async def test_fetch_sees_past_index(self, connector: Connector, control: Control) -> None:
        control.index_lag = 3600
        record = await self.make(connector)
        await connector.update(record, {self.title: "Edited"}, {})
        assert (await self.read(connector, record)).fields[self.title] == "Edited"

    async def test_version_follows_every_edit(self, connector: Connector, ana: Connector) -> None:
        first = await self.read(connector, await self.make(connector))
        again = await self.read(connector, first)
        assert again.version == first.version
        edited = await ana.update(first, {self.title: "Edited"}, {})
        seen = await self.read(connector, first)
        assert seen.version == edited.record.version != first.version
        assert seen.updated >= first.updated

    async def test_history_tells_who_edited(self, connector: Connector, ana: Connector) -> None:
        if Capability.HISTORY not in connector.capabilities:
            pytest.skip("the system tells no history")
        made = record = await self.make(connector)
        before: datetime | None = None
        for number, editor in enumerate((ana, connector, ana)):
            record = (await editor.update(record, {self.title: f"Edited {number}"}, {})).record
            edit = (await connector.edits(record, [self.title]))[self.title]
            assert edit.own == (editor is connector)
            assert (edit.by == ANA_NAME) == (editor is ana)
            # A history is written beside the record, and may date an edit a little later.
            assert made.created <= edit.at <= record.updated + timedelta(seconds=1)
            assert edit.behind == before
            before = edit.at

    async def test_person_found_by_email(self, connector: Connector) -> None:
        found = await connector.user_by_email(ANA_EMAIL.upper())
        assert found is not None
        assert (found.name, found.email) == (ANA_NAME, ANA_EMAIL)
        assert await connector.user_by_id(found.id) == found
        assert await connector.user_by_email("nobody@acme.example") is None
        assert await connector.user_by_id("no-such-id") is None
