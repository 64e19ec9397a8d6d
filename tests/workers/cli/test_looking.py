"""Looking at what is stored while no service runs: `status`, `parked`, `explain`, `hooks`."""

import asyncio
from pathlib import Path

import pytest

from tests.workers.cli.conftest import Syncline
from workers.cli.explain import counted, said
from workflows.store import hooks, journal, links, parking
from workflows.store.database import default_url, open_store
from workflows.store.journal import Entry, Kind
from workflows.store.links import Link, Member
from workflows.store.parking import Parked

MAPPING = "jira-asana-tasks"
ISSUE, TASK = "eng-jira:issue:10042", "mkt-asana:task:1205"
RULE = "mappings/jira-asana-tasks.yaml:23@0123456789ab"
NOON = 1_790_000_000.0
REFUSED = "the label 'needs a lawyer' contains spaces"


def entry(kind: Kind, side: str | None, field: str | None, **data: object) -> Entry:
    """A line of the journal, as a webhook about ana's edit would leave it."""
    told = {"via": "webhook", "by": "Ana Chen", **data}
    return Entry(kind, MAPPING, "link-1", side, ISSUE if side == "eng" else TASK, field, told)


async def store_a_link(workspace: Path) -> None:
    store = await open_store(default_url(workspace))
    members = {
        "eng": Member("eng", "10042", url="http://127.0.0.1:8901/browse/ENG-12"),
        "mkt": Member("mkt", "1205", url="https://app.asana.com/1/1200001/task/1205"),
    }
    async with store.begin() as tx:
        await links.add(tx, [Link("link-1", MAPPING, members=members)], NOON)
        refused = Parked(MAPPING, "link-1", "eng", "labels", ISSUE, REFUSED, ["needs a lawyer"])
        await parking.park(tx, [refused, Parked(MAPPING, "", "mkt", "", "mkt-asana:task:7", "two share a title")], NOON)
        await hooks.registered(tx, "eng-jira", "", "1")
        decided = {"before": "Launch", "after": "Launch page", "reason": "only eng changed it", "rule": RULE}
        lines = [
            entry(Kind.LINKED, "eng", None, reason="a new record in scope"),
            entry(Kind.WROTE, "mkt", "title", before="Launch", after="Launch page", rule=RULE),
            entry(Kind.DECIDED, "eng", "title", **decided),
            entry(Kind.REFUSED, "eng", "labels", reason=REFUSED, value=["needs a lawyer"]),
        ]
        await journal.write(tx, lines, NOON)
    await store.close()


@pytest.fixture
def stored(syncline: Syncline, workspace: Path) -> Syncline:
    """One link, with a title that was carried and labels that were refused."""
    asyncio.run(store_a_link(workspace))
    return syncline


def test_status_works_without_service(stored: Syncline) -> None:
    shown = stored("status", "--json")

    assert shown.code == 1
    assert "syncline run" in shown.data["service"]
    (mapping,) = shown.data["mappings"]
    assert (mapping["links"], mapping["parked"], mapping["conflicts"]) == (1, 2, 0)
    assert {one["connection"]: one["state"] for one in shown.data["connections"]} == {
        "eng-jira": "ok",
        "mkt-asana": "ok",
    }


@pytest.mark.parametrize("command", [["explain", ISSUE], ["parked", "list"], ["hooks"], ["check"], ["test"]])
def test_words_are_plain_text(stored: Syncline, command: list[str]) -> None:
    shown = stored(*command)

    assert shown.code == 0
    assert shown.err == ""
    assert "\x1b" not in shown.out


def test_status_fits_the_terminal(stored: Syncline) -> None:
    table = [line for line in stored("status").out.splitlines() if MAPPING in line and "down" in line]

    assert len(table) == 1
    assert len(table[0]) <= 80


