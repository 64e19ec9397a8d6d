"""What JQL means: a query for one asker as a test on issues, and what of it an index can answer."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from connectors.standins.jira import wiki
from connectors.standins.jira.asker import Asker
from connectors.standins.jira.catalogue import (
    CATEGORIES,
    ISSUE_TYPES,
    PEOPLE,
    PRIORITIES,
    RESOLUTIONS,
    STATUSES,
    Named,
)
from connectors.standins.jira.jql import Both, Call, Clause, Either, JqlError, Negated, Node, parse
from connectors.standins.jira.model import Issue
from connectors.standins.jira.world import World

Test = Callable[[Issue], bool]
Get = Callable[[Issue], tuple[Any, ...]]

ALIASES: Final = {
    "id": "key",
    "issue": "key",
    "issuekey": "key",
    "type": "issuetype",
    "due": "duedate",
    "createddate": "created",
    "updateddate": "updated",
    "resolved": "resolutiondate",
}
COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
}


@dataclass(frozen=True)
class Query:
    """A query ready to run. `ids`, `labels` and `since` narrow the candidates where the query allows it."""

    test: Test
    bounded: bool
    order: tuple[tuple[str, bool], ...]
    ids: frozenset[int] | None
    labels: list[str] | None
    since: int


def compiled(text: str, asker: Asker) -> Query:
    """Make a query ready for one asker. Raises JqlError for what Jira refuses."""
    parsed = parse(text)
    order = tuple((ALIASES.get(field, field), descending) for field, descending in parsed.order)
    for field, _ in order:
        if field not in GETTERS:
            raise _unknown_field(field)
    if parsed.where is None:
        return Query(lambda _issue: True, False, order, None, None, 0)
    test = _test(parsed.where, asker)
    ids, labels, since = None, None, 0
    for clause in _always(parsed.where):
        field = ALIASES.get(clause.field, clause.field)
        if clause.operator in {"=", "in"} and field == "key":
            ids = frozenset(_wanted(field, clause.values, asker))
        elif clause.operator in {"=", "in"} and field == "labels":
            labels = [value for value in clause.values if isinstance(value, str)]
        elif clause.operator in {">", ">="} and field == "updated":
            since = max(since, asker.instant(field, clause.values[0]))
    return Query(test, True, order, ids, labels, since)


def _always(node: Node) -> Iterable[Clause]:
    """The clauses that every result fulfils."""
    parts = node.parts if isinstance(node, Both) else (node,)
    return (part for part in parts if isinstance(part, Clause))


def _test(node: Node, asker: Asker) -> Test:
    if isinstance(node, Clause):
        return _clause(node, asker)
    if isinstance(node, Negated):
        inner = _test(node.part, asker)
        return lambda issue: not inner(issue)
    parts = [_test(part, asker) for part in node.parts]
    if isinstance(node, Either):
        return lambda issue: any(part(issue) for part in parts)
    return lambda issue: all(part(issue) for part in parts)


def _clause(clause: Clause, asker: Asker) -> Test:
    field = ALIASES.get(clause.field, clause.field)
    operator = clause.operator
    if operator in {"~", "!~"}:
        return _text_test(clause, positive=operator == "~")
    if field not in GETTERS:
        raise _unknown_field(clause.field)
    get = GETTERS[field]
    if field == "resolution" and clause.values == ("Unresolved",):
        operator = "is" if operator == "=" else "is not"
    if operator in {"is", "is not"}:
        return lambda issue: bool(get(issue)) == (operator == "is not")
    if operator in COMPARE:
        return _comparison(field, operator, clause.values[0], asker)
    if field == "summary":
        raise JqlError(f"The operator '{operator}' is not supported by the 'summary' field.")
    wanted = frozenset(_wanted(field, clause.values, asker))
    if operator in {"=", "in"}:
        return lambda issue: not wanted.isdisjoint(get(issue))
    return lambda issue: bool(found := get(issue)) and wanted.isdisjoint(found)


def _comparison(field: str, operator: str, value: str | Call, asker: Asker) -> Test:
    if field not in TIMES:
        raise JqlError(f"The operator '{operator}' is not supported by the '{field}' field.")
    get, compare = GETTERS[field], COMPARE[operator]
    bound = asker.day(field, value) if field == "duedate" else asker.instant(field, value)
    return lambda issue: any(compare(found, bound) for found in get(issue))


def _wanted(field: str, values: tuple[str | Call, ...], asker: Asker) -> list[Any]:
    return [_resolve(field, value, asker) for value in values]


def _resolve(field: str, value: str | Call, asker: Asker) -> Any:
    """The stored form of a value in a query. Raises JqlError when there is no such thing."""
    if field == "duedate":
        return asker.day(field, value)
    if field in TIMES:
        return asker.instant(field, value)
    if isinstance(value, Call):
        if value.name == "currentuser" and field in {"assignee", "reporter", "creator"}:
            return asker.person.account
        raise JqlError(f"Unable to find JQL function '{value.name}()'.")
    if field == "labels":
        return value
    found = _find(field, value, asker.world)
    if found is None and field == "key":
        raise JqlError(f"An issue with key '{value}' does not exist for field 'key'.")
    if found is None:
        raise JqlError(f"The value '{value}' does not exist for the field '{field}'.")
    return found


def _find(field: str, value: str, world: World) -> Any:
    match field:
        case "key" | "parent":
            found = world.issue(value) or world.index.docs.get(int(value) if value.isdecimal() else 0)
            return found.id if found else None
        case "project":
            project = world.project(value)
            by_name = (one.id for one in world.projects.values() if one.name.lower() == value.lower())
            return project.id if project else next(by_name, None)
        case "statuscategory":
            return next(
                (one.key for one in CATEGORIES if value.lower() in {one.key, one.name.lower(), str(one.id)}), None
            )
        case "assignee" | "reporter" | "creator":
            known = (one.account for one in PEOPLE if value in {one.account, one.name, one.email, one.shown})
            return next(known, None)
    choices: Mapping[str, Named] = CHOICES[field]
    return next((one.id for one in choices.values() if value == one.id or value.lower() == one.name.lower()), None)


def _text_test(clause: Clause, *, positive: bool) -> Test:
    """`~` on words: every word of the value, in a row where quotes stand inside it; `*` ends a prefix."""
    if clause.field not in {"summary", "text", "description"}:
        raise JqlError(f"The operator '~' is not supported by the '{clause.field}' field.")
    value = str(clause.values[0])
    phrase = value.startswith('"') and value.endswith('"')
    tokens = re.findall(r"[\w*]+", value.lower())

    def test(issue: Issue) -> bool:
        words = re.findall(r"\w+", _text_of(issue, clause.field).lower())
        if phrase:
            size = len(tokens)
            return any(words[at : at + size] == tokens for at in range(len(words) - size + 1))
        return all(
            any(word.startswith(token[:-1]) if token.endswith("*") else word == token for word in words)
            for token in tokens
        )

    return test if positive else lambda issue: not test(issue)


def _text_of(issue: Issue, field: str) -> str:
    description = issue.values.get("description") or ""
    text = wiki.to_wiki(description) if isinstance(description, dict) else description
    parts = {"summary": issue.values["summary"], "description": text}
    return parts[field] if field in parts else "\n".join(parts.values())


def _unknown_field(field: str) -> JqlError:
    return JqlError(f"Field '{field}' does not exist or you do not have permission to view it.")


def _kept(name: str, issue: Issue) -> tuple[Any, ...]:
    value = issue.values.get(name)
    return () if value is None else (value,)


PLAIN: Final = ("summary", "assignee", "reporter", "parent", "duedate", "resolutiondate")
CHOICES: Final[Mapping[str, Mapping[str, Named]]] = {
    "status": STATUSES,
    "issuetype": ISSUE_TYPES,
    "priority": PRIORITIES,
    "resolution": RESOLUTIONS,
}
TIMES: Final = frozenset({"created", "updated", "duedate", "resolutiondate"})
GETTERS: Final[Mapping[str, Get]] = {
    "key": lambda issue: (issue.id,),
    "project": lambda issue: (issue.project.id,),
    "created": lambda issue: (issue.created,),
    "updated": lambda issue: (issue.updated,),
    "creator": lambda issue: (issue.creator.account,),
    "labels": lambda issue: tuple(issue.values["labels"]),
    "statuscategory": lambda issue: (issue.status.category.key,),
    **{name: partial(_kept, name) for name in (*CHOICES, *PLAIN)},
}
