"""Secrets at rest: encrypted where `SYNCLINE_STORE_KEY` is set."""

from cryptography.fernet import InvalidToken
from pydantic import SecretStr

from workers.payloads import fernet

PREFIX = "enc:"


class SecretBox:
    """Closes secrets before they are stored, and opens them again. Without a key they are stored as they are."""

    def __init__(self, key: SecretStr | None) -> None:
        self._cipher = fernet(key) if key is not None else None

    def close(self, secret: str) -> str:
        """What to store."""
        return secret if self._cipher is None else PREFIX + self._cipher.encrypt(secret.encode()).decode()

    def open(self, stored: str) -> str:
        """The secret. Raises RuntimeError where it was closed with another key, or a key is missing."""
        if not stored.startswith(PREFIX):
            return stored
        if self._cipher is None:
            raise RuntimeError("a stored secret is encrypted, but SYNCLINE_STORE_KEY is not set")
        try:
            return self._cipher.decrypt(stored.removeprefix(PREFIX).encode()).decode()
        except InvalidToken as error:
            raise RuntimeError(
                "SYNCLINE_STORE_KEY is not the key that the stored secrets were encrypted with"
            ) from error
