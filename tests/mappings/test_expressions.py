from datetime import UTC, datetime
from typing import Any

import pytest

from mappings.errors import ExpressionError
from mappings.expressions import Expression

NAMES = frozenset({"value", "record"})
RECORD = {"id": "10", "fields": {"points": 5, "Story Points": 5, "labels": ["a", "b"], "empty": None}}


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("value * 1.0", 3, 3.0),
        ("value / 60.0", 90, 1.5),
        ('"Jira " + record.id', None, "Jira 10"),
        ('record.fields["Story Points"] > 3', None, True),
        ("record.fields.empty == null", None, True),
        ("record.fields.labels.map(x, x + value)", "!", ["a!", "b!"]),
        ("value.trim().lowerAscii()", " ABC ", "abc"),
        ('duration("90s")', None, 90.0),
        ("timestamp(value)", "2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ('"value of value2"', None, "value of value2"),
    ],
)
def test_expression_gives_value(source: str, value: Any, expected: Any) -> None:
    assert Expression(source, NAMES).evaluate({"value": value, "record": RECORD}) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("value +", "the end at character 8"),
        ("valu + 1.0", "did you mean 'value'"),
        ("value.lowerAsci()", "did you mean 'lowerAscii'"),
        ("os.system(value)", "'os', which is not known"),
        ("'" + "x" * 2_000 + "'", "at most 2000"),
        ("(" * 900 + "1" + ")" * 900, "cannot be read"),
        ("[value]" + ".map(x, x + x)" * 20, "at most 3 may stand"),
        ("[value].map(x, " + "+".join(["x"] * 300) + ")", "too often"),
    ],
)
def test_bad_expression_is_refused(source: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        Expression(source, NAMES)


@pytest.mark.parametrize(
    ("source", "value", "message"),
    [
        ("value * 2", 3, "write 2.0 instead of 2"),
        ("record.fields.nope", None, "there is no 'nope'"),
        ("value > 3.0", "text", "failed"),
        ("1 / 0", None, "division by zero"),
        ("value + value", "x" * 40_000, "at most 65536"),
        ("value", ["x"] * 1_001, "at most 1000"),
        ("value.map(x, value.map(y, x))", ["x"] * 900, "too many steps"),
    ],
)
def test_failure_is_one_sentence(source: str, value: Any, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        Expression(source, NAMES).evaluate({"value": value, "record": RECORD})


def test_record_fields_are_found() -> None:
    source = """record.fields.due == null || record.fields["Story Points"] > 1.0 || record.fields['x y'] == null"""
    assert Expression(source, NAMES).record_fields == {"due", "Story Points", "x y"}
