"""What an administrator of this Jira has set up: people, statuses, issue types, priorities, resolutions, projects.

Each of these is one object, equal to itself alone (`eq=False`): they are the keys of many look-ups.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, eq=False)
class Person:
    """An account. `token` signs in as this person; `hidden` keeps the address out of every answer (profile privacy)."""

    account: str
    name: str
    email: str
    shown: str
    zone: str
    token: str
    admin: bool = False
    active: bool = True
    hidden: bool = False


def _account(number: int) -> str:
    return f"712020:00000000-0000-4000-8000-{number:012d}"


PEOPLE: Final = (
    Person(_account(1), "ana", "ana@acme.example", "Ana Chen", "America/New_York", "ana-token", admin=True),
    Person(_account(2), "bo", "bo@acme.example", "Bo Larsen", "Europe/Copenhagen", "bo-token"),
    Person(_account(3), "wei", "wei@acme.example", "Chen Wei (陈伟)", "Asia/Shanghai", "wei-token"),
    Person(_account(4), "bot", "bot@acme.example", "Syncline Bot", "Europe/Copenhagen", "bot-token", admin=True),
    Person(_account(5), "kim", "kim@acme.example", "Kim Former", "UTC", "kim-token", active=False, hidden=True),
)
BY_ACCOUNT: Final = {person.account: person for person in PEOPLE}
BY_NAME: Final = {person.name: person for person in PEOPLE}
BY_TOKEN: Final = {person.token: person for person in PEOPLE if person.active}


@dataclass(frozen=True, eq=False)
class Category:
    """A status category: the three columns that every board has."""

    id: int
    key: str
    name: str
    colour: str


UNDEFINED: Final = Category(1, "undefined", "No Category", "medium-gray")
NEW: Final = Category(2, "new", "To Do", "blue-gray")
DONE_CATEGORY: Final = Category(3, "done", "Done", "green")
INDETERMINATE: Final = Category(4, "indeterminate", "In Progress", "yellow")
CATEGORIES: Final = (UNDEFINED, NEW, INDETERMINATE, DONE_CATEGORY)


@dataclass(frozen=True, eq=False)
class Named:
    """Anything that has an id and a name: a priority, a resolution, an option."""

    id: str
    name: str


@dataclass(frozen=True, eq=False)
class Status(Named):
    """A status of the workflow."""

    category: Category


@dataclass(frozen=True, eq=False)
class IssueType(Named):
    """An issue type; `level` is its height in the hierarchy: 1 epic, 0 standard, -1 sub-task."""

    level: int


TO_DO: Final = Status("10000", "To Do", NEW)
IN_PROGRESS: Final = Status("3", "In Progress", INDETERMINATE)
IN_REVIEW: Final = Status("10001", "In Review", INDETERMINATE)
DONE: Final = Status("10002", "Done", DONE_CATEGORY)
CANCELLED: Final = Status("10003", "Cancelled", DONE_CATEGORY)
STATUSES: Final = {status.id: status for status in (TO_DO, IN_PROGRESS, IN_REVIEW, DONE, CANCELLED)}

EPIC: Final = IssueType("10000", "Epic", 1)
TASK: Final = IssueType("10001", "Task", 0)
BUG: Final = IssueType("10002", "Bug", 0)
SUB_TASK: Final = IssueType("10003", "Sub-task", -1)
ISSUE_TYPES: Final = {kind.id: kind for kind in (EPIC, TASK, BUG, SUB_TASK)}

PRIORITIES: Final = {
    number: Named(number, name)
    for number, name in (("1", "Highest"), ("2", "High"), ("3", "Medium"), ("4", "Low"), ("5", "Lowest"))
}
DEFAULT_PRIORITY: Final = "3"

RESOLUTIONS: Final = {
    number: Named(number, name)
    for number, name in (("10000", "Done"), ("10001", "Won't Do"), ("10002", "Duplicate"), ("10003", "Fixed"))
}
DEFAULT_RESOLUTION: Final = "10000"

SEVERITIES: Final = {
    number: Named(number, name) for number, name in (("10101", "Low"), ("10102", "Medium"), ("10103", "High"))
}


@dataclass(frozen=True)
class Project:
    """A project; `done_screen` says whether its transition to Done asks for a resolution."""

    id: str
    key: str
    name: str
    done_screen: bool = True
