"""Webhooks that a Jira administrator registers: one for the whole connection, which never expires.

https://developer.atlassian.com/cloud/jira/platform/webhooks/ (registering through the REST API)
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from connectors.contract import Hook, Scope
from connectors.errors import NotFound
from connectors.jira.hooks import HANDLED
from connectors.jira.part import Part

WEBHOOKS: Final = "/rest/webhooks/1.0/webhook"


class Subscription(Part):
    """The subscriber; see `connectors.contract.Subscriber`."""

    def hook_names(self, object_: str, scope: Scope) -> tuple[str, ...]:  # noqa: ARG002 - one serves all
        """One for the whole connection."""
        return ("",)

    async def subscribe(self, url: str, hook: str, secret: str | None) -> Hook:  # noqa: ARG002 - there is one name
        """Register, or bring up to date what is registered for this address; what is there twice is removed.

        Raises Rejected where our account is no Jira administrator.
        """
        body: dict[str, Any] = {
            "name": f"Syncline {self.name}",
            "url": url,
            "events": sorted(HANDLED),
            "filters": {"issue-related-events-section": ""},
            "excludeBody": False,
            "enabled": True,
        }
        if secret is not None:
            body["secret"] = secret
        known = [found for found in await self.hooks(url) if found.url == url]
        for surplus in known[1:]:
            await self.unsubscribe(surplus)
        if known:
            return _hook(await self.client.put(f"{WEBHOOKS}/{known[0].id}", body))
        return _hook(await self.client.post(WEBHOOKS, body))

    async def hooks(self, url_prefix: str) -> list[Hook]:
        """Those registered whose address begins so, the oldest first."""
        found = [_hook(raw) for raw in await self.client.get(WEBHOOKS)]
        return sorted((each for each in found if each.url.startswith(url_prefix)), key=lambda each: int(each.id))

    async def renew(self, hook: Hook) -> Hook:
        """The same: it does not expire."""
        return hook

    async def unsubscribe(self, hook: Hook) -> None:
        """Remove it."""
        with suppress(NotFound):
            await self.client.delete(f"{WEBHOOKS}/{hook.id}")


def _hook(raw: Mapping[str, Any]) -> Hook:
    return Hook(str(raw["self"]).rstrip("/").rpartition("/")[2], str(raw["url"]), bool(raw.get("enabled", True)))
