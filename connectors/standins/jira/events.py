"""Webhooks: which hooks want to know, what their bodies say, and sending them.

Bodies have the shape of version 2 on Cloud too: wiki text, never ADF.
"""

import hmac
import itertools
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from connectors.standins.delivery import Courier, Delivery
from connectors.standins.jira.asker import Asker
from connectors.standins.jira.catalogue import Person
from connectors.standins.jira.match import compiled
from connectors.standins.jira.model import Attachment, Comment, History, Hook, Issue
from connectors.standins.jira.shapes import (
    TRIMMED,
    attachment_json,
    comment_json,
    issue_json,
    items_json,
    person_json,
    selected,
)
from connectors.standins.jira.view import View
from connectors.standins.jira.world import World

PAUSES: Final = (60.0, 240.0, 600.0, 900.0)
RETRIED: Final = frozenset({0, 408, 409, 425, 429})
WHOLE: Final = selected(("*all",), "*all")


def worth_retrying(status: int) -> bool:
    """Whether Jira tries again after this answer; 0 is no answer."""
    return status in RETRIED or status >= 500


class Publisher:
    """The registered hooks, and the events that go out to them."""

    def __init__(self, world: World, *, cloud: bool) -> None:
        """On Data Center a delivery is tried once."""
        self.world = world
        self.hooks: dict[int, Hook] = {}
        self.hook_id = itertools.count(1)
        self.cloud = cloud
        self.courier = Courier(world.control, PAUSES if cloud else (), worth_retrying)

    def issue(
        self,
        event: str,
        kind: str,
        issue: Issue,
        author: Person,
        view: View,
        entry: History | None = None,
        comment: Comment | None = None,
        *,
        bulk: bool = False,
    ) -> None:
        """Announce `jira:issue_<event>`; `kind` is the word of `issue_event_type_name`, which a deletion lacks."""
        name = f"jira:issue_{event}"
        hooks = self._wanting(name, issue)
        if not hooks:
            return
        seen = replace(view, version="2", zone="UTC")
        body = {
            **self._head(name),
            **({"issue_event_type_name": kind} if kind else {}),
            "user": person_json(author, seen),
            "issue": issue_json(self.world, issue, seen, WHOLE),
        }
        if entry is not None:
            body["changelog"] = {"id": str(entry.id), "items": items_json(entry, seen)}
        if comment is not None:
            body["comment"] = comment_json(comment, seen)
        self._send(hooks, body, bulk=bulk)

    def comment(self, event: str, issue: Issue, comment: Comment, view: View) -> None:
        """Announce `comment_<event>`; Data Center does not say on which issue."""
        name = f"comment_{event}"
        seen = replace(view, version="2", zone="UTC")
        if hooks := self._wanting(name, issue):
            trimmed = {"issue": self._trimmed(issue, seen), "eventType": "primaryAction"} if view.cloud else {}
            self._send(hooks, {**self._head(name), "comment": comment_json(comment, seen), **trimmed})

    def attachment(self, event: str, issue: Issue, attachment: Attachment, view: View) -> None:
        """Announce `attachment_<event>`."""
        name = f"attachment_{event}"
        seen = replace(view, version="2", zone="UTC")
        if hooks := self._wanting(name, issue):
            told = {"attachment": attachment_json(attachment, seen), "issue": self._trimmed(issue, seen)}
            self._send(hooks, {**self._head(name), **told})

    def _head(self, name: str) -> dict[str, Any]:
        return {"timestamp": self.world.now(), "webhookEvent": name}

    def _trimmed(self, issue: Issue, view: View) -> dict[str, Any]:
        shown = issue_json(self.world, issue, view, TRIMMED)
        del shown["expand"]
        return shown

    def _wanting(self, name: str, issue: Issue) -> list[Hook]:
        subscribed = (hook for hook in self.hooks.values() if hook.enabled and name in hook.events)
        return [hook for hook in subscribed if self._fits(hook, issue)]

    def _fits(self, hook: Hook, issue: Issue) -> bool:
        return not hook.jql or compiled(hook.jql, Asker(self.world, hook.owner)).test(issue)

    def _send(self, hooks: list[Hook], body: Mapping[str, Any], *, bulk: bool = False) -> None:
        data = orjson.dumps(body)
        for hook in hooks:
            content = b"" if hook.exclude_body else data
            flow = ("Secondary" if bulk else "Primary") if self.cloud else ""
            self.courier.send(Delivery(hook.url, content, _Headers(hook.secret, content, flow)))


class _Headers:
    """The headers of one delivery: the identifier stays, the retry count grows."""

    def __init__(self, secret: str, body: bytes, flow: str) -> None:
        self.fixed = {
            "Content-Type": "application/json; charset=UTF-8",
            "User-Agent": "Atlassian Webhook HTTP Client",
            "X-Atlassian-Webhook-Identifier": str(uuid.uuid4()),
        }
        if flow:
            self.fixed["X-Atlassian-Webhook-Flow"] = flow
        if secret:
            self.fixed["X-Hub-Signature"] = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"

    def __call__(self, attempt: int) -> dict[str, str]:
        return {**self.fixed, "X-Atlassian-Webhook-Retry": str(attempt)} if attempt else self.fixed
