"""The shared suite against the Jira stand-in, as Cloud and as Data Center."""

import asyncio
from typing import Any, ClassVar

from pydantic import BaseModel
from starlette.types import ASGIApp

from connectors.contract import Connector, Scope, Value
from connectors.jira.settings import Settings
from connectors.standins.control import Control
from connectors.standins.jira.app import build
from tests.connectors.conformance import Conformance
from tests.connectors.conforming.bench import Sample


class TestCloud(Conformance):
    system = "jira"
    object_ = "issue"
    scope: ClassVar[Scope] = {"project": "ENG"}
    bad_scope: ClassVar[Scope] = {"project": "NOWHERE"}
    title = "summary"
    rich = "description"
    required: ClassVar[dict[str, Value]] = {"issuetype": "Task"}
    samples = (
        Sample("summary", ("Plan", "计划 🚀"), clearable=False),
        Sample("description", ("Some *words*", "- one\n- two")),
        Sample("priority", ("High", "Low"), clearable=False),
        Sample("assignee", ("ana@acme.example", "bo@acme.example")),
        Sample("labels", (["launch", "web"], ["网页"])),
        Sample("duedate", ("2026-12-01", "2027-02-28")),
        Sample("customfield_10031", (5, 0.5)),
        Sample("customfield_10032", ("High", "Low")),
        Sample("customfield_10033", (["ana@acme.example", "bo@acme.example"], ["wei@acme.example"])),
        Sample("customfield_10034", ("2026-12-01T09:30:00Z", "2026-12-01T23:59:59.500Z")),
        Sample("customfield_10035", ("https://acme.example/a?b=c",)),
        Sample("customfield_10036", ("A *note*",)),
        Sample("issuetype", ("Bug", "Task"), clearable=False),
        Sample("status", ("In Progress", "In Review"), clearable=False),
    )
    refused = ("priority", "Sky-high")
    create_line = r"POST /rest/api/\d/issue$"

    def standin(self, control: Control) -> ASGIApp:
        return build(control)

    def auth(self, token: str) -> dict[str, str]:
        return {"email": f"{token.split('-')[0]}@acme.example", "token": token}

    def settings(self, url: str, token: str) -> BaseModel:
        given: dict[str, Any] = {"url": url, "auth": self.auth(token), "read_timeout": 2.0}
        return Settings(**given)


class TestDataCenter(TestCloud):
    """Data Center."""

    def standin(self, control: Control) -> ASGIApp:
        return build(control, deployment="DataCenter")

    def auth(self, token: str) -> dict[str, str]:
        return {"token": token}

    async def test_deletion_hides_no_issue(self, connector: Connector) -> None:
        made = await asyncio.gather(*(self.make(connector, f"Item {number}") for number in range(120)))
        page = await connector.scan(self.object_, self.scope, None, [self.title])
        assert page.more
        gone = {record.ref for record in page.records[:5]}
        await asyncio.gather(*(connector.delete(ref) for ref in gone))
        rest, _ = await self.scan(connector, page.cursor)
        seen = {record.ref for record in (*page.records, *rest)}
        assert {record.ref for record in made} <= seen
