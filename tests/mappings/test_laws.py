"""What is told to a side is what it then says; a loss is found and named."""

import pytest

from connectors.contract import Field, FieldType, ObjectType
from connectors.values import normal
from mappings.bind import bind
from mappings.errors import Problem
from mappings.laws import broken_laws
from mappings.samples import samples
from tests.mappings.workspaces import MAPPING, bound_of, objects_of, parsed

OPTIONS = """\
kind: sync
name: orders
sides:
  one: {connection: shop-a, object: order}
  two: {connection: shop-b, object: order}
fields:
  state: {one: state, two: state}
"""


def broken(field: str) -> list[Problem]:
    mapping = parsed(f"{MAPPING}  tried: {field}\n")
    return broken_laws(bound_of(mapping), objects_of(mapping))


@pytest.mark.parametrize(
    "field",
    [
        "{eng: environment, mkt: notes}",
        "{eng: assignee, mkt: assignee}",
        "{eng: labels, mkt: tags}",
        "{eng: parent, mkt: parent}",
        "{eng: Reminder, mkt: due_at, type: datetime}",
        "{eng: Points, mkt: {field: Hours, get: value * 8.0, put: value / 8.0}, type: number}",
        "{eng: Flag, mkt: {field: completed, get: '!value', put: '!value'}, type: boolean}",
        "{eng: {get: 'record.fields.summary + record.id'}, mkt: Origin, type: text, flow: eng -> mkt}",
        "{eng: {field: status, get: 'value == \"Done\"', type: boolean}, mkt: completed, flow: eng -> mkt}",
        "{eng: status, mkt: section, values: {a: {eng: [A, AA], mkt: X}, b: {eng: B, mkt: [Y, YY]}}}",
        "{eng: Points, mkt: {field: Hours, get: value * 1.0, put: value}}",
        "{eng: Points, mkt: {field: Hours, get: double(value.trim()), put: string(value)}, type: number}",
        "{eng: environment, mkt: {field: notes, get: 'value.trim()', put: '\"\"'}, lossy: true}",
    ],
)
def test_faithful_fields_pass(field: str) -> None:
    assert broken(field) == []


@pytest.mark.parametrize(
    ("field", "loss"),
    [
        (
            "{eng: Points, mkt: {field: Hours, get: value / 3.0, put: value * 6.0}, type: number}",
            "tried: 1 is written to mkt as 6 and comes back as 2",
        ),
        (
            "{eng: Points, mkt: {field: Hours, get: value, put: double(int(value))}, type: number}",
            "tried: 0.5 is written to mkt as 0 and comes back as 0",
        ),
        (
            "{eng: Flag, mkt: {field: completed, get: value, put: 'true'}, type: boolean}",
            "tried: false is written to mkt as true and comes back as true",
        ),
    ],
)
def test_loss_names_the_value(field: str, loss: str) -> None:
    assert [problem.message for problem in broken(field)] == [f"{loss}; mend `get` and `put`, or declare `lossy: true`"]


def test_other_fields_make_it_a_warning() -> None:
    field = "{eng: Flag, mkt: {field: completed, get: record.fields.name + 1.0, put: value}, type: boolean}"
    assert [(problem.code, problem.severity) for problem in broken(field)] == [("M302", "warning")]


def test_unmatched_options_are_warned_of() -> None:
    objects = {
        side: ObjectType("order", (Field("state", "State", FieldType.OPTION, options=options),))
        for side, options in {"one": ("New", "Paid", "Sent"), "two": ("New", "Paid", "Lost")}.items()
    }
    bound, _ = bind(parsed(OPTIONS), objects)
    assert [(problem.code, problem.path, problem.message) for problem in broken_laws(bound, objects)] == [
        ("M303", ("fields", "state", "two"), "state: two has no option 'Sent' of one; add `values`"),
        ("M303", ("fields", "state", "one"), "state: one has no option 'Lost' of two; add `values`"),
    ]


@pytest.mark.parametrize("type_", list(FieldType))
def test_samples_are_normal_and_steady(type_: FieldType) -> None:
    values = samples(type_, longest=30)
    assert values == samples(type_, longest=30)
    assert len(values) > 1
    assert [normal(type_, value) for value in values] == values
    assert None not in values
