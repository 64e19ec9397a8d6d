"""Asana's webhooks: the handshake, the signature, and what a delivery announces.

https://developers.asana.com/docs/webhooks-guide
"""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import structlog

from connectors.asana.fields import TASK
from connectors.contract import Aspect, Change, HookReply, HookRequest
from connectors.errors import BadSignature, Malformed
from connectors.values import parse_datetime

SECRET_HEADER: Final = "x-hook-secret"
SIGNATURE_HEADER: Final = "x-hook-signature"

HANDLED: Final = frozenset({"task", "story", "attachment"})
IGNORED: Final = frozenset({"project", "section", "tag", "workspace", "custom_field", "project_membership", "reaction"})
"""What a project's hook may bubble up and says nothing about the values of a task."""

STORY_ASPECTS: Final = {"comment_added": Aspect.COMMENTS, "attachment_added": Aspect.ATTACHMENTS}
"""Stories of other subtypes tell of changes that have an event of their own."""

# Of the announced id an address is made, where `..` would lead elsewhere.
_GID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")

log = structlog.get_logger(__name__)


class AsanaReceiver:
    """See `connectors.contract.Receiver`. Deliveries are compact: they tell what changed, never the values."""

    shakes_hands = True

    def handshake(self, request: HookRequest) -> HookReply | None:
        """Asana posts the secret once, while the hook is being created, and wants it back in the same header."""
        secret = request.headers.get(SECRET_HEADER)
        return HookReply(headers={"X-Hook-Secret": secret}, secret=secret) if secret else None

    def verify(self, request: HookRequest, secrets: Sequence[str]) -> None:
        """`X-Hook-Signature` is the hex HMAC-SHA256 of the raw body; there is no timestamp in it."""
        given = request.headers.get(SIGNATURE_HEADER, "").encode()
        matches = [hmac.compare_digest(_signature(secret, request.body), given) for secret in secrets]
        if not any(matches):
            raise BadSignature("the webhook's X-Hook-Signature fits none of this connection's secrets")

    def delivery_id(self, request: HookRequest) -> str:
        """Asana sends no id; a repeat has the same bytes, and every event holds its time to the millisecond."""
        signature = request.headers.get(SIGNATURE_HEADER, "")
        return hashlib.sha256(signature.encode() + request.body).hexdigest()

    def parse(self, request: HookRequest) -> list[Change]:
        """What a delivery announces; a heartbeat, which has no events, announces nothing. Raises Malformed."""
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise Malformed("the webhook's body is not JSON") from error
        events = body.get("events") if isinstance(body, dict) else None
        if not isinstance(events, list):
            raise Malformed('the webhook\'s body has no list "events"')
        return [change for change in map(_change, events) if change is not None]


RECEIVER: Final = AsanaReceiver()


def _signature(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def _change(event: object) -> Change | None:
    resource = _part(event, "resource")
    kind = str(resource.get("resource_type"))
    if kind not in HANDLED:
        if kind not in IGNORED:
            # Refusing the delivery would make Asana repeat it for a day and then delete the hook.
            log.warning("webhook event ignored", system="asana", resource_type=kind[:40])
        return None
    if kind == TASK:
        aspect = Aspect.DELETED if _action(event) == "deleted" else Aspect.FIELDS
        return _hint(event, resource, aspect)
    aspect_of = STORY_ASPECTS.get(str(resource.get("resource_subtype"))) if kind == "story" else Aspect.ATTACHMENTS
    parent = _part(event, "parent", {})
    if aspect_of is None or parent.get("resource_type") != TASK:
        return None
    return _hint(event, parent, aspect_of)


def _part(event: object, name: str, default: dict[str, Any] | None = None) -> dict[str, Any]:
    found = event.get(name) if isinstance(event, dict) else None
    if isinstance(found, dict):
        return found
    if default is None:
        raise Malformed(f"a webhook event has no {name!r}")
    return default


def _action(event: object) -> str:
    return str(event.get("action")) if isinstance(event, dict) else ""


def _hint(event: object, task: dict[str, Any], aspect: Aspect) -> Change:
    gid = task.get("gid")
    if not isinstance(gid, str) or not _GID.fullmatch(gid):
        raise Malformed("a webhook event names a task without a gid")
    at = _at(event)
    return Change(TASK, gid, frozenset({aspect}), at, _part(event, "user", {}).get("gid"), as_of=at)


def _at(event: object) -> datetime | None:
    stamp = event.get("created_at") if isinstance(event, dict) else None
    try:
        return parse_datetime(stamp) if isinstance(stamp, str) else None
    except ValueError:
        return None
