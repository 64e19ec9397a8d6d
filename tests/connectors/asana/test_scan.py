"""Scanning: the full listing, the event stream after it, and what happens when a token is too old."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.asana.connector import AsanaConnector
from connectors.contract import Page, Record, Scope
from connectors.errors import Rejected
from connectors.standins.control import Control
from tests.connectors.asana.conftest import PROJECT, SCOPE

Vendor = Callable[..., Any]


async def make(connector: AsanaConnector, name: str, **fields: Any) -> Record:
    return (await connector.create("task", SCOPE, {"name": name, **fields}, f"mark-{name}")).record


async def full(connector: AsanaConnector, scope: Scope = SCOPE, cursor: str | None = None) -> tuple[set[str], str]:
    """The names of all pages, and the cursor after them."""
    names: set[str] = set()
    more = True
    while more:
        page = await connector.scan("task", scope, cursor, ["name"])
        names |= {str(record.fields["name"]) for record in page.records}
        cursor, more = page.cursor, page.more
    assert cursor is not None
    return names, cursor


async def since(connector: AsanaConnector, cursor: str) -> Page:
    page = await connector.scan("task", SCOPE, cursor, ["name"])
    assert not page.more
    return page


async def test_subtasks_are_listed(connector: AsanaConnector, vendor: Vendor) -> None:
    above = (await make(connector, "Top")).ref.id
    child = vendor("POST", f"/tasks/{above}/subtasks", {"name": "Child"})["gid"]
    grandchild = vendor("POST", f"/tasks/{child}/subtasks", {"name": "Grandchild"})["gid"]
    names, cursor = await full(connector)
    assert names == {"Top", "Child", "Grandchild"}
    vendor("PUT", f"/tasks/{grandchild}", {"name": "Edited"})
    (record,) = (await since(connector, cursor)).records
    assert (record.fields["name"], record.in_scope) == ("Edited", True)


async def test_separators_are_no_work(connector: AsanaConnector, vendor: Vendor) -> None:
    heading = vendor("POST", "/tasks", {"name": "Next week:", "projects": [PROJECT]})["gid"]
    assert await full(connector) == (set(), (await full(connector))[1])
    assert await connector.fetch([heading], "task", ["name"], SCOPE) == []


async def test_moves_and_comments_are_seen(connector: AsanaConnector, ana: AsanaConnector) -> None:
    moved, discussed, _ = [await make(connector, name) for name in ("Moved", "Discussed", "Quiet")]
    _, cursor = await full(connector)
    await ana.update(moved, {"section": "Done"}, {})
    await ana.add_comment(discussed.ref, "Hello")
    page = await since(connector, cursor)
    assert {record.ref for record in page.records} == {moved.ref, discussed.ref}
    assert (await since(connector, page.cursor)).records == []


async def test_deleted_differs_from_removed(connector: AsanaConnector, vendor: Vendor) -> None:
    gone, removed, back = [await make(connector, name) for name in ("Gone", "Removed", "Back")]
    _, cursor = await full(connector)
    vendor("DELETE", f"/tasks/{gone.ref.id}")
    vendor("POST", f"/tasks/{removed.ref.id}/removeProject", {"project": PROJECT})
    vendor("DELETE", f"/tasks/{back.ref.id}")
    vendor("POST", "/__control/undelete", {"gid": back.ref.id})
    page = await since(connector, cursor)
    assert page.deleted == [gone.ref]
    assert {record.ref: record.in_scope for record in page.records} == {removed.ref: False, back.ref: True}


@pytest.mark.parametrize("spoilt", ["expired", "", "{}", "not json", "3"])
async def test_useless_cursor_lists_anew(connector: AsanaConnector, vendor: Vendor, spoilt: str) -> None:
    await make(connector, "Old")
    _, cursor = await full(connector)
    vendor("POST", "/__control/expire")
    names, cursor = await full(connector, cursor=cursor if spoilt == "expired" else spoilt)
    assert names == {"Old"}
    assert (await since(connector, cursor)).records == []


async def test_expired_offset_lists_anew(connector: AsanaConnector, vendor: Vendor) -> None:
    vendor("POST", "/__control/seed", {"count": 150})
    first = await connector.scan("task", SCOPE, None, ["name"])
    assert first.more
    vendor("POST", "/__control/expire")
    names, _ = await full(connector, cursor=first.cursor)
    assert len(names) == 150


async def test_edit_during_listing_is_seen(connector: AsanaConnector, vendor: Vendor) -> None:
    vendor("POST", "/__control/seed", {"count": 150})
    first = await connector.scan("task", SCOPE, None, ["name"])
    vendor("PUT", f"/tasks/{first.records[0].ref.id}", {"name": "Edited"})
    _, cursor = await full(connector, cursor=first.cursor)
    assert [record.fields["name"] for record in (await since(connector, cursor)).records] == ["Edited"]


async def test_many_events_in_pages(connector: AsanaConnector, vendor: Vendor) -> None:
    task = (await make(connector, "Busy")).ref.id
    _, cursor = await full(connector)
    for number in range(60):
        vendor("PUT", f"/tasks/{task}", {"name": f"Edit {number}"})
    page = await connector.scan("task", SCOPE, cursor, ["name"])
    assert page.more
    names, _ = await full(connector, cursor=page.cursor)
    assert names == {"Edit 59"}


async def test_section_narrows_the_scope(connector: AsanaConnector) -> None:
    scope = {"project": PROJECT, "section": "Doing"}
    doing, other = await make(connector, "Doing", section="Doing"), await make(connector, "Other")
    created = await connector.create("task", scope, {"name": "By default"}, "mark-x")
    assert created.record.fields["section"] == "Doing"
    names, _ = await full(connector, scope)
    assert names == {"Doing", "By default"}
    found = await connector.fetch([doing.ref.id, other.ref.id], "task", ["name"], scope)
    assert {record.ref: record.in_scope for record in found} == {doing.ref: True, other.ref: False}


async def test_cursor_belongs_to_scope(connector: AsanaConnector) -> None:
    await make(connector, "Doing", section="Doing")
    _, cursor = await full(connector)
    names, _ = await full(connector, {"project": PROJECT, "section": "Doing"}, cursor)
    assert names == {"Doing"}


@pytest.mark.parametrize(
    "scope",
    [{}, {"project": None}, {"project": "ENG"}, {"project": "../users"}, {"project": PROJECT, "section": "Nowhere"}],
)
async def test_odd_scope_is_rejected(connector: AsanaConnector, scope: Scope) -> None:
    with pytest.raises(Rejected):
        await connector.scan("task", scope, None, ["name"])


async def test_many_reads_are_batched(connector: AsanaConnector, control: Control, vendor: Vendor) -> None:
    vendor("POST", "/__control/seed", {"count": 25})
    page = await connector.scan("task", SCOPE, None, ["name"])
    control.log.clear()
    found = await connector.fetch([record.ref.id for record in page.records], "task", ["name"], SCOPE)
    assert len(found) == 25
    assert [entry["path"] for entry in control.log] == ["/api/1.0/batch"] * 3
