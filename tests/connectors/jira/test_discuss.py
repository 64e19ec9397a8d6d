"""Comments and files: whose they are, who may read them, where Data Center keeps them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from connectors.contract import Attachment, Ref
from connectors.errors import Rejected
from connectors.jira.connector import JiraConnector
from connectors.jira.settings import Settings
from connectors.standins.control import Control
from connectors.standins.server import running
from tests.connectors.jira.helpers import make, sent

PLAN = Attachment("10001", "Plan 计划.txt", 4, datetime(2026, 11, 20, tzinfo=UTC), own=False)
REF = Ref("eng-jira", "issue", "10000")


async def test_comments_come_in_pages(jira: JiraConnector, control: Control) -> None:
    ref = (await make(jira)).ref
    for number in range(101):
        await jira.add_comment(ref, f"Remark {number}")
    control.log.clear()
    found = await jira.comments(ref)
    assert [comment.body for comment in found] == [f"Remark {number}" for number in range(101)]
    assert sent(control, "GET .*/comment$") == 2


async def test_comment_links_to_itself(jira: JiraConnector, url: str) -> None:
    comment = await jira.add_comment((await make(jira)).ref, "Hello")
    assert comment.url == f"{url}/browse/ENG-1?focusedCommentId={comment.id}"


async def test_foreign_comment_is_left_alone(jira: JiraConnector, ana: JiraConnector) -> None:
    ref = (await make(jira)).ref
    comment = await ana.add_comment(ref, "From Ana")
    with pytest.raises(Rejected, match="somebody else"):
        await jira.edit_comment(ref, comment.id, "Changed")
    with pytest.raises(Rejected, match="somebody else"):
        await jira.remove_comment(ref, comment.id)
    assert [found.body for found in await jira.comments(ref)] == ["From Ana"]


async def test_restricted_comment_is_not_read(jira: JiraConnector, ana: JiraConnector) -> None:
    ref = (await make(jira)).ref
    body = (await ana.client.dialect()).from_markdown("Between us", None)
    visibility = {"type": "role", "value": "Administrators", "identifier": "Administrators"}
    await ana.client.post(f"issue/{ref.id}/comment", {"body": body, "visibility": visibility})
    await ana.add_comment(ref, "For all")
    assert [found.body for found in await jira.comments(ref)] == ["For all"]


def data_center(content: str) -> Starlette:
    """A Data Center that keeps its files at an address of its own."""

    async def describe(request: Request) -> Response:
        return JSONResponse({"id": "10001", "content": content.format(base=str(request.base_url).rstrip("/"))})

    async def bytes_of(_request: Request) -> Response:
        return PlainTextResponse("plan")

    return Starlette(
        routes=[
            Route("/jira/rest/api/2/attachment/10001", describe),
            Route("/jira/secure/attachment/10001/{name}", bytes_of),
        ]
    )


@pytest.mark.parametrize(
    ("content", "served"),
    [
        ("{base}/jira/secure/attachment/10001/Plan%20%E8%AE%A1%E5%88%92.txt", True),
        ("http://files.acme.example/secure/attachment/10001/Plan.txt", False),
    ],
)
async def test_files_come_from_own_host(tmp_path: Path, content: str, served: bool) -> None:
    with running(data_center(content)) as url:
        given = {"url": f"{url}/jira", "auth": {"token": "pat"}, "deployment": "datacenter"}
        jira = JiraConnector("eng-jira", Settings.model_validate(given))
        if served:
            await jira.download(PLAN, REF, tmp_path / "copy", 100)
            assert (tmp_path / "copy").read_text() == "plan"
        else:
            with pytest.raises(Rejected, match=r"files\.acme\.example"):
                await jira.download(PLAN, REF, tmp_path / "copy", 100)
        await jira.close()
