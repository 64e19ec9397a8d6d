"""Files to models: what is read, and how faults are told."""

import pytest

from connectors.lookup import settings_model
from mappings.loader import load_connections, load_mapping, load_people
from mappings.positions import MAX_BYTES, parse
from tests.mappings.workspaces import CONNECTIONS, ENVIRON, MAPPING, no_secret


def test_good_mapping_is_read() -> None:
    loaded, findings = load_mapping("mappings/launch.yaml", MAPPING)
    assert findings == []
    assert loaded is not None
    assert loaded.mapping.fields["due"].bindings["mkt"].field == "due_on"
    assert loaded.version == load_mapping("elsewhere.yaml", MAPPING)[0].version  # type: ignore[union-attr]
    assert len(loaded.version) == 12


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("sides", "mkt", "object"), (5, 40)),
        (("fields", "due", "eng"), (8, 14)),
        (("fields", "due", "eng", "field"), (8, 14)),
        (("fields", "due", "ops"), (8, 8)),
        (("fields",), (6, 1)),
        (("nowhere",), (1, 1)),
    ],
)
def test_paths_lead_to_places(path: tuple[str, ...], place: tuple[int, int]) -> None:
    loaded, _ = load_mapping("mappings/launch.yaml", MAPPING)
    assert loaded is not None
    assert loaded.at(path) == place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-12-01", "2026-12-01"),
        ("2026-12-01T09:30:00Z", "2026-12-01T09:30:00Z"),
        ("yes", "yes"),
        ("017", 17),
        ("'5'", "5"),
        ("~", None),
        ("[1.5, true]", [1.5, True]),
        ("!!str 5", "5"),
        ("=", "="),
    ],
)
def test_plain_values_are_read(text: str, value: object) -> None:
    document, findings = parse("x.yaml", f"key: {text}\n")
    assert findings == []
    assert document is not None
    assert document.data == {"key": value}


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("", "x.yaml:1:1  M103 error  the file is empty"),
        (" \n\n", "x.yaml:1:1  M103 error  the file is empty"),
        ("a: 1\nb: caf\udce9\n", "x.yaml:2:7  M101 error  a byte that is no UTF-8; save the file as UTF-8"),
        ("a: caf\ufffd\n", "x.yaml:1:7  M101 error  a byte that is no UTF-8; save the file as UTF-8"),
        (
            "#" * (MAX_BYTES + 1),
            f"x.yaml:1:1  M102 error  the file has {MAX_BYTES + 1:,} bytes; at most {MAX_BYTES:,} are read",
        ),
        ("[" * 200_000, "x.yaml:1:42  M107 error  nested deeper than 40 levels"),
    ],
    ids=["empty", "blank", "latin-1", "replaced", "huge", "deep"],
)
def test_unreadable_text_is_told(text: str, finding: str) -> None:
    document, findings = parse("x.yaml", text)
    assert document is None
    assert [str(one) for one in findings] == [finding]


def test_alias_repeats_its_anchor() -> None:
    document, _ = parse("x.yaml", "a: &x {b: [1, 2]}\nc: *x\n")
    assert document is not None
    assert document.data["c"] == {"b": [1, 2]}
    assert document.at(("c", "b", 1)) == (2, 4)


def test_byte_order_mark_is_ignored() -> None:
    loaded, findings = load_mapping("mappings/launch.yaml", "\ufeff" + MAPPING)
    assert findings == []
    assert loaded is not None


def test_references_are_resolved_after_parsing() -> None:
    text = CONNECTIONS.replace("https://acme.example", "https://${HOST}").replace("${JIRA_TOKEN}", "${file:/run/jira}")
    environ = {**ENVIRON, "HOST": "x: {y: z}\n- evil"}
    connections, findings = load_connections("connections.yaml", text, environ, lambda path: f"from {path}\n")
    assert findings == []
    assert dict(connections["eng-jira"].model_extra or {}) == {
        "url": "https://x: {y: z}\n- evil",
        "auth": {"email": "bot@acme.example", "token": "from /run/jira"},
    }


def test_resolved_text_is_not_read_again() -> None:
    environ = {**ENVIRON, "JIRA_TOKEN": "${ASANA_TOKEN}"}
    connections, _ = load_connections("connections.yaml", CONNECTIONS, environ, no_secret)
    assert (connections["eng-jira"].model_extra or {})["auth"]["token"] == "${ASANA_TOKEN}"


def test_bad_connection_leaves_others() -> None:
    environ = {"ASANA_TOKEN": "hunter2"}
    connections, findings = load_connections("connections.yaml", CONNECTIONS, environ, no_secret)
    assert list(connections) == ["mkt-asana"]
    assert [finding.code for finding in findings] == ["M121"]


def test_secrets_appear_nowhere() -> None:
    text = CONNECTIONS.replace("email: bot@acme.example", "email: [hunter2]").replace("url: ", "url: hunter2")
    connections, findings = load_connections("connections.yaml", text, ENVIRON, no_secret, settings_model)
    assert [finding.code for finding in findings] == ["M113", "M113"]
    assert "hunter2" not in f"{findings} {connections}"


@pytest.mark.parametrize("text", ["people: []\n", "people:\n  - {name: Ann, emails: [ann@acme.example]}\n"])
def test_good_people_are_read(text: str) -> None:
    people, findings = load_people("people.yaml", text)
    assert findings == []
    assert [person.name for person in people] == ["Ann"][: len(people)]
