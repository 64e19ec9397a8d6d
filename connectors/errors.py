"""What a connector raises, named by what the caller should do.

ConnectorError
  later   RateLimited, Unavailable      wait; nothing is wrong with the record
  again   Conflict                      read again, merge again
  park    NotFound, Rejected            this record or field only; a person can act on the reason
  stop    AuthFailed                    pause the connection, tell once
  refuse  BadSignature, Malformed       of a webhook: answer it so, start nothing
"""

from collections.abc import Mapping


class ConnectorError(Exception):
    """Base of what a connector raises. `str()` is safe to show to people: no secret, no raw body."""


class RateLimited(ConnectorError):
    """The system asks to wait `retry_after` seconds. `ref_only`: only this record, not the whole connection."""

    def __init__(self, message: str, retry_after: float, *, ref_only: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.ref_only = ref_only


class Unavailable(ConnectorError):
    """Network, timeout or a fault of the server. `sent` False: the request surely never reached the system."""

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class AuthFailed(ConnectorError):
    """The credentials are wrong, expired or lack a right that the whole connection needs."""


class NotFound(ConnectorError):
    """The record is missing or invisible to us, which systems do not tell apart."""


class Rejected(ConnectorError):
    """The system refuses this input, and will refuse it again. `fields`: the reason for each field, where known."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class Conflict(ConnectorError):
    """The record changed under us."""


class BadSignature(ConnectorError):
    """A webhook that is unsigned, wrongly signed, or signed for something else."""


class Malformed(ConnectorError):
    """A webhook, or an answer, that is not of the form that the vendor describes."""
