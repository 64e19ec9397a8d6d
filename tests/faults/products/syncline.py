"""Syncline's own side of the fault suite: its workspace from a scene, and what it has told people of."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import select

from tests.faults.product import MAPPING, STATUSES, Scene, SideOfScene
from workers.settings import Settings
from workflows.store.database import open_store
from workflows.store.tables import conflicts, members, parked
from workflows.sync.overwritten import OVERWRITTEN


def prepare(scene_file: Path) -> None:
    """Write the workspace beside the scene."""
    scene = Scene.model_validate_json(scene_file.read_text(encoding="utf-8"))
    folder = scene_file.parent
    (folder / "mappings").mkdir()
    connections = {f"{name}-tool": _connection(scene, side) for name, side in scene.sides.items()}
    yaml = YAML(typ="safe")
    yaml.dump({"connections": connections}, folder / "connections.yaml")
    yaml.dump(_mapping(scene), folder / "mappings" / f"{MAPPING}.yaml")


def _connection(scene: Scene, side: SideOfScene) -> dict[str, Any]:
    auth = {"token": "bot-token"}
    found: dict[str, Any] = {"system": side.system, "url": side.url, "auth": auth}
    if side.system == "jira":
        found["webhook"] = {"secret": "a-secret-for-tests"}
        found["deployment"] = side.deployment or "cloud"
        if not side.deployment:
            auth["email"] = "bot@acme.example"
    return {**found, "settle_seconds": scene.settle_seconds, "read_timeout": scene.read_timeout}


def _mapping(scene: Scene) -> dict[str, Any]:
    return {
        "kind": "sync",
        "name": MAPPING,
        "sides": {name: _side(name, side) for name, side in scene.sides.items()},
        "match": ["title"],
        "fields": {name: _field(scene, name, field) for name, field in scene.fields.items()},
        "comments": "both",
        "attachments": "none",
    }


def _side(name: str, side: SideOfScene) -> dict[str, Any]:
    found = {"connection": f"{name}-tool", "scope": {"project": side.project}, "on_delete": side.on_delete}
    if side.system == "jira":
        return {**found, "object": "issue", "create": {"issuetype": "Task"}}
    return {**found, "object": "task"}


def _field(scene: Scene, name: str, field: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {side: field[each.system] for side, each in scene.sides.items()}
    found["conflict"] = f"prefer {field['prefer']}" if field["prefer"] else field["policy"]
    if name == "details":
        found["type"] = "rich_text"
    if name == "status":
        sides = scene.sides.items()
        words = STATUSES["jira"]
        found["values"] = {word: {side: STATUSES[each.system][word] for side, each in sides} for word in words}
        for side, each in sides:
            if each.system == "jira":
                found[side] = {"field": found[side], "screen": {"Done": {"resolution": "Done"}}}
    return found


async def told() -> list[dict[str, Any]]:
    """What is parked, and the conflicts that are open, with all records of their link."""
    store = await open_store(Settings().store_url)
    async with store.read() as tx:
        waiting = [
            (row.link, row.field, row.ref, row.reason, row.value == OVERWRITTEN)
            for row in await tx.execute(select(parked))
        ]
        waiting += [(row.link, row.field, "", "open conflict", False) for row in await tx.execute(select(conflicts))]
        linked: dict[str, list[tuple[str, str]]] = {}
        for row in await tx.execute(select(members.c.link, members.c.side, members.c.external_id)):
            linked.setdefault(row.link, []).append((row.side, row.external_id))
    await store.close()
    return [
        {"records": linked.get(link) or _own(ref), "field": field, "reason": reason, "overwritten": overwritten}
        for link, field, ref, reason, overwritten in waiting
    ]


def _own(ref: str) -> list[tuple[str, str]]:
    connection, _, external_id = ref.split(":", 2)
    return [(connection.removesuffix("-tool"), external_id)]


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(Path(sys.argv[2]))
    else:
        json.dump(asyncio.run(told()), sys.stdout)
