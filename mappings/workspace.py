"""All files of a workspace together: which can be used, and what is wrong across them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from mappings.findings import Finding, nearest
from mappings.loader import Loaded, SettingsOf, load_connections, load_mapping, load_people
from mappings.model import ConnectionModel, Person, Side
from mappings.positions import parse

CONNECTIONS, PEOPLE, MAPPINGS = "connections.yaml", "people.yaml", "mappings/"


@dataclass(frozen=True, slots=True)
class Workspace:
    """What can be used, and every finding, in the order of files and lines.

    A mapping with an error is left out, the others stay. A connection whose references lead nowhere is left out too,
    yet its mappings stay, so that they can be checked where no secrets are: look a side's connection up in
    `connections` before using it. `systems` has the system of every connection named, also of those left out.
    """

    connections: Mapping[str, ConnectionModel]
    systems: Mapping[str, str]
    people: tuple[Person, ...]
    mappings: Mapping[str, Loaded]
    findings: tuple[Finding, ...]


def load_workspace(
    files: Mapping[str, str],
    environ: Mapping[str, str],
    read_secret: Callable[[str], str],
    settings_of: SettingsOf | None = None,
) -> Workspace:
    """From texts by path in the workspace: `connections.yaml`, `people.yaml`, `mappings/x.yaml`; others are ignored."""
    connections, systems, findings = _connections(files, environ, read_secret, settings_of)
    people, more = _people(files, systems)
    findings += more
    loaded: list[Loaded] = []
    for file in sorted(files):
        if file.startswith(MAPPINGS) and file.endswith((".yaml", ".yml")):
            mapping, more = load_mapping(file, files[file])
            findings += more
            loaded += [mapping] if mapping else []
    faults = [fault for mapping in loaded for fault in _side_faults(mapping, systems)] + _repeated_names(loaded)
    broken = {fault.file for fault in faults}
    usable = {mapping.mapping.name: mapping for mapping in loaded if mapping.file not in broken}
    findings += faults + _rivals(usable)
    return Workspace(connections, systems, people, usable, tuple(sorted(findings)))


def _connections(
    files: Mapping[str, str],
    environ: Mapping[str, str],
    read_secret: Callable[[str], str],
    settings_of: SettingsOf | None,
) -> tuple[dict[str, ConnectionModel], dict[str, str], list[Finding]]:
    if CONNECTIONS not in files:
        message = "the workspace has no connections.yaml; `syncline init` makes one"
        return {}, {}, [Finding(CONNECTIONS, 1, 1, "M136", "error", message)]
    connections, findings = load_connections(CONNECTIONS, files[CONNECTIONS], environ, read_secret, settings_of)
    document, _ = parse(CONNECTIONS, files[CONNECTIONS])
    named: Any = document.data.get("connections") if document and isinstance(document.data, dict) else None
    systems = {
        name: str(connection.get("system", "")) if isinstance(connection, dict) else ""
        for name, connection in (named if isinstance(named, dict) else {}).items()
    }
    return connections, systems, findings


def _people(files: Mapping[str, str], systems: Mapping[str, str]) -> tuple[tuple[Person, ...], list[Finding]]:
    if PEOPLE not in files:
        return (), []
    people, findings = load_people(PEOPLE, files[PEOPLE])
    document, _ = parse(PEOPLE, files[PEOPLE])
    if document is None:
        return people, findings
    for index, person in enumerate(people):
        for connection in person.identities.keys() - systems.keys():
            message = f"{person.name}: no connection {connection!r} in connections.yaml{nearest(connection, systems)}"
            place = document.key_at(("people", index, "identities", connection))
            findings.append(Finding(PEOPLE, *place, "M124", "error", message))
    return people, findings


def _side_faults(loaded: Loaded, systems: Mapping[str, str]) -> list[Finding]:
    sides = loaded.mapping.sides
    findings = []
    for name, side in sides.items():
        if side.connection not in systems:
            message = f"side {name}: no connection {side.connection!r} in connections.yaml"
            message += nearest(side.connection, systems)
            place = loaded.at(("sides", name, "connection"))
            findings.append(Finding(loaded.file, *place, "M131", "error", message))
    for (first, one), (second, other) in combinations(sides.items(), 2):
        if _place(one) == _place(other):
            message = f"sides {first} and {second} have the same connection, object and scope; change one of them"
            findings.append(Finding(loaded.file, *loaded.at(("sides", second)), "M133", "error", message))
    return findings


def _place(side: Side) -> tuple[str, str, str]:
    return side.connection, side.object, repr(sorted(side.scope.items()))


def _repeated_names(loaded: list[Loaded]) -> list[Finding]:
    """One finding in each file that has another's name: which of them was meant cannot be told."""
    files: dict[str, list[Loaded]] = {}
    for one in loaded:
        files.setdefault(one.mapping.name, []).append(one)
    return [
        Finding(
            one.file,
            *one.at(("name",)),
            "M132",
            "error",
            f"mapping name {name!r} is also used in {', '.join(other.file for other in same if other is not one)}; "
            "give each its own",
        )
        for name, same in files.items()
        if len(same) > 1
        for one in same
    ]


def _rivals(usable: Mapping[str, Loaded]) -> list[Finding]:
    """Pairs of mappings that share two places: unless `where` parts them, each record is carried by both."""
    findings = []
    for one, other in combinations(usable.values(), 2):
        shared = {_place(side) for side in one.mapping.sides.values()} & {
            _place(side) for side in other.mapping.sides.values()
        }
        if len(shared) > 1:
            message = f"carries between the same places as {one.file}; part them by `scope` or `where`"
            findings.append(Finding(other.file, *other.at(("sides",)), "M134", "warning", message))
    return findings
