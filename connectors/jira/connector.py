"""The connector for Jira Cloud and Data Center, put together."""

from typing import Final

from pydantic import BaseModel

from connectors.contract import Capability, Connector, User
from connectors.jira.discuss import Discussion
from connectors.jira.settings import Settings
from connectors.jira.subscribe import Subscription
from connectors.jira.writing import Writing
from connectors.throttle import Quota

CAPABILITIES: Final = frozenset(Capability) - {Capability.ARCHIVE}


class JiraConnector(Writing, Discussion, Subscription):
    """One Jira, seen with one account; see `connectors.contract.Connector`."""

    def __init__(self, name: str, settings: Settings) -> None:
        super().__init__(name, settings)
        self.capabilities = CAPABILITIES
        self.settle_seconds = settings.settle_seconds

    async def me(self) -> User:
        """Our own account."""
        return await self.people.me()

    async def user_by_email(self, email: str) -> User | None:
        """The one active user with this email."""
        return await self.people.by_email(email)

    async def user_by_id(self, id_: str) -> User | None:
        """The user with this account id; on Data Center, with this name."""
        return await self.people.by_id(id_)

    async def close(self) -> None:
        """Give back connections and threads."""
        self.client.close()


def connect(name: str, settings: BaseModel, quota: Quota | None = None) -> Connector:
    """A connector for one connection. Raises TypeError for another system's settings."""
    if not isinstance(settings, Settings):
        raise TypeError(f"expected the settings of a Jira connection, found {type(settings).__name__}")
    connector = JiraConnector(name, settings)
    if quota is not None:
        connector.client.throttle.share(quota)
    return connector
