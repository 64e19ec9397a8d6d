"""Who asks the stand-ins: the service's own account, and the people whose edits are measured."""

import base64
from typing import Final


def _basic(name: str) -> str:
    return "Basic " + base64.b64encode(f"{name}@acme.example:{name}-token".encode()).decode()


BOT: Final = {"jira": _basic("bot"), "asana": "Bearer bot-token"}
"""Authorization header of the service, by system."""

PERSON: Final = {"jira": _basic("ana"), "asana": "Bearer bo-token"}
"""Authorization header of a person, by system."""
