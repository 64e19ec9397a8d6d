"""Writing: create exactly once, update, refuse by name, delete."""

import re
from typing import Literal

import pytest

from connectors.contract import Connector
from connectors.errors import ConnectorError, Unavailable
from connectors.standins.control import Control, Fault
from tests.connectors.conforming.bench import LONG_AGO, Bench, Sample

PROSE = "A **bold** start, `code` and a [link](https://acme.example/a?b=c&d=e).\n\n- one\n- two\n\n1. first\n2. second"
UNICODE = "发布页 – Ünïcode ✓ 🚀 <b>&amp;</b> {x} [y]"


class Writing(Bench):
    """What a writer promises."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each sample of the subclass."""
        if "sample" in metafunc.fixturenames:
            samples = getattr(metafunc.cls, "samples", ())
            metafunc.parametrize("sample", samples, ids=[sample.key for sample in samples])

    async def test_created_record_carries_marker(self, connector: Connector) -> None:
        made = await self.make(connector, marker="mark-1")
        assert made.marker == "mark-1"
        found = await connector.find_by_marker(self.object_, self.scope, "mark-1", LONG_AGO)
        assert found is not None
        assert (found.ref, found.marker) == (made.ref, "mark-1")
        assert await connector.find_by_marker(self.object_, self.scope, "mark-2", LONG_AGO) is None

    @pytest.mark.parametrize(("cut", "landed"), [("cut_before", False), ("cut_after", True)])
    async def test_cut_create_is_found(
        self, connector: Connector, control: Control, cut: Literal["cut_before", "cut_after"], landed: bool
    ) -> None:
        await self.make(connector, "Warm up")
        control.log.clear()
        control.faults = [Fault(self.create_line, cut)]
        with pytest.raises(Unavailable) as caught:
            await self.make(connector, marker="mark-1")
        assert caught.value.sent
        lines = [f"{entry['method']} {entry['path']}" for entry in control.log]
        assert len([line for line in lines if re.search(self.create_line, line)]) == 1
        found = await connector.find_by_marker(self.object_, self.scope, "mark-1", LONG_AGO)
        assert (found is not None) is landed

    async def test_marker_appears_with_index(self, connector: Connector, control: Control) -> None:
        control.index_lag = 3600
        made = await self.make(connector, marker="mark-1")
        early = await connector.find_by_marker(self.object_, self.scope, "mark-1", LONG_AGO)
        assert early is None or early.ref == made.ref
        control.index_lag = 0
        late = await connector.find_by_marker(self.object_, self.scope, "mark-1", LONG_AGO)
        assert late is not None
        assert late.ref == made.ref

    async def test_first_of_two_wins(self, connector: Connector) -> None:
        first = await self.make(connector, marker="mark-1")
        try:
            await self.make(connector, marker="mark-1")
        except ConnectorError:
            return
        found = await connector.find_by_marker(self.object_, self.scope, "mark-1", LONG_AGO)
        assert found is not None
        assert found.ref == first.ref

    async def test_marker_stays_through_updates(self, connector: Connector) -> None:
        made = await self.make(connector, marker="mark-1")
        values = {
            sample.key: sample.values[0] for sample in self.samples if sample.key in {"labels", "tags", self.rich}
        }
        await connector.update(made, values, {})
        await connector.update(await self.read(connector, made, *values), dict.fromkeys(values), {})
        seen = await self.read(connector, made, *values)
        assert seen.marker == "mark-1"
        assert dict.fromkeys(values) == {key: seen.fields[key] for key in values}

    async def test_sample_makes_round_trip(self, connector: Connector, sample: Sample) -> None:
        record = await self.make(connector)
        for value in (*sample.values, *([None] if sample.clearable else [])):
            current = await self.read(connector, record, sample.key)
            written = await connector.update(current, {sample.key: value}, {})
            assert written.refused == {}
            assert written.record.fields[sample.key] == value
            assert (await self.read(connector, record, sample.key)).fields[sample.key] == value

    async def test_create_takes_every_field(self, connector: Connector) -> None:
        values = {sample.key: sample.values[0] for sample in self.samples if sample.creatable}
        fields = {self.title: "Whole", **self.required, **values}
        written = await connector.create(self.object_, self.scope, fields, "mark-1")
        assert written.refused == {}
        seen = await self.read(connector, written.record, *fields)
        assert {key: seen.fields[key] for key in fields} == fields

    @pytest.mark.parametrize("text", [UNICODE, "e\u0301 composed", "x" * 200])
    async def test_text_survives_unharmed(self, connector: Connector, text: str) -> None:
        record = await self.make(connector, text)
        seen = (await self.read(connector, record)).fields[self.title]
        assert seen == text.replace("e\u0301", "é")

    async def test_rich_text_survives(self, connector: Connector) -> None:
        record = await self.make(connector, more={self.rich: PROSE})
        seen = (await self.read(connector, record, self.rich)).fields[self.rich]
        assert seen == PROSE
        written = await connector.update(record, {self.rich: f"{PROSE}\n\n陈伟 🚀"}, {})
        assert written.record.fields[self.rich] == f"{PROSE}\n\n陈伟 🚀"

    async def test_empty_text_is_null(self, connector: Connector) -> None:
        record = await self.make(connector, more={self.rich: None})
        assert (await self.read(connector, record, self.rich)).fields[self.rich] is None
        written = await connector.update(record, {self.rich: "Words"}, {})
        written = await connector.update(written.record, {self.rich: None}, {})
        assert written.record.fields[self.rich] is None

    async def test_refused_field_is_named(self, connector: Connector) -> None:
        key, value = self.refused
        record = await self.make(connector)
        written = await connector.update(record, {key: value, self.title: "Still written"}, {})
        assert set(written.refused) == {key}
        assert str(value) in written.refused[key]
        assert (await self.read(connector, record)).fields[self.title] == "Still written"

    async def test_create_leaves_out_refused(self, connector: Connector) -> None:
        key, value = self.refused
        fields = {self.title: "Created all the same", **self.required, key: value}
        written = await connector.create(self.object_, self.scope, fields, "mark-1")
        assert set(written.refused) == {key}
        assert written.record.fields[self.title] == "Created all the same"

    async def test_only_named_fields_change(self, connector: Connector, ana: Connector) -> None:
        record = await self.make(connector, more={self.rich: "Before"})
        await ana.update(record, {self.rich: "Written by Ana"}, {})
        await connector.update(record, {self.title: "Written by us"}, {})
        seen = await self.read(connector, record, self.title, self.rich)
        assert seen.fields[self.title] == "Written by us"
        assert seen.fields[self.rich] == "Written by Ana"

    async def test_deleted_record_is_absent(self, connector: Connector) -> None:
        record = await self.make(connector)
        await connector.delete(record.ref)
        await connector.delete(record.ref)
        assert await connector.fetch([record.ref.id], self.object_, [self.title], self.scope) == []
