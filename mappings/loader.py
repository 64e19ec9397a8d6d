"""Text to models: one function for each kind of file. What is wrong is told all at once, and never raised.

Whether names exist and types agree is `mappings.checks`.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from mappings.findings import Finding, nearest
from mappings.model import FIELD_WORDS, ConnectionModel, ConnectionsFile, PeopleFile, Person, SyncMapping
from mappings.positions import Document, Path, Place, parse
from mappings.references import References
from mappings.shapes import found, shaped

KINDS = ("sync",)

SettingsOf = Callable[[str], type[BaseModel]]
"""A system's name to the model of its connections' settings; raises KeyError with a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A mapping file that has the right shape. `version`: the first 12 hex digits of the SHA-256 of its text.

    `at` gives line and column of a path into the file as it was written, for example `("fields", "due", "eng")`.
    """

    file: str
    text: str
    mapping: SyncMapping
    version: str
    at: Callable[[Path], Place] = field(compare=False, repr=False)


def load_mapping(file: str, text: str) -> tuple[Loaded | None, list[Finding]]:
    """A mapping, or None and all that is wrong with its shape."""
    document, findings = _table(file, text, "kind, name, sides and fields")
    if document is None:
        return None, findings
    kind = document.data.get("kind")
    if kind is None:
        return None, [document.finding((), "M111", f"key 'kind' is missing; the kinds known are: {', '.join(KINDS)}")]
    if kind not in KINDS:
        message = f"kind {found(kind)} is not known{nearest(str(kind), KINDS)}"
        return None, [document.finding(("kind",), "M114", message)]
    strange = _strange_bindings(document)
    mapping, faults = shaped(SyncMapping, document, document.data, told=strange)
    findings = [*strange.values(), *faults]
    if mapping is None or findings:
        return None, sorted(findings)
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Loaded(file, text, mapping, version, document.at), []


def load_connections(
    file: str,
    text: str,
    environ: Mapping[str, str],
    read_secret: Callable[[str], str],
    settings_of: SettingsOf | None = None,
) -> tuple[dict[str, ConnectionModel], list[Finding]]:
    """The connections that can be used, by name, with `${NAME}` and `${file:/path}` replaced.

    One with a reference that leads nowhere is left out. With `settings_of` the rest of each connection is validated
    too. No finding holds a value of the file, of the environment or of a secret.
    """
    document, findings = _table(file, text, "connections")
    if document is None:
        return {}, findings
    references, usable = References(environ, read_secret), {}
    whole, findings = shaped(ConnectionsFile, document, document.data, secret=True)
    for name, connection in whole.connections.items() if whole else ():
        path = ("connections", name)
        values, faults = references.resolve(document, connection.model_dump(), path)
        # Which system it is, findings say: a secret that was put there by mistake must not be told.
        values["system"] = connection.system
        faults = faults or _settings_faults(document, path, values, settings_of)
        findings += faults
        if not faults:
            usable[name] = ConnectionModel.model_validate(values)
    return usable, findings


def load_people(file: str, text: str) -> tuple[tuple[Person, ...], list[Finding]]:
    """The people, or none and all that is wrong with the file."""
    document, findings = _table(file, text, "people")
    if document is None:
        return (), findings
    people, findings = shaped(PeopleFile, document, document.data)
    if people is None:
        return (), findings
    findings = _shared_accounts(document, people.people)
    return (() if findings else people.people), findings


def _table(file: str, text: str, keys: str) -> tuple[Document | None, list[Finding]]:
    document, findings = parse(file, text)
    if document is not None and not isinstance(document.data, dict):
        message = f"expected a table with {keys}, found {found(document.data, secret=True)}"
        return None, [document.finding((), "M113", message)]
    return document, findings


def _strange_bindings(document: Document) -> dict[Path, Finding]:
    """Keys of fields that are no side and no word of the language: by shape they would pass for a binding."""
    sides, fields = document.data.get("sides"), document.data.get("fields")
    if not isinstance(sides, dict) or not isinstance(fields, dict):
        return {}
    known = [*sides, *sorted(FIELD_WORDS)]
    strange: dict[Path, Finding] = {}
    for name, mapped in fields.items():
        if not isinstance(mapped, dict):
            continue
        for key in mapped.keys() - {*known, "bindings"}:
            path = ("fields", name, key)
            message = f"field {name}: {key!r} is no side and no word of a field{nearest(key, known)}"
            strange[path] = Finding(document.file, *document.key_at(path), "M115", "error", message)
    return strange


def _settings_faults(document: Document, path: Path, values: dict[str, object], of: SettingsOf | None) -> list[Finding]:
    if of is None:
        return []
    settings = {key: value for key, value in values.items() if key != "system"}
    try:
        model = of(str(values["system"]))
    except KeyError as error:
        return [document.finding((*path, "system"), "M122", str(error.args[0]))]
    return shaped(model, document, settings, path, secret=True)[1]


def _shared_accounts(document: Document, people: tuple[Person, ...]) -> list[Finding]:
    """Emails and accounts that two people claim, by which neither could be told from the other."""
    owners: dict[tuple[str, str], str] = {}
    findings = []
    for index, person in enumerate(people):
        claims: dict[tuple[str, str], Path] = {
            ("email", email.casefold()): ("people", index, "emails", place) for place, email in enumerate(person.emails)
        }
        claims |= {
            (f"account of {connection}", account): ("people", index, "identities", connection)
            for connection, account in person.identities.items()
        }
        for claim, path in claims.items():
            if owners.get(claim, person.name) != person.name:
                message = f"{claim[0]} {claim[1]!r} of {person.name} already belongs to {owners[claim]}"
                findings.append(document.finding(path, "M123", message))
            owners.setdefault(claim, person.name)
    return findings
