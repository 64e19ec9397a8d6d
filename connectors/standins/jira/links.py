"""Routes of remote links: found again by global id, so that writing one twice changes one."""

from typing import Any, Final

from connectors.standins.jira.model import RemoteLink
from connectors.standins.jira.view import View
from connectors.standins.jira.web import Call, Refused, Reply, Routes

routes: Final = Routes()

KEPT: Final = ("application", "relationship", "object")


@routes.on("GET", "issue/{}/remotelink")
def list_links(call: Call, ref: str) -> Reply:
    """All remote links of an issue, or the one with a global id."""
    issue = call.issue(ref)
    links = call.world.links.get(issue.id, {})
    wanted = call.text("globalId")
    if not wanted:
        return Reply(200, [_shown(link, issue.id, call.view) for link in links.values()])
    if wanted not in links:
        raise Refused(404, "No issue link with the given globalId exists for this issue.")
    return Reply(200, _shown(links[wanted], issue.id, call.view))


@routes.on("POST", "issue/{}/remotelink")
def put_link(call: Call, ref: str) -> Reply:
    """Create a remote link, or update the one with the same global id."""
    issue, body = call.issue(ref), call.json()
    outside = body.get("object") or {}
    missing = {name: f"'{name}' is required." for name in ("url", "title") if not outside.get(name)}
    if missing:
        raise Refused(400, errors=missing)
    links = call.world.links.setdefault(issue.id, {})
    number = next(call.world.next_id)
    global_id = str(body.get("globalId") or f"remote-{number}")
    known = links.get(global_id)
    kept: dict[str, Any] = {name: body[name] for name in KEPT if name in body}
    link = links[global_id] = RemoteLink(known.id if known else number, global_id, kept)
    place = call.view.url(f"issue/{issue.id}/remotelink/{link.id}")
    return Reply(200 if known else 201, {"id": link.id, "self": place})


@routes.on("DELETE", "issue/{}/remotelink")
def delete_link(call: Call, ref: str) -> Reply:
    """Remove the remote link with a global id."""
    if call.world.links.get(call.issue(ref).id, {}).pop(call.text("globalId"), None) is None:
        raise Refused(404, "No issue link with the given globalId exists for this issue.")
    return Reply(204)


def _shown(link: RemoteLink, issue: int, view: View) -> dict[str, Any]:
    place = view.url(f"issue/{issue}/remotelink/{link.id}")
    return {"id": link.id, "self": place, "globalId": link.global_id, **link.body}
