"""Names of files cannot lead out of a folder, and arrive in a form that does no harm where somebody saves them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.responses import JSONResponse

from connectors.contract import Ref
from connectors.filenames import MAX_BYTES, harmless
from tests.security.elsewhere import host
from tests.security.test_addresses import connector
from tests.service import eventually
from tests.workflows.bench import Bench

HARMFUL = {
    "../../etc/cron.d/x": "x",
    "..\\..\\Windows\\x.dll": "x.dll",
    "/etc/passwd": "passwd",
    "C:\\x.txt": "x.txt",
    "C:x.txt": "C_x.txt",
    "plan\x00.txt": "plan.txt",
    "plan\r\nX-Header: 1.txt": "planX-Header_ 1.txt",
    "CON": "_CON",
    "nul.txt": "_nul.txt",
    "com1.tar.gz": "_com1.tar.gz",
    "photo\u202egpj.exe": "photogpj.exe",
    "plan.txt. . ": "plan.txt",
    "a\ud800b": "ab",
    'a"b<c>|?*.txt': "a_b_c____.txt",
    "..": "attachment",
    ".": "attachment",
    "": "attachment",
    "a/": "attachment",
}
GOOD = ["plan.txt", "Plan 计划 (1).pdf", ".gitignore", "👩‍💻 notes.md", "archive.tar.gz", "console.log", "a..b"]


@pytest.mark.parametrize(("name", "made"), HARMFUL.items(), ids=[ascii(name) for name in HARMFUL])
def test_harmful_name_is_made_good(name: str, made: str) -> None:
    assert harmless(name) == made
    assert harmless(made) == made


@pytest.mark.parametrize("name", GOOD)
def test_good_name_is_kept(name: str) -> None:
    assert harmless(name) == name


@pytest.mark.parametrize("name", ["x" * 5_000 + ".pdf", "计" * 400 + ".pdf", "a." + "x" * 5_000, "👩‍💻" * 100 + ".pdf"])
def test_long_name_is_cut(name: str) -> None:
    made = harmless(name)
    assert 0 < len(made.encode()) <= MAX_BYTES
    assert made.endswith(".pdf") or not name.endswith(".pdf")
    assert harmless(made) == made


@pytest.mark.parametrize(
    ("told", "made"),
    [
        ("text/plain; charset=utf-8", "text/plain"),
        ("text/html\r\nX-Injected: 1", "text/html"),
        ("\r\n--boundary", "application/octet-stream"),
        (None, "application/octet-stream"),
    ],
)
async def test_media_type_tears_no_header(told: str | None, made: str) -> None:
    file = {"id": "1", "filename": "../x", "size": 1, "mimeType": told, "created": "2026-11-20T10:00:00.000+0000"}
    with host(lambda _: JSONResponse({"accountId": "a", "fields": {"attachment": [file]}})) as vendor:
        jira = connector("jira", vendor.url)
        (listed,) = await jira.attachments(Ref("desk", "issue", "1"))
        await jira.close()
    assert (listed.name, listed.media_type) == ("x", made)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where all temporary files go; empty again at the end."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "deep" / "temporary"))
    (tmp_path / "deep" / "temporary").mkdir(parents=True)
    yield tmp_path
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("side", ["eng", "mkt"])
def test_file_arrives_with_harmless_name(sealed: Bench, folder: Path, side: str) -> None:
    other = "mkt" if side == "eng" else "eng"
    ids = sealed.pair(f"Files from {side}", side)
    names = ["../../etc/cron.d/x", "/etc/absolute.txt", "CON.txt", "..\\up.txt", "x" * 240 + ".pdf"]
    for size, name in enumerate(names, 1):
        sealed.desks[side].attach(ids[side], name, b"x" * size)
    sealed.desks[side].edit(ids[side], title=f"Files from {side}, added")
    files = sealed.desks[other].files
    eventually(lambda: len(files(ids[other])) == len(names), "the files", lambda: files(ids[other]))
    assert {name for name, _ in files(ids[other])} == {harmless(name) for name in names}
    sealed.sweep(full=True)
    assert len(sealed.desks[side].files(ids[side])) == len(names)
