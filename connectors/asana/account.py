"""What every part of the connector shares: one account, and the place that a side's scope points to in it."""

from dataclasses import dataclass

from connectors.asana.client import Client
from connectors.asana.fields import TASK
from connectors.asana.marker import Marking, marking
from connectors.asana.metadata import Metadata, Project
from connectors.asana.settings import Settings
from connectors.contract import Scope
from connectors.errors import Rejected


@dataclass(frozen=True, slots=True)
class Place:
    """A project, the gid of the section where the scope names one, and where markers are kept in it."""

    project: Project
    section: str | None
    marking: Marking


class Account:
    """One connection to Asana. `Reads`, `Writes` and the other parts are made of it."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.settings = settings
        self.client = Client(settings)
        self.metadata = Metadata(self.client)

    async def place(self, object_: str, scope: Scope) -> Place:
        """Where a scope points. Raises Rejected where the object, the project or the section does not exist."""
        if object_ != TASK:
            raise Rejected(f"Asana has no object {object_!r} here; there is: {TASK}", {"object": "unknown"})
        gid = str(scope.get("project") or "")
        if not gid.isdecimal():
            reason = "expected the project's number, the digits after /project/ in its address"
            raise Rejected(f"scope.project of {self.name}: {reason}; found {gid!r}", {"project": reason})
        project = await self.metadata.project(gid)
        section = scope.get("section")
        found = None if section is None else await self._section(project, str(section))
        return Place(project, found, marking(self.settings.marker, project))

    async def _section(self, project: Project, wanted: str) -> str:
        found = await self.metadata.find(project, lambda known: _section_gid(known, wanted))
        if found is None:
            reason = f"project {project.name!r} has no section {wanted!r}; there are: {', '.join(project.sections)}"
            raise Rejected(reason, {"section": reason})
        return found


def _section_gid(project: Project, wanted: str) -> str | None:
    return project.sections.get(wanted) or (wanted if wanted in project.sections.values() else None)
