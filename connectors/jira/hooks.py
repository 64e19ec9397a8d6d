"""Jira's webhooks: signature, identity, meaning. Needs no network and no SDK.

Signed by the admin webhooks of Jira Cloud, and by Data Center where it can (WebSub):
https://developer.atlassian.com/cloud/jira/platform/webhooks/
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from connectors.contract import Aspect, Change, HookReply, HookRequest
from connectors.errors import BadSignature, Malformed
from connectors.jira.fields import ISSUE
from connectors.values import parse_datetime

FIELDS, COMMENTS, FILES = Aspect.FIELDS, Aspect.COMMENTS, Aspect.ATTACHMENTS

HANDLED: Final[Mapping[str, frozenset[Aspect]]] = {
    "jira:issue_created": frozenset({FIELDS, COMMENTS, FILES}),
    "jira:issue_updated": frozenset({FIELDS}),
    "jira:issue_deleted": frozenset({Aspect.DELETED}),
    "comment_created": frozenset({COMMENTS}),
    "comment_updated": frozenset({COMMENTS}),
    "comment_deleted": frozenset({COMMENTS}),
    "attachment_created": frozenset({FILES}),
    "attachment_deleted": frozenset({FILES}),
    "issuelink_created": frozenset({FIELDS}),
    "issuelink_deleted": frozenset({FIELDS}),
}
IGNORED: Final = frozenset(
    {f"worklog_{what}" for what in ("created", "updated", "deleted")}
    | {f"issue_property_{what}" for what in ("set", "deleted")}
    | {f"sprint_{what}" for what in ("created", "updated", "started", "closed", "deleted")}
    | {f"board_{what}" for what in ("created", "updated", "deleted", "configuration_changed")}
    | {f"project_{what}" for what in ("created", "updated", "deleted", "soft_deleted", "archived", "unarchived")}
    | {"project_restored_deleted", "project_restored_archived"}
    | {f"user_{what}" for what in ("created", "updated", "deleted")}
    | {f"jira:version_{what}" for what in ("created", "updated", "released", "unreleased", "moved", "merged")}
    | {"jira:version_deleted", "jira:worklog_updated"}
    | {f"issuetype_{what}" for what in ("created", "updated", "deleted")}
    | {f"filter_{what}" for what in ("created", "updated", "deleted")}
    | {f"option_{what}_changed" for what in ("voting", "watching", "unassigned_issues", "subtasks", "attachments")}
    | {"option_issuelinks_changed", "option_timetracking_changed", "jira_expression_evaluation_failed"}
)

_ID: Final = re.compile(r"[0-9]{1,20}")
_ISSUE_IN_URL: Final = re.compile(r"/issue/([0-9]{1,20})(?:/|$)")


@dataclass(frozen=True, slots=True)
class JiraReceiver:
    """Understands deliveries of admin webhooks; there is no handshake."""

    shakes_hands: bool = False

    def handshake(self, request: HookRequest) -> HookReply | None:  # noqa: ARG002 - Jira has none
        """Always None."""
        return None

    def verify(self, request: HookRequest, secrets: Sequence[str]) -> None:
        """Check `X-Hub-Signature: sha256=<hex>` over the raw body. Raises BadSignature."""
        header = request.headers.get("x-hub-signature", "")
        algorithm, _, given = header.partition("=")
        if not header:
            raise BadSignature("the delivery has no X-Hub-Signature; give the webhook in Jira the connection's secret")
        if algorithm != "sha256":
            raise BadSignature(f"the delivery is signed with {algorithm[:20]!r}; expected sha256")
        wanted = (hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest() for secret in secrets)
        if not any(hmac.compare_digest(own.encode(), given.encode()) for own in wanted):
            raise BadSignature("the signature does not fit; the webhook in Jira has another secret")

    def delivery_id(self, request: HookRequest) -> str:
        """Jira's own identifier, the same for every retry; Data Center sends none, there the body is the identity."""
        given = request.headers.get("x-atlassian-webhook-identifier")
        return given or hashlib.sha256(request.body).hexdigest()

    def parse(self, request: HookRequest) -> list[Change]:
        """The issue that a delivery is about. Raises Malformed for an event that Jira is not known to send."""
        body = _body(request.body)
        event = body.get("webhookEvent")
        if not isinstance(event, str):
            raise Malformed("the delivery has no webhookEvent; expected a body as Jira sends it")
        if event in IGNORED:
            return []
        if event not in HANDLED:
            raise Malformed(f"unknown event {event[:60]!r}; expected one of: {', '.join(HANDLED)}")
        ids = _link_ends(body) if event.startswith("issuelink_") else _issue_ids(body, event)
        aspects = HANDLED[event] | (_also(body) if event == "jira:issue_updated" else frozenset())
        return [Change(ISSUE, id_, aspects, _moment(body), _author(body), _updated(body)) for id_ in ids]


RECEIVER: Final = JiraReceiver()


def _body(raw: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Malformed("the delivery is no JSON") from error
    if not isinstance(body, dict):
        raise Malformed(f"the delivery is a {type(body).__name__}; expected an object")
    return body


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, dict) else {}


def _issue_ids(body: Mapping[str, Any], event: str) -> list[str]:
    own = _part(body, "issue").get("id")
    if isinstance(own, str | int) and _ID.fullmatch(str(own)):
        return [str(own)]
    found = _ISSUE_IN_URL.search(str(_part(body, "comment").get("self", "")))
    if found:
        return [found[1]]
    if event.startswith("attachment_"):
        return []  # often names no issue; the issue's own event, which does, comes with it
    raise Malformed(f"{event} names no issue; expected issue.id, or an address of the issue in comment.self")


def _also(body: Mapping[str, Any]) -> frozenset[Aspect]:
    """An update of an issue may be about a comment or a file, also where their own events are not asked for."""
    aspects = {COMMENTS} if _part(body, "comment") or "comment" in str(body.get("issue_event_type_name")) else set()
    items = _part(body, "changelog").get("items")
    if isinstance(items, list) and any(isinstance(item, dict) and item.get("field") == "Attachment" for item in items):
        aspects.add(FILES)
    return frozenset(aspects)


def _link_ends(body: Mapping[str, Any]) -> list[str]:
    link = _part(body, "issueLink")
    ends = [str(link.get(name)) for name in ("sourceIssueId", "destinationIssueId")]
    ends = [end for end in ends if _ID.fullmatch(end)]
    if not ends:
        raise Malformed("an issuelink event without issueLink.sourceIssueId and destinationIssueId")
    return ends


def _moment(body: Mapping[str, Any]) -> datetime | None:
    stamp = body.get("timestamp")
    if isinstance(stamp, bool) or not isinstance(stamp, int | float):
        return None
    try:
        return datetime.fromtimestamp(stamp / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _updated(body: Mapping[str, Any]) -> datetime | None:
    """The issue's own stamp. Of some Data Centers it has no fractions, which cannot tell edits of one second apart."""
    stamp = _part(_part(body, "issue"), "fields").get("updated")
    try:
        moment = parse_datetime(stamp) if isinstance(stamp, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.microsecond else None


def _author(body: Mapping[str, Any]) -> str | None:
    comment = _part(body, "comment")
    people = (
        _part(body, "user"),
        _part(comment, "updateAuthor"),
        _part(comment, "author"),
        _part(_part(body, "attachment"), "author"),
    )
    return next((str(person["displayName"]) for person in people if person.get("displayName")), None)
