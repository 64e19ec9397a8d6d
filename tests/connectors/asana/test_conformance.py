"""The conformance suite against the Asana stand-in."""

from typing import ClassVar

from pydantic import BaseModel, SecretStr
from starlette.types import ASGIApp

from connectors.asana.settings import Auth, Settings
from connectors.contract import Scope
from connectors.standins.asana.app import build
from connectors.standins.control import Control
from tests.connectors.conformance import Conformance
from tests.connectors.conforming.bench import ANA_EMAIL, Sample

PROJECT = "1204001"


class TestAsana(Conformance):
    """Asana keeps every promise of the contract."""

    system = "asana"
    object_ = "task"
    scope: ClassVar[Scope] = {"project": PROJECT}
    bad_scope: ClassVar[Scope] = {"project": "999999999"}
    title = "name"
    rich = "notes"
    samples = (
        Sample("name", ("Other", "Launch page 发布"), clearable=False),
        Sample("notes", ("Some *words*", "# Title\n\n- one\n- two")),
        Sample("completed", (True, False), clearable=False),
        Sample("section", ("Doing", "Done"), clearable=False),
        Sample("assignee", (ANA_EMAIL, "bo@acme.example")),
        Sample("due_on", ("2026-12-01", "2026-12-05")),
        Sample("due_at", ("2026-12-01T10:30:00Z", "2026-12-05T08:00:00Z"), creatable=False),
        Sample("tags", (["launch", "中国"], ["brand new", "launch"])),
        # Asana makes whoever creates a task follow it.
        Sample("followers", ([ANA_EMAIL, "bot@acme.example"], ["wei@acme.example"])),
        Sample("resource_subtype", ("milestone", "default_task"), clearable=False),
    )
    refused = ("section", "Nowhere")
    create_line = r"^POST /api/1\.0/tasks$"

    def standin(self, control: Control) -> ASGIApp:
        """The project of the demo, empty."""
        return build(control)

    def settings(self, url: str, token: str) -> BaseModel:
        """A connection that gives up on a slow answer soon."""
        return Settings(url=f"{url}/api/1.0", auth=Auth(token=SecretStr(token)), read_timeout=2.0)
