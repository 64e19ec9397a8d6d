"""The `scope` of a side: one project, optionally narrowed by JQL."""

import re
from typing import Final

from pydantic import Field, ValidationError, field_validator

from connectors.contract import Scope
from connectors.errors import Rejected
from connectors.settings import Model

_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')


class IssueScope(Model):
    """`project` is a key such as ENG; `jql` holds further conditions, without ORDER BY."""

    project: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    jql: str | None = None

    @field_validator("jql")
    @classmethod
    def _only_conditions(cls, jql: str | None) -> str | None:
        if jql is None or not jql.strip():
            return None
        bare = _QUOTED.sub('""', jql)
        if re.search(r"\border\s+by\b", bare, re.IGNORECASE):
            raise ValueError("leave out ORDER BY; Syncline orders by itself")
        depth = 0
        for bracket in re.findall(r"[()]", bare):
            depth += 1 if bracket == "(" else -1
            if depth < 0:
                break
        if depth or re.search(r"[\"']", bare.replace('""', "")):
            raise ValueError("brackets or quotes are not balanced")
        return jql.strip()

    def where(self, *conditions: str) -> str:
        """The JQL of everything in scope that meets the conditions as well."""
        own = [f'project = "{self.project}"', *([f"({self.jql})"] if self.jql else [])]
        return " AND ".join([*own, *conditions])


def parse_scope(scope: Scope) -> IssueScope:
    """Read a scope. Raises Rejected that says what to write instead."""
    try:
        return IssueScope.model_validate(dict(scope))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise Rejected(
            f"scope of a Jira issue: {problems}; expected for example {{project: ENG, jql: 'labels = launch'}}"
        ) from error


def quoted(text: str) -> str:
    """A JQL string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
