"""Routes of webhook registration: for administrators, outside the versioned API; dynamic ones are for apps only."""

from collections.abc import Mapping
from typing import Any, Final

from connectors.standins.jira.asker import Asker
from connectors.standins.jira.jql import JqlError
from connectors.standins.jira.match import compiled
from connectors.standins.jira.model import Hook
from connectors.standins.jira.shapes import person_json
from connectors.standins.jira.web import Call, Refused, Reply, Routes

admin_routes: Final = Routes()
routes: Final = Routes()

FILTER: Final = "issue-related-events-section"
ISSUE_EVENTS: Final = frozenset({f"jira:issue_{what}" for what in ("created", "updated", "deleted")})
OTHER_EVENTS: Final = frozenset(
    {
        *(f"comment_{what}" for what in ("created", "updated", "deleted")),
        *(f"attachment_{what}" for what in ("created", "deleted")),
        *(f"issuelink_{what}" for what in ("created", "deleted")),
        *(f"worklog_{what}" for what in ("created", "updated", "deleted")),
        *(f"issue_property_{what}" for what in ("set", "deleted")),
    }
)
APPS_ONLY: Final = "Only Connect and OAuth 2.0 apps can use this operation."


@admin_routes.on("GET", "webhook")
def list_hooks(call: Call) -> Reply:
    """Every registered webhook."""
    _admin(call)
    return Reply(200, [_shown(call, hook) for hook in call.publisher.hooks.values()])


@admin_routes.on("POST", "webhook")
def add_hook(call: Call) -> Reply:
    """Register a webhook; with a secret its deliveries are signed."""
    _admin(call)
    hook = _read(call, call.json(), next(call.publisher.hook_id), None)
    call.publisher.hooks[hook.id] = hook
    return Reply(201, _shown(call, hook))


@admin_routes.on("GET", "webhook/{}")
def get_hook(call: Call, number: str) -> Reply:
    """One webhook."""
    _admin(call)
    return Reply(200, _shown(call, _hook(call, number)))


@admin_routes.on("PUT", "webhook/{}")
def edit_hook(call: Call, number: str) -> Reply:
    """Change a webhook; what is not said stays."""
    _admin(call)
    old = _hook(call, number)
    call.publisher.hooks[old.id] = hook = _read(call, call.json(), old.id, old)
    return Reply(200, _shown(call, hook))


@admin_routes.on("DELETE", "webhook/{}")
def delete_hook(call: Call, number: str) -> Reply:
    """Remove a webhook."""
    _admin(call)
    del call.publisher.hooks[_hook(call, number).id]
    return Reply(204)


@routes.on("GET", "webhook", cloud_only=True)
@routes.on("POST", "webhook", cloud_only=True)
@routes.on("DELETE", "webhook", cloud_only=True)
@routes.on("PUT", "webhook/refresh", cloud_only=True)
def dynamic(_call: Call) -> Reply:
    """Dynamic webhooks, which an API token may not use."""
    raise Refused(403, APPS_ONLY)


def _admin(call: Call) -> None:
    if not call.user.admin:
        raise Refused(403, "You do not have permission to manage webhooks: an administrator is needed.")


def _hook(call: Call, number: str) -> Hook:
    found = call.publisher.hooks.get(int(number) if number.isdecimal() else 0)
    if found is None:
        raise Refused(404, f"Webhook with id {number} does not exist.")
    return found


def _read(call: Call, body: Mapping[str, Any], number: int, old: Hook | None) -> Hook:
    events = frozenset(body["events"]) if "events" in body else old.events if old else frozenset()
    hook = Hook(
        id=number,
        name=str(body.get("name", old.name if old else "")),
        url=str(body.get("url", old.url if old else "")),
        events=events,
        jql=str((body.get("filters") or {}).get(FILTER, "")) if "filters" in body else old.jql if old else "",
        secret=str(body.get("secret", old.secret if old else "") or ""),
        exclude_body=bool(body.get("excludeBody", old.exclude_body if old else False)),
        enabled=bool(body.get("enabled", old.enabled if old else True)),
        owner=call.user,
        updated=call.world.now(),
    )
    _check(call, hook)
    return hook


def _check(call: Call, hook: Hook) -> None:
    unknown = sorted(hook.events - ISSUE_EVENTS - OTHER_EVENTS)
    if not hook.name:
        raise Refused(400, "The name of the webhook must not be empty.")
    if not hook.url.startswith(("http://", "https://")):
        raise Refused(400, f"The URL '{hook.url}' is not valid.")
    if unknown:
        raise Refused(400, f"Unknown events: {', '.join(unknown)}.")
    try:
        compiled(hook.jql, Asker(call.world, hook.owner))
    except JqlError as problem:
        raise Refused(400, str(problem)) from None


def _shown(call: Call, hook: Hook) -> dict[str, Any]:
    return {
        "name": hook.name,
        "url": hook.url,
        "excludeBody": hook.exclude_body,
        "filters": {FILTER: hook.jql} if hook.jql else {},
        "events": sorted(hook.events),
        "enabled": hook.enabled,
        "isSigned": bool(hook.secret),
        "self": f"{call.view.base}/rest/webhooks/1.0/webhook/{hook.id}",
        "lastUpdatedUser": person_json(hook.owner, call.view).get("accountId", hook.owner.name),
        "lastUpdatedDisplayName": hook.owner.shown,
        "lastUpdated": hook.updated,
    }
