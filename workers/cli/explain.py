"""`syncline explain`: why a record, or one field of it, is as it is."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby, takewhile
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers.cli.output import MISUSED, CommandError, out
from workers.cli.session import opened_store, read_settings, read_workspace

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from mappings.workspace import Workspace
    from workers.cli.reading import Found
    from workers.settings import Settings
    from workflows.store.journal import Entry

ORDER = ("linked", "deleted", "conflict", "decided", "created", "wrote")
"""What comes first of all that one commit notes: causes before effects."""
WIDE = 60
"""Characters of a value that are shown at most."""
NEWEST = 500
"""Entries that are shown at most, the newest."""


def explain(
    ref: Annotated[str, typer.Argument(metavar="REF", help="connection:object:id, or a key such as ENG-12.")],
    field: Annotated[str | None, typer.Argument(metavar="[FIELD]", help="Only this field of the mapping.")] = None,
) -> None:
    """What happened to a record, when, by whom, by which rule, and what each side was told."""
    settings = read_settings()
    workspace = read_workspace(settings)
    data = asyncio.run(_explain(settings, workspace, ref, field))
    out.lines(data, *(line for link in data["links"] for line in _told(link)))


async def _explain(settings: "Settings", workspace: "Workspace", ref: str, field: str | None) -> dict[str, Any]:
    async with opened_store(settings) as store, store.read() as tx:
        found = await _find(tx, workspace, ref)
        links = [await _story(tx, workspace, one, field) for one in found]
    return {"ref": ref, "field": field, "links": links}


async def _find(tx: "AsyncConnection", workspace: "Workspace", ref: str) -> "list[Found]":
    from connectors.contract import Ref
    from workers.cli import reading

    if ":" not in ref:
        found = await reading.find_by_key(tx, ref)
        if not found:
            raise CommandError(f"no linked record has an address that ends in {ref}. Give connection:object:id.")
        return found
    try:
        parsed = Ref.parse(ref)
    except ValueError as error:
        raise CommandError(f"{error}.", MISUSED) from error
    found = await reading.find_links(tx, reading.sides_of(workspace, parsed.connection, parsed.object), parsed.id)
    if found:
        return found
    reasons = await reading.parked_reasons(tx, ref)
    raise CommandError(f"{ref} has no link. {_why_unlinked(workspace, parsed, reasons)}")


def _why_unlinked(workspace: "Workspace", ref: Any, reasons: list[str]) -> str:
    from workers.cli.reading import sides_of

    if reasons:
        return f"It is parked: {reasons[0]}"
    if not sides_of(workspace, ref.connection, ref.object):
        return f"No mapping has a side with {ref.connection} and object {ref.object}; `syncline check` shows the files."
    return (
        "It lies outside the scope or `where` of its side, or the mapping was not applied yet: `syncline status` tells."
    )


async def _story(tx: "AsyncConnection", workspace: "Workspace", found: "Found", field: str | None) -> dict[str, Any]:
    from mappings.findings import nearest
    from workers.cli.reading import open_conflicts, ref_of
    from workflows.store import journal, links, parking

    loaded = workspace.mappings.get(found.mapping)
    if field is not None and loaded is not None and field not in loaded.mapping.fields:
        hint = nearest(field, loaded.mapping.fields)
        raise CommandError(f"mapping {found.mapping} has no field {field!r}{hint}", MISUSED)
    link = (await links.load(tx, [found.link]))[found.link]
    members = {
        side: {
            "ref": ref_of(workspace, found.mapping, side, member.external_id),
            "url": member.url,
            "gone": member.gone,
        }
        for side, member in link.members.items()
    }
    parked = (await parking.of_links(tx, [link.id])).get(link.id, [])
    entries = sorted(await journal.of_link(tx, link.id, field, NEWEST), key=_moment)
    return {
        "link": link.id, "mapping": link.mapping, "state": link.state, "members": members,
        "parked": [{"side": row.side, "field": row.field, "reason": row.reason} for row in parked],
        "conflicts": await open_conflicts(tx, link.id),
        "entries": [{"at": entry.at, "kind": str(entry.kind), "side": entry.side, "ref": entry.ref,
                     "field": entry.field, **entry.data, "said": said(entry)} for entry in entries],
    }  # fmt: skip


def _moment(entry: "Entry") -> tuple[float, int]:
    kind = entry.kind.value
    return entry.at, ORDER.index(kind) if kind in ORDER else len(ORDER)


def _told(link: dict[str, Any]) -> list[str]:
    lines = [f"link {link['link']} of {link['mapping']} ({link['state']})"]
    lines += [
        f"  {side}: {member['ref'] or member['url']}{' (gone)' if member['gone'] else ''}  {member['url']}"
        for side, member in link["members"].items()
    ]
    for head, entries in groupby(link["entries"], lambda entry: f"{when(entry['at'])}  {_trigger(entry)}"):
        lines += ["", head, *counted(entry["said"] for entry in entries)]
    lines += ["", *(f"parked: {row['side']} {row['field'] or 'record'}: {row['reason']}" for row in link["parked"])]
    lines += [f"open conflict: {field}; it closes once the sides are made equal" for field in link["conflicts"]]
    if link["state"] == "ended":
        lines.append("ended: what is edited here now is carried nowhere")
    return lines


def counted(sentences: Iterable[str]) -> list[str]:
    """A hundred comments in a row are one line."""
    counted = [(said, len(list(same))) for said, same in groupby(sentences)]
    return [f"  {said}{f' ({count} times)' if count > 1 else ''}" for said, count in counted]


def when(moment: float) -> str:
    """Local time, to the second."""
    return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _trigger(entry: dict[str, Any]) -> str:
    by = f" by {entry['by']}" if entry.get("by") else ""
    return f"via {entry.get('via') or 'the service'}{by}"


def said(entry: "Entry") -> str:
    """One entry of the journal as a sentence."""
    data, side, name = entry.data, entry.side or "", entry.field or "the record"
    reason = data.get("reason", "")
    match entry.kind.value:
        case "decided":
            winner = f" from {side}" if side else ""
            return f"{name}: {_change(data)}{winner}: {reason}{_rule(data)}"
        case "wrote":
            return f"{name}: written to {side}: {_change(data)}{_rule(data)}"
        case "created":
            return f"created in {side}: {data.get('url') or entry.ref}"
        case "refused":
            return f"{name}: {side} refused {_value(data.get('value'))}: {reason}"
        case "conflict":
            values = ", ".join(f"{one} says {_value(value)}" for one, value in data.get("values", {}).items())
            return f"{name}: conflict, {values}{_rule(data)}"
        case "remark":
            return f"{data.get('aspect', 'comment')} {data.get('what', '')} in {side}, from {data.get('original', '')}"
        case kind:
            return f"{name if entry.field else side or 'record'}: {kind}{f', {reason}' if reason else ''}"


def _rule(data: dict[str, Any]) -> str:
    return f"  [{data['rule']}]" if data.get("rule") else ""


def _change(data: dict[str, Any]) -> str:
    """Before and after; of long texts, from a little before where they part."""
    from mappings.cases import shown

    before, after = shown(data.get("before")), shown(data.get("after"))
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    start = max(0, same - 20) if max(len(before), len(after)) > WIDE else 0
    return f"{_cut(before, start)} -> {_cut(after, start)}"


def _value(value: Any) -> str:
    from mappings.cases import shown

    return _cut(shown(value))


def _cut(text: str, start: int = 0) -> str:
    rest = f"...{text[start:]}" if start else text
    return rest if len(rest) <= WIDE else f"{rest[: WIDE - 3]}..."