def test_parked_is_listed_and_shown(stored: Syncline) -> None:
    rows = stored("parked", "list", "--json").data

    assert [(row["ref"], row["field"], row["reason"]) for row in rows] == [
        (ISSUE, "labels", REFUSED),
        ("mkt-asana:task:7", "", "two share a title"),
    ]
    shown = stored("parked", "show", str(rows[0]["id"]))
    assert all(word in shown.out for word in (ISSUE, "labels", REFUSED, f"syncline explain {ISSUE}"))


def test_dropped_row_is_gone(stored: Syncline) -> None:
    first = stored("parked", "list", "--json").data[0]["id"]

    assert stored("parked", "drop", str(first)).code == 0

    assert [row["ref"] for row in stored("parked", "list", "--json").data] == ["mkt-asana:task:7"]
    assert stored("parked", "drop", str(first)).code == 2


def test_retry_deletes_nothing(stored: Syncline) -> None:
    ended = stored("parked", "retry", "--all")

    assert ended.code == 1
    assert "syncline run" in ended.err
    assert len(stored("parked", "list", "--json").data) == 2


@pytest.mark.parametrize("ref", [ISSUE, TASK, "ENG-12"])
def test_record_is_explained(stored: Syncline, ref: str) -> None:
    told = stored("explain", ref).out

    assert "via webhook by Ana Chen" in told
    assert f"title: 'Launch' -> 'Launch page' from eng: only eng changed it  [{RULE}]" in told
    assert f"title: written to mkt: 'Launch' -> 'Launch page'  [{RULE}]" in told
    assert f"labels: eng refused ['needs a lawyer']: {REFUSED}" in told
    assert f"parked: eng labels: {REFUSED}" in told


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("Launch", "Launch page", "'Launch' -> 'Launch page'"),
        (f"{'a' * 90} old end", f"{'a' * 90} new end", f"...{'a' * 19} old end' -> ...{'a' * 19} new end'"),
        (None, "b" * 90, f"nothing -> '{'b' * 56}..."),
    ],
    ids=["short", "long", "empty before"],
)
def test_change_shows_difference(before: str | None, after: str, told: str) -> None:
    assert told in said(entry(Kind.WROTE, "mkt", "title", before=before, after=after))


def test_repeated_lines_are_counted() -> None:
    assert counted(["copied", "copied", "title: changed", "copied"]) == [
        "  copied (2 times)",
        "  title: changed",
        "  copied",
    ]


def test_one_field_is_explained(stored: Syncline) -> None:
    (link,) = stored("explain", "ENG-12", "title", "--json").data["links"]

    assert [(one["kind"], one["field"]) for one in link["entries"]] == [
        ("linked", None),
        ("decided", "title"),
        ("wrote", "title"),
    ]
    assert link["members"]["eng"]["ref"] == ISSUE


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ENG-12", "titel"], "'title'"),
        (["ENG-1"], "ends in ENG-1"),
        (["mkt-asana:task:7"], "It is parked: two share a title"),
        (["mkt-asana:task:8"], "outside the scope"),
        (["crm:deal:8"], "No mapping has a side"),
    ],
)
def test_unexplained_is_told_why(stored: Syncline, arguments: list[str], told: str) -> None:
    ended = stored("explain", *arguments)

    assert ended.code in (1, 2)
    assert told in ended.err


def test_hooks_name_unusable_connection(stored: Syncline, workspace: Path) -> None:
    connections = workspace / "connections.yaml"
    text = connections.read_text(encoding="utf-8").replace("system: asana", "system: asana\n    colour: red")
    connections.write_text(text, encoding="utf-8")

    assert "mkt-asana: unusable" in stored("hooks").out


def test_hooks_are_shown(stored: Syncline) -> None:
    data = stored("hooks", "--json", SYNCLINE_PUBLIC_URL="https://sync.example").data

    assert [(one["connection"], one["url"], one["registered"]) for one in data["hooks"]] == [
        ("eng-jira", "https://sync.example/hooks/eng-jira", True),
        ("mkt-asana", "https://sync.example/hooks/mkt-asana/1204001", False),
    ]
