"""Where the marker is kept, and that people do not see it."""

import pytest

from connectors.asana.marker import Marking, line_of, marking, with_line, without_line
from connectors.asana.metadata import CustomField, Project
from connectors.asana.settings import FieldMarker
from connectors.errors import Rejected


def project(*names: str, kind: str = "text") -> Project:
    fields = {str(at): CustomField(str(at), name, kind, writable=True, options={}) for at, name in enumerate(names)}
    return Project("1", "Launch", "2", {}, fields)


@pytest.mark.parametrize(
    "notes",
    [
        None,
        "<body></body>",
        "<body>Plain</body>",
        "<body>One\ntwo</body>",
        "<body>A list:\n<ul><li>a</li></ul></body>",
        "<body><h1>Title</h1></body>",
    ],
)
def test_line_comes_and_goes(notes: str | None) -> None:
    stamped = with_line(notes, "a&<b")
    assert line_of(stamped) == "a&<b"
    assert without_line(stamped) == (notes or "<body></body>")


def test_line_survives_edits_around() -> None:
    notes = "<body>Words\nsyncline: m-1\nAna wrote below</body>"
    assert line_of(notes) == "m-1"
    assert without_line(notes) == "<body>Words\nAna wrote below</body>"


@pytest.mark.parametrize(
    "notes",
    ["<body>see syncline: m-1</body>", "<body><strong>x</strong>syncline: m-1</body>", "<body>syncline: a b</body>"],
)
def test_prose_is_no_line(notes: str) -> None:
    assert line_of(notes) is None
    assert without_line(notes) == notes


@pytest.mark.parametrize(
    ("chosen", "fields", "expected"),
    [
        (None, ("Effort", "External ID"), Marking("field", "1")),
        (None, ("External ID", "Syncline"), Marking("field", "1")),
        (None, ("Effort",), Marking("notes")),
        ("notes", ("Syncline",), Marking("notes")),
        ("external", (), Marking("external")),
        (FieldMarker(field="Origin"), ("Syncline", "Origin"), Marking("field", "1")),
    ],
)
def test_place_is_chosen(chosen: FieldMarker | None, fields: tuple[str, ...], expected: Marking) -> None:
    assert marking(chosen, project(*fields)) == expected


@pytest.mark.parametrize("kind", ["number", "enum"])
def test_missing_field_is_told(kind: str) -> None:
    with pytest.raises(Rejected, match="Origin"):
        marking(FieldMarker(field="Origin"), project("Origin", kind=kind))
