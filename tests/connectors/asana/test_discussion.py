"""Comments, files, history and people, where Asana has ways of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.asana.connector import AsanaConnector
from connectors.contract import Attachment, Record, Value
from connectors.errors import AuthFailed, Rejected, Unavailable
from connectors.standins.control import Control, Fault
from tests.connectors.asana.conftest import SCOPE, Connect

Vendor = Callable[..., Any]


async def make(connector: AsanaConnector) -> Record:
    return (await connector.create("task", SCOPE, {"name": "Launch page"}, "mark-1")).record


@pytest.fixture
async def attached(connector: AsanaConnector, tmp_path: Path) -> tuple[Record, Attachment]:
    (tmp_path / "plan.txt").write_text("a plan")
    record = await make(connector)
    return record, await connector.attach(record.ref, tmp_path / "plan.txt", "plan.txt", "text/plain")


async def test_headings_degrade_in_comments(connector: AsanaConnector, vendor: Vendor) -> None:
    record = await make(connector)
    added = await connector.add_comment(record.ref, "# Title\n\nWords")
    assert "<h1>" not in vendor("GET", f"/stories/{added.id}?opt_fields=html_text")["html_text"]
    (seen,) = await connector.comments(record.ref)
    assert (seen.body, seen.url) == (added.body, f"{record.url}/comment/{seen.id}")


async def test_comment_of_another_is_kept(connector: AsanaConnector, ana: AsanaConnector) -> None:
    record = await make(connector)
    hers = await ana.add_comment(record.ref, "From Ana")
    with pytest.raises(Rejected):
        await connector.edit_comment(record.ref, hers.id, "From us")
    with pytest.raises(Rejected):
        await connector.remove_comment(record.ref, hers.id)


async def test_links_are_no_files(
    connector: AsanaConnector, ana: AsanaConnector, vendor: Vendor, attached: tuple[Record, Attachment], tmp_path: Path
) -> None:
    record, ours = attached
    link = {"parent": record.ref.id, "resource_subtype": "external", "name": "Drive", "url": "https://drive.example/1"}
    vendor("POST", "/attachments", link)
    hers = await ana.attach(record.ref, tmp_path / "plan.txt", "hers.txt", "text/plain")
    listed = await connector.attachments(record.ref)
    assert [(file.id, file.own) for file in listed] == [(ours.id, True), (hers.id, False)]


async def test_large_upload_is_refused(connect: Connect, control: Control, tmp_path: Path) -> None:
    connector = connect(max_attachment_mb=0)
    record = await make(connector)
    (tmp_path / "plan.txt").write_text("a plan")
    with pytest.raises(Rejected, match=r"plan\.txt"):
        await connector.attach(record.ref, tmp_path / "plan.txt", "plan.txt", "text/plain")
    assert not [entry for entry in control.log if entry["path"].endswith("/attachments")]


async def test_download_shows_no_token(
    connector: AsanaConnector, attached: tuple[Record, Attachment], tmp_path: Path
) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(302, headers={"Location": "https://elsewhere.example/"})

    connector.files = httpx.Client(transport=httpx.MockTransport(handler))
    record, attachment = attached
    with pytest.raises(Unavailable):
        await connector.download(attachment, record.ref, tmp_path / "copy", limit=100)
    assert len(seen) == 1
    assert "authorization" not in seen[0].headers
    assert not (tmp_path / "copy").exists()


async def test_cut_download_leaves_nothing(
    connector: AsanaConnector, control: Control, attached: tuple[Record, Attachment], tmp_path: Path
) -> None:
    record, attachment = attached
    control.faults = [Fault("GET /files/", "cut_before")]
    with pytest.raises(Unavailable):
        await connector.download(attachment, record.ref, tmp_path / "copy", limit=100)
    assert not (tmp_path / "copy").exists()


async def test_strange_link_is_refused(
    connector: AsanaConnector, attached: tuple[Record, Attachment], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, attachment = attached
    strange = {"data": {"download_url": "http://169.254.169.254/latest", "size": 1}}
    monkeypatch.setattr(connector.client._api, "call_api", lambda *_args, **_kw: (strange, 200, {}))
    with pytest.raises(Rejected, match="safe to follow"):
        await connector.download(attachment, record.ref, tmp_path / "copy", limit=100)


async def test_history_tells_each_field(connector: AsanaConnector, ana: AsanaConnector) -> None:
    record = await make(connector)
    severity = (await connector.describe("task", SCOPE)).field("Severity")
    assert severity is not None
    edits: dict[str, Value] = {
        "notes": "Words",
        "section": "Done",
        "completed": True,
        "due_on": "2026-12-01",
        "assignee": "bo@acme.example",
        "tags": ["launch"],
        severity.key: "High",
    }
    edited = (await ana.update(record, edits, {})).record
    seen = await connector.edits(edited, [*edits, "parent"])
    assert {key: edit.by for key, edit in seen.items()} == {**dict.fromkeys(edits, "Ana Chen"), "parent": None}
    assert seen["parent"].at == edited.updated


async def test_forbidden_self_is_auth(connector: AsanaConnector, control: Control) -> None:
    control.faults = [Fault("users/me", "status", status=403)]
    with pytest.raises(AuthFailed):
        await connector.me()


@pytest.mark.parametrize("email", ["me", "1201001", ""])
async def test_no_email_finds_nobody(connector: AsanaConnector, email: str) -> None:
    assert await connector.user_by_email(email) is None


async def test_plan_without_custom_fields(connector: AsanaConnector, control: Control) -> None:
    control.faults = [Fault("custom_field_settings", "status", times=0, status=402)]
    described = await connector.describe("task", SCOPE)
    assert described.field("Effort") is None
    record = await make(connector)
    assert record.marker == "mark-1"


async def test_names_are_read_once(connector: AsanaConnector, control: Control) -> None:
    for _ in range(3):
        await make(connector)
    asked = [entry["path"] for entry in control.log if "/projects/" in entry["path"]]
    assert len(asked) == len(set(asked)) == 3


async def test_unreachable_target_is_told(connector: AsanaConnector) -> None:
    (name,) = connector.hook_names("task", SCOPE)
    with pytest.raises(Rejected):
        await connector.subscribe("http://127.0.0.1:9/hooks/desk/1204001", name, None)
    assert await connector.hooks("http://127.0.0.1:9/") == []
