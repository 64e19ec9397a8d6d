"""Who is who."""

from connectors.asana.account import Account
from connectors.contract import User


class People(Account):
    """The capability PEOPLE."""

    async def me(self) -> User:
        """See `connectors.contract.People`."""
        return await self.metadata.ask_me()

    async def user_by_email(self, email: str) -> User | None:
        """See `connectors.contract.People`. A person outside our workspaces counts as none."""
        return await self.metadata.user(email) if "@" in email else None

    async def user_by_id(self, id_: str) -> User | None:
        """See `connectors.contract.People`."""
        return await self.metadata.user(id_)
