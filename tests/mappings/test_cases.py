"""The tests in mapping files: what they make of what is given."""

import textwrap

import pytest

from mappings.cases import CaseResult, run_case
from tests.mappings.workspaces import MAPPING, bound_of, objects_of, parsed

FIELDS = """\
  status:
    eng: status
    mkt: section
    values: {todo: {eng: To Do, mkt: Backlog}, doing: {eng: [In Progress, In Review], mkt: Doing}}
  labels: {eng: labels, mkt: tags, conflict: union}
  origin: {eng: {get: '"Jira " + record.id'}, mkt: Origin, type: text, flow: eng -> mkt}
  parent: {eng: parent, mkt: parent}
"""
RULES = MAPPING.replace("project: ENG}}", "project: ENG}, where: 'record.fields.issuetype != \"Epic\"', create: false}")


def run(case: str, text: str = RULES + FIELDS) -> CaseResult:
    mapping = parsed(f"{text}tests:\n  - name: it\n{textwrap.indent(textwrap.dedent(case), '    ')}")
    return run_case(bound_of(mapping), mapping.tests[0], objects_of(mapping))


@pytest.mark.parametrize(
    "case",
    [
        "given: {eng: {summary: A, status: In Review}}\nexpect: {mkt: {name: A, section: Doing, Origin: Jira 1}}",
        "given: {eng: {Summary: A}}\nexpect: {mkt: {Name: A}}",
        "given: {mkt: {name: A}}\nexpect: {eng: absent, mkt: {name: A}}",
        "given: {eng: {summary: A, issuetype: Epic}}\nexpect: {mkt: absent}",
        "base: {title: A, due: 2026-12-01}\ngiven: {eng: {summary: B}}\nexpect: {mkt: {name: B, due_on: 2026-12-01}}",
        "base: {title: A, due: 2026-12-01}\ngiven: {mkt: {due_on: ~}}\nexpect: {eng: {duedate: ~}, mkt: {name: A}}",
        "base: {status: doing}\ngiven: {eng: {status: In Review}}\nexpect: {eng: {status: In Review}}",
        "base: {title: A}\ngiven: {eng: {issuetype: Epic, summary: B}}\nexpect: {mkt: {name: B}}",
        "given: {eng: {parent: 'eng-jira:issue:77'}}\nexpect: {mkt: {parent: 'mkt-asana:task:77'}}",
    ],
)
def test_right_expectation_passes(case: str) -> None:
    assert run(case) == CaseResult("it", True, (), ())


@pytest.mark.parametrize(
    ("case", "difference", "place"),
    [
        (
            "given: {eng: {summary: A}}\nexpect: {mkt: {name: B}}",
            "mkt.name: expected 'B', found 'A'",
            ("expect", "mkt", "name"),
        ),
        ("given: {eng: {summary: A}}\nexpect: {mkt: absent}", "mkt: expected no record, found one", ("expect", "mkt")),
        (
            "given: {mkt: {name: A}}\nexpect: {eng: {summary: A}}",
            "eng: expected a record, found none",
            ("expect", "eng"),
        ),
        (
            "given: {eng: {due: 2026-12-01}}\nexpect: {mkt: {due_on: 2026-12-01}}",
            "given.eng.due: issue has no field 'due'; did you mean 'duedate'?",
            ("given", "eng", "due"),
        ),
        (
            "given: {eng: {summary: A}}\nedited: {eng: noon}",
            "edited.eng: expected a time such as 2026-12-01T09:30:00Z, found 'noon'",
            ("edited", "eng"),
        ),
        (
            "given: {mkt: {Origin: 3}}",
            "given.mkt.Origin: expected text, found int 3; if the field holds something else, declare its `type`",
            ("given", "mkt", "Origin"),
        ),
        (
            "given: {eng: {summary: A}}\nconflicts: [title]",
            "title: expected a conflict, found none",
            ("conflicts", 0),
        ),
        (
            "base: {status: gone}\ngiven: {eng: {summary: A}}",
            "base.status: the values of status have no row 'gone' for eng; add it to the mapping",
            ("base", "status"),
        ),
    ],
)
def test_difference_names_its_place(case: str, difference: str, place: tuple[str | int, ...]) -> None:
    result = run(case)
    assert not result.passed
    assert difference in result.differences
    assert result.places[result.differences.index(difference)] == place


def test_trouble_explains_the_difference() -> None:
    result = run("given: {eng: {summary: A, status: Odd}}\nexpect: {mkt: {section: Backlog}}")
    assert result.differences[0] == "mkt.section: expected 'Backlog', found nothing"
    assert result.differences[1].startswith("eng.status: 'Odd' on eng is in no row")


def test_unnamed_conflict_is_told() -> None:
    ask = RULES.replace("mkt: name}", "mkt: name, conflict: ask}")
    case = "base: {title: A}\ngiven: {eng: {summary: B}, mkt: {name: C}}\n"
    assert run(case, ask).differences == (
        "title: expected agreement, found a conflict for a person; name it under `conflicts`",
    )
    assert run(case + "conflicts: [title]\nexpect: {eng: {summary: B}, mkt: {name: C}}", ask).passed


def test_later_edit_wins() -> None:
    case = """\
        base: {title: A}
        given: {eng: {summary: B}, mkt: {name: C}}
        edited: {eng: 2026-11-20, mkt: 2026-11-20T00:00:01Z}
        expect: {eng: {summary: C}, mkt: {name: C}}
        """
    assert run(case).passed
    assert not run(case.replace("00:00:01Z", "00:00:00+08:00")).passed


def test_defaults_reach_the_other_side() -> None:
    text = RULES.replace("object: task}", "object: task, create: {tags: [launch]}}")
    result = run("given: {eng: {labels: [web]}}\nexpect: {mkt: {tags: [launch, web]}}", text + FIELDS)
    assert result.passed
