"""Who is who across connections: `people.yaml` as a lookup."""

from collections.abc import Sequence

from mappings.model import Person


class People:
    """The exceptions of `people.yaml`; anyone not in it is known by the same email everywhere."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._emails: dict[str, str] = {}
        self._by_account: dict[tuple[str, str], str] = {}
        self._accounts: dict[tuple[str, str], str] = {}
        for person in people:
            first = person.emails[0].casefold()
            self._emails |= {email.casefold(): first for email in person.emails}
            for connection, identity in person.identities.items():
                account = "@" + identity.removeprefix("@")
                self._by_account[connection, account] = first
                self._accounts[connection, first] = account

    def email(self, connection: str, user: str) -> str:
        """A person's first email, from any of their emails or from `@id` on this connection; else `user` unchanged."""
        return self._by_account.get((connection, user)) or self._emails.get(user.casefold(), user)

    def account(self, connection: str, email: str) -> str:
        """`@id` where people.yaml names an account for this connection, else the email as it is."""
        return self._accounts.get((connection, email), email)
