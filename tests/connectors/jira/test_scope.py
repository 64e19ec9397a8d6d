"""The scope of a side, and the JQL made of it."""

import pytest

from connectors.errors import Rejected
from connectors.jira.scope import parse_scope, quoted


@pytest.mark.parametrize(
    ("scope", "jql"),
    [
        ({"project": "ENG"}, 'project = "ENG" AND x'),
        ({"project": "ENG", "jql": " "}, 'project = "ENG" AND x'),
        ({"project": "ENG", "jql": "a = 1 OR b = 2"}, 'project = "ENG" AND (a = 1 OR b = 2) AND x'),
        ({"project": "ENG", "jql": 'text ~ "(order by"'}, 'project = "ENG" AND (text ~ "(order by") AND x'),
    ],
)
def test_conditions_stay_inside_brackets(scope: dict[str, str], jql: str) -> None:
    assert parse_scope(scope).where("x") == jql


@pytest.mark.parametrize(
    ("scope", "says"),
    [
        ({}, "project"),
        ({"project": 'ENG" OR project = "HR'}, "project"),
        ({"project": "ENG", "jql": "a = 1 ORDER  BY key"}, "ORDER BY"),
        ({"project": "ENG", "jql": "a = 1) OR (project = HR"}, "balanced"),
        ({"project": "ENG", "jql": '"a = 1'}, "balanced"),
        ({"project": "ENG", "label": "x"}, "label"),
    ],
)
def test_bad_scope_is_explained(scope: dict[str, str], says: str) -> None:
    with pytest.raises(Rejected, match=says) as caught:
        parse_scope(scope)
    assert "expected for example" in str(caught.value)


def test_quotes_are_escaped() -> None:
    assert quoted('a "b" \\') == '"a \\"b\\" \\\\"'
