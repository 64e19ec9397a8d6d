"""Registering webhooks: one for each project, whose path ends in the project's gid, because each has its own secret."""

from typing import Any, Final

from connectors.asana.account import Account
from connectors.asana.client import Json
from connectors.asana.fields import TASK
from connectors.asana.hooks import STORY_ASPECTS
from connectors.contract import Hook, Scope
from connectors.errors import NotFound

_ACTIONS: Final = ("added", "changed", "removed", "deleted", "undeleted")
FILTERS: Final[tuple[dict[str, Any], ...]] = (
    *({"resource_type": TASK, "action": action} for action in _ACTIONS),
    *(
        {"resource_type": "story", "resource_subtype": subtype, "action": action}
        for subtype in STORY_ASPECTS
        for action in _ACTIONS
    ),
)
"""Only what the receiver turns into changes: the system's own stories outnumber everything else."""

_ASKED: Final = "target,active,resource.gid"


class Subscriptions(Account):
    """The capability HOOKS."""

    def hook_names(self, object_: str, scope: Scope) -> tuple[str, ...]:  # noqa: ARG002 - tasks are all there is
        """See `connectors.contract.Subscriber`: the project's gid."""
        return (str(scope["project"]),)

    async def subscribe(self, url: str, hook: str, secret: str | None) -> Hook:  # noqa: ARG002 - Asana makes the secret
        """See `connectors.contract.Subscriber`. The secret comes to `url` while this call is under way.

        A working hook with the same target is kept, since its secret is known; one that Asana has given up is replaced.
        """
        project = await self.metadata.project(hook)
        for known in await self._registered(project.workspace, hook):
            if known.url == url and known.active:
                return known
            if known.url == url:
                await self.unsubscribe(known)
        data = {"resource": hook, "target": url, "filters": list(FILTERS)}
        answer = await self.client.request("POST", "/webhooks", query={"opt_fields": _ASKED}, data=data)
        return _hook(answer["data"])

    async def hooks(self, url_prefix: str) -> list[Hook]:
        """See `connectors.contract.Subscriber`."""
        workspaces = await self.client.list_all("/workspaces", query={"opt_fields": "name"})
        registered = [hook for workspace in workspaces for hook in await self._registered(workspace["gid"])]
        return [hook for hook in registered if hook.url.startswith(url_prefix)]

    async def renew(self, hook: Hook) -> Hook:
        """See `connectors.contract.Subscriber`. Hooks do not expire; heartbeats keep them alive."""
        return hook

    async def unsubscribe(self, hook: Hook) -> None:
        """See `connectors.contract.Subscriber`."""
        try:
            await self.client.request("DELETE", "/webhooks/{}", hook.id)
        except NotFound:
            return

    async def _registered(self, workspace: str, project: str | None = None) -> list[Hook]:
        query = {"workspace": workspace, "opt_fields": _ASKED, **({"resource": project} if project else {})}
        return [_hook(native) for native in await self.client.list_all("/webhooks", query=query)]


def _hook(native: Json) -> Hook:
    return Hook(native["gid"], native["target"], bool(native.get("active")))
