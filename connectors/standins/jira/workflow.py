"""The workflow: how a status is reached, by which transition, and what its screen asks for."""

from dataclasses import dataclass
from typing import Final

from connectors.standins.jira.catalogue import DONE, IN_PROGRESS, IN_REVIEW, TO_DO, Status
from connectors.standins.jira.model import Issue

RESOLUTION_SCREEN: Final = {"resolution": True}


@dataclass(frozen=True)
class Transition:
    """A way from one status to another. No transition reaches Cancelled: only an administrator's migration did."""

    id: str
    name: str
    start: Status
    end: Status

    def screen(self, issue: Issue) -> dict[str, bool]:
        """The fields of its screen in the issue's project, each with whether it is required; empty without a screen."""
        return RESOLUTION_SCREEN if self.end is DONE and issue.project.done_screen else {}


TRANSITIONS: Final = (
    Transition("11", "Start work", TO_DO, IN_PROGRESS),
    Transition("21", "Ask for review", IN_PROGRESS, IN_REVIEW),
    Transition("31", "Done", IN_REVIEW, DONE),
    Transition("41", "Reopen", DONE, TO_DO),
    Transition("51", "Stop work", IN_PROGRESS, TO_DO),
    Transition("61", "Needs changes", IN_REVIEW, IN_PROGRESS),
)


def available(issue: Issue) -> list[Transition]:
    """The transitions that are open from the issue's status."""
    return [transition for transition in TRANSITIONS if transition.start is issue.status]
