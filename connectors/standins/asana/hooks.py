"""One webhook: what it wants to hear, how events are gathered and signed, and what its failures lead to."""

import asyncio
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import orjson

from connectors.standins.asana import model
from connectors.standins.asana.fields import define
from connectors.standins.asana.shapes import NAMED, named, plain, pointer
from connectors.standins.control import Control
from connectors.standins.delivery import Courier, Delivery
from connectors.standins.posting import Answer

GATHER_SECONDS = 0.02
MOST_EVENTS = 1000
ACCEPTED = frozenset({200, 204})
GONE = 410
GIVE_UP_AFTER = timedelta(hours=24)
FIRST_RETRY_SECONDS = 30.0
LONGEST_RETRY_SECONDS = 3600.0


def _backoff() -> tuple[float, ...]:
    """Doubling pauses up to an hour, until a day has passed."""
    pauses: list[float] = []
    while sum(pauses) < GIVE_UP_AFTER.total_seconds():
        pauses.append(min(FIRST_RETRY_SECONDS * 2 ** len(pauses), LONGEST_RETRY_SECONDS))
    return tuple(pauses)


RETRIES = _backoff()


class _StrictCourier(Courier):
    """Takes 200 and 204 alone for a success; any other 2xx counts as no answer."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer | None:
        answer = await super().post(url, body, headers)
        strange = answer is not None and 200 <= answer.status_code < 300 and answer.status_code not in ACCEPTED
        return None if strange else answer


def stamp(moment: datetime) -> str:
    """A time as Asana writes it."""
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


@dataclass(eq=False)
class Webhook:
    """A subscription of one user to one resource. `given_up` is told when it has failed for a day, or for good."""

    kind: ClassVar[str] = "webhook"
    gid: str
    resource: model.Resource
    target: str
    secret: str
    filters: list[dict[str, Any]]
    owner: model.User
    created_at: str
    control: Control
    given_up: "Callable[[Webhook], None]"
    active: bool = False
    last_success_at: str | None = None
    last_failure_at: str | None = None
    last_failure_content: str = ""
    delivery_retry_count: int = 0
    next_attempt_after: str | None = None
    failing_since: datetime | None = None
    pending: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.courier = _StrictCourier(self.control, RETRIES, self.failed, self.ended)

    @property
    def failure_deletion_timestamp(self) -> str | None:
        """When the webhook will be deleted unless a delivery succeeds before."""
        return None if self.failing_since is None else stamp(self.failing_since + GIVE_UP_AFTER)

    async def shake_hands(self) -> bool:
        """Send the secret to the target; whether it came back in time."""
        answer = await self.courier.post(self.target, b"{}", {**_JSON, "X-Hook-Secret": self.secret})
        return (
            answer is not None
            and answer.status_code in ACCEPTED
            and hmac.compare_digest(answer.headers.get("x-hook-secret", ""), self.secret)
        )

    def wants(self, event: model.Event) -> bool:
        """Whether a filter lets the event through; without filters all do."""
        return not self.filters or any(_passes(rule, event) for rule in self.filters)

    def hear(self, event: model.Event) -> None:
        """Gather an event; what happens within a moment goes out in one delivery."""
        if not self.wants(event):
            return
        if not self.pending:
            asyncio.get_running_loop().call_later(GATHER_SECONDS, self.flush)
        self.pending.append(wire(event))

    def flush(self) -> None:
        """Send what was gathered."""
        events, self.pending = self.pending, []
        for start in range(0, len(events), MOST_EVENTS):
            self.send(events[start : start + MOST_EVENTS])

    def send(self, events: list[dict[str, Any]]) -> None:
        """Start one signed delivery; without events it is a heartbeat."""
        body = orjson.dumps({"events": events})
        headers = {**_JSON, "X-Hook-Signature": signature(self.secret, body)}
        self.courier.send(Delivery(self.target, body, lambda _attempt: headers))

    def failed(self, status: int) -> bool:
        """Note a failed attempt; whether another is worth it."""
        now = self.control.now()
        self.failing_since = self.failing_since or now
        self.last_failure_at = stamp(now)
        self.last_failure_content = f"HTTP status {status}" if status else "No valid answer"
        pause = RETRIES[min(self.delivery_retry_count, len(RETRIES) - 1)]
        self.delivery_retry_count += 1
        self.next_attempt_after = stamp(now + timedelta(seconds=pause * self.control.webhooks.retry_scale))
        return status != GONE and now < self.failing_since + GIVE_UP_AFTER

    def ended(self, _delivery: Delivery, delivered: bool) -> None:
        """Note the end of a delivery: a success wipes the failures, a final failure ends the webhook."""
        if not delivered:
            self.given_up(self)
            return
        self.last_success_at = stamp(self.control.now())
        self.failing_since = self.next_attempt_after = None
        self.delivery_retry_count = 0


_JSON = {"Content-Type": "application/json; charset=UTF-8"}


def signature(secret: str, body: bytes) -> str:
    """What `X-Hook-Signature` says of a body: HMAC-SHA256 in hexadecimal digits, without a prefix."""
    return hmac.digest(secret.encode(), body, "sha256").hex()


def _passes(rule: dict[str, Any], event: model.Event) -> bool:
    resource = pointer(event.resource)
    if any(rule.get(name) not in {None, resource.get(name)} for name in ("resource_type", "resource_subtype")):
        return False
    if rule.get("action") not in {None, event.action}:
        return False
    return not rule.get("fields") or (event.change or {}).get("field") in rule["fields"]


def wire(event: model.Event) -> dict[str, Any]:
    """An event as a delivery shows it: compact, and never a value of the whole resource."""
    shown: dict[str, Any] = {
        "action": event.action,
        "resource": pointer(event.resource),
        "parent": pointer(event.parent) if event.parent else None,
        "user": pointer(event.user) if event.user else None,
        "created_at": event.created_at,
    }
    return {**shown, "change": event.change} if event.change else shown


define(
    Webhook,
    {
        **{name: NAMED[name] for name in ("gid", "resource_type")},
        **plain("active target created_at last_success_at last_failure_at last_failure_content"),
        **plain("delivery_retry_count next_attempt_after failure_deletion_timestamp filters"),
        "resource": lambda hook, _view: named(hook.resource),
    },
    "gid active resource target resource_type",
)
