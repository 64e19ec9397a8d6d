"""What all parts of the connector share: one Jira, seen with our credentials."""

from collections.abc import Mapping
from typing import Any

from connectors.jira.client import Client
from connectors.jira.metadata import Metadata
from connectors.jira.people import Directory
from connectors.jira.records import Records
from connectors.jira.settings import Settings


class Part:
    """Base of the connector's parts; they are one object, and share these."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.settings = settings
        self.client = Client(name, settings)
        self.metadata = Metadata(self.client)
        self.people = Directory(self.client)
        self.records = Records(self.client, self.metadata)

    async def by_us(self, raw: Mapping[str, Any]) -> bool:
        """Whether the `author` of a comment, a file or an entry of the history is our own account."""
        key = (await self.client.dialect()).user_key
        return str((raw.get("author") or {}).get(key, "")) == await self.people.own_id()
