"""Registering the webhook: one for each address, brought up to date, others left alone."""

import pytest

from connectors.errors import Rejected
from connectors.jira.connector import JiraConnector
from connectors.jira.hooks import HANDLED
from connectors.jira.subscribe import WEBHOOKS
from connectors.standins.control import Control, Fault

OURS, OTHER = "https://hub.acme.example/hooks/eng-jira", "https://hub.acme.example/hooks/eng-jira-2"


async def register(jira: JiraConnector, url: str) -> None:
    """A webhook as somebody might have entered it by hand."""
    await jira.client.post(WEBHOOKS, {"name": "by hand", "url": url, "events": ["jira:issue_created"]})


async def test_surplus_hooks_are_removed(jira: JiraConnector) -> None:
    for url in (OURS, OTHER, OURS, OURS):
        await register(jira, url)
    hook = await jira.subscribe(OURS, "", "secret")
    registered = await jira.client.get(WEBHOOKS)
    assert sorted(raw["url"] for raw in registered) == [OURS, OTHER]
    (kept,) = (raw for raw in registered if raw["url"] == OURS)
    assert kept["self"].endswith(f"/{hook.id}")
    assert set(kept["events"]) == HANDLED.keys()
    assert kept["isSigned"]


async def test_missing_right_parks_nothing(jira: JiraConnector, control: Control) -> None:
    control.faults = [Fault("webhook", "status", times=0, status=403)]
    with pytest.raises(Rejected):
        await jira.subscribe(OURS, "", None)
