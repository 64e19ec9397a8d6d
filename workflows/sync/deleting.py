"""When a member was deleted: what its side's `on_delete` does to the others."""

from connectors.contract import Ref
from connectors.errors import ConnectorError
from workflows.store.journal import Kind
from workflows.store.links import Link
from workflows.sync.item import Item
from workflows.sync.reading import missing_sides, told_deleted
from workflows.sync.run import UNAVAILABLE_SECONDS, Run


async def handle_deleted(run: Run, item: Item) -> None:
    """Carry out `on_delete` for each member that is gone; afterwards the link has ended, or goes on without it."""
    link = item.link
    if link is None:
        return
    for side, member in link.members.items():
        member.gone = member.gone and side not in item.records
    if link.state != "active":
        _revive(run, item, link)
    gone = [side for side in missing_sides(item) if told_deleted(run, item, side)]
    if gone and any(at is not None and not run.available(side) for side, at in link.intents.items()):
        # A copy may have been made of which nobody knows yet, and what is done now is to concern it, too.
        item.end(UNAVAILABLE_SECONDS)
        return
    for side in gone:
        await _delete_one(run, item, side)


def _revive(run: Run, item: Item, link: Link) -> None:
    """A record came back from the bin: with a counterpart left, the two are in step again."""
    back = [side for side in item.notes if side in item.records]
    if sum(not member.gone for member in link.members.values()) < 2 or not back:
        item.end()
        return
    link.state = "active"
    run.entry(item, Kind.LINKED, back[0], reason="a deleted record is back")


async def _delete_one(run: Run, item: Item, side: str) -> None:
    link = item.link
    if link is None:
        return
    on_delete = run.live.bound.sides[side].on_delete
    run.entry(item, Kind.DELETED, side, reason=f"deleted in {run.live.bound.sides[side].connection}", then=on_delete)
    if on_delete in ("delete", "archive"):
        for other, member in link.members.items():
            if other != side and not member.gone and other in item.records:
                await _put_away(run, item, other, on_delete)
                if item.ended:
                    return
            # One that is missing too was put away by us, before we died.
            member.gone = True
        link.state = "ended"
    link.members[side].gone = True
    left = sum(not member.gone for member in link.members.values()) + len(link.intents)
    if on_delete == "unlink" and left < 2:
        link.state = "ended"


async def _put_away(run: Run, item: Item, side: str, how: str) -> None:
    link = item.link
    if link is None:
        return
    there = run.live.bound.sides[side]
    connector = run.live.connector(side)
    ref = Ref(there.connection, there.object, link.members[side].external_id)
    try:
        await run.ask(side, connector.delete(ref) if how == "delete" else connector.archive(ref))
    except ConnectorError as error:
        wait = run.wait(error)
        if wait is not None:
            item.end(wait)
        else:
            run.park(item, side, f"could not {how} it: {error}")
        return
    run.written += 1
    run.entry(item, Kind.DELETED, side, reason=f"{how}d, because its counterpart was deleted")
    link.members[side].gone = True
