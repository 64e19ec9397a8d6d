"""The connector for Asana: the parts put together."""

from typing import Final

from pydantic import BaseModel

from connectors.asana.attachments import Attachments
from connectors.asana.discuss import Comments
from connectors.asana.history import History
from connectors.asana.people import People
from connectors.asana.scan import Scans
from connectors.asana.settings import Settings
from connectors.asana.subscribe import Subscriptions
from connectors.asana.writes import Writes
from connectors.contract import Capability, Connector
from connectors.throttle import Quota

CAPABILITIES: Final = frozenset(Capability) - {Capability.ARCHIVE}


class AsanaConnector(Scans, Writes, History, Comments, Attachments, People, Subscriptions):
    """One connection to Asana; the promises are those of `connectors.contract.Connector`."""

    def __init__(self, name: str, settings: Settings) -> None:
        super().__init__(name, settings)
        self.capabilities = CAPABILITIES
        self.settle_seconds = settings.settle_seconds

    async def close(self) -> None:
        """Give back connections and threads."""
        self.files.close()
        self.client.close()


def connect(name: str, settings: BaseModel, quota: Quota | None = None) -> Connector:
    """A connector for one connection. Raises TypeError where the settings are another system's."""
    if not isinstance(settings, Settings):
        raise TypeError(
            f"connection {name!r} needs connectors.asana.settings.Settings, found {type(settings).__name__}"
        )
    connector = AsanaConnector(name, settings)
    if quota is not None:
        connector.client.throttle.share(quota)
    return connector
