"""Who is who in one Jira: our own account, users by email and by id. Look-ups that found somebody are remembered."""

import time
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.contract import User
from connectors.errors import NotFound, Rejected
from connectors.jira.client import Client

REMEMBER_SECONDS: Final = 600.0


class Directory:
    """People of one connection. Every method raises the errors of `connectors.errors`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._me: dict[str, Any] | None = None
        self._by_email: dict[str, tuple[float, User]] = {}

    async def me(self) -> User:
        """Our own account, asked anew: the probe of the credentials. Raises AuthFailed."""
        self._me = await self._client.get("myself")
        return await self._user(self._me)

    async def own(self) -> Mapping[str, Any]:
        """Our own account as Jira describes it, asked once."""
        if self._me is None:
            await self.me()
        assert self._me is not None
        return self._me

    async def own_id(self) -> str:
        """The id of our own account."""
        return (await self._user(await self.own())).id

    async def time_zone(self) -> ZoneInfo | None:
        """The zone in which Jira reads our JQL; None where this machine does not know it."""
        try:
            return ZoneInfo(str((await self.own()).get("timeZone") or "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            return None

    async def by_email(self, email: str) -> User | None:
        """The one active user with this email.

        Jira matches prefixes and names too, so the email is compared here. A user who hides it is found by the whole
        email only, so that a single hit without any is the one.
        """
        wanted = email.strip().casefold()
        until, known = self._by_email.get(wanted, (0.0, None))
        if known is not None and time.monotonic() < until:
            return known
        dialect = await self._client.dialect()
        hits = await self._client.get("user/search", **{dialect.user_query: wanted, "maxResults": 50})
        users = [await self._user(hit) for hit in hits if hit.get("active", True)]
        same = [user for user in users if user.email == wanted]
        if not same and len(users) == 1 and users[0].email is None:
            same = users
        if len(same) != 1:
            return None
        self._by_email[wanted] = (time.monotonic() + REMEMBER_SECONDS, same[0])
        return same[0]

    async def by_id(self, id_: str) -> User | None:
        """The user with this id."""
        key = "accountId" if (await self._client.dialect()).cloud else "username"
        try:
            return await self._user(await self._client.get("user", **{key: id_}))
        except (NotFound, Rejected):
            return None

    async def account(self, user: str) -> str:
        """The account of a canonical user, email or `@id`. Raises ValueError for somebody Jira does not know."""
        if user.startswith("@"):
            return user[1:]
        found = await self.by_email(user)
        if found is None:
            raise ValueError(f"{user} has no active account here, or hides it; invite them, or map them to an account")
        return found.id

    async def _user(self, raw: Mapping[str, Any]) -> User:
        id_ = str(raw.get((await self._client.dialect()).user_key, ""))
        email = str(raw.get("emailAddress") or "").casefold()
        return User(id_, str(raw.get("displayName") or id_), email or None)
