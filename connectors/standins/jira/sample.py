"""The launch that the demo starts with: what engineering has on its list."""

from dataclasses import replace
from typing import Any, Final, NamedTuple

from connectors.standins.jira.catalogue import (
    BUG,
    BY_NAME,
    CANCELLED,
    DEFAULT_RESOLUTION,
    DONE,
    EPIC,
    IN_PROGRESS,
    IN_REVIEW,
    TASK,
    TO_DO,
    IssueType,
    Status,
)
from connectors.standins.jira.model import Attachment, Comment
from connectors.standins.jira.wiki import to_adf
from connectors.standins.jira.world import World

MINUTE: Final = 60_000
SPACING: Final = 7 * MINUTE


class Planned(NamedTuple):
    """One item of the sample; empty strings stand for nothing."""

    kind: IssueType
    status: Status
    summary: str
    description: str = ""
    assignee: str = ""
    due: str = ""
    labels: tuple[str, ...] = ("launch",)
    extra: tuple[tuple[str, Any], ...] = ()


PLAN: Final = (
    Planned(EPIC, IN_PROGRESS, "Aurora 2.0 launch", "Everything that has to stand on launch day.", "ana", "2026-12-15"),
    Planned(
        TASK,
        IN_PROGRESS,
        "Launch page",
        "h2. What is on it\n* Hero with the *new logo*\n* Prices from the table\n* Form for the beta",
        "bo",
        "2026-12-01",
        ("launch", "web"),
        (("customfield_10031", 5.0),),
    ),
    Planned(TASK, TO_DO, "Pricing table", "Three columns; sizes in _users_, not in seats.", "", "2026-11-30"),
    Planned(
        BUG,
        IN_REVIEW,
        "Sign-up form drops the ß in street names",
        "Seen with {{Hauptstraße 5}}: the address arrives as Hauptstrae.",
        "wei",
        "",
        ("launch", "i18n"),
        (("customfield_10032", "10103"),),
    ),
    Planned(TASK, TO_DO, "启动页面的中文文案", "请在周五前完成校对。", "wei", "2026-12-04", ("launch", "i18n")),
    Planned(
        TASK,
        DONE,
        "Load test the checkout",
        "{code:bash}\nk6 run --vus 200 checkout.js\n{code}",
        "bo",
        "2026-11-12",
        ("launch", "performance"),
    ),
    Planned(TASK, TO_DO, "Status page for launch day 🚀", "Owner and phone numbers on one page.", "ana", "2026-12-14"),
    Planned(TASK, CANCELLED, "Printed flyers for the stand", "No stand this year.", "", "", ("events",)),
)
REMARKS: Final = (
    (1, "ana", "The hero picture is final, please use the one attached."),
    (1, "bo", "Done. Does the form need a captcha?"),
    (3, "wei", "修好了，请再测试一次。"),
)
CHECKLIST: Final = "Launch checklist\n1. Page\n2. Prices\n3. Mail\n"


def sample(world: World) -> None:
    """Fill the ENG project with the launch, without webhooks."""
    at = world.now() - len(PLAN) * SPACING
    made = [_make(world, planned, at + number * SPACING) for number, planned in enumerate(PLAN)]
    for position, name, text in REMARKS:
        person, said = BY_NAME[name], at + len(PLAN) * SPACING
        world.add_comment(Comment(next(world.next_id), made[position], person, person, to_adf(text), said, said))
    checklist = Attachment(
        next(world.next_id), made[0], BY_NAME["ana"], "checklist.txt", "text/plain", CHECKLIST.encode(), at
    )
    world.add_attachment(checklist)
    world.index.fill(world.issues)


def _make(world: World, planned: Planned, at: int) -> int:
    values = {
        "issuetype": planned.kind.id,
        "summary": planned.summary,
        "description": to_adf(planned.description) if planned.description else None,
        "assignee": BY_NAME[planned.assignee].account if planned.assignee else None,
        "duedate": planned.due or None,
        "labels": sorted(planned.labels),
        **dict(planned.extra),
    }
    issue = world.make(world.projects["ENG"], BY_NAME["ana"], values, at)
    done = {"resolution": DEFAULT_RESOLUTION, "resolutiondate": at} if planned.status in {DONE, CANCELLED} else {}
    world.issues[issue.id] = replace(issue, values={**issue.values, **done, "status": planned.status.id})
    return issue.id
