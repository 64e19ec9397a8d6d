"""Refusals in Asana's words; https://developers.asana.com/docs/errors shows the shape of the body."""

import math
from typing import Any

HELP = (
    "For more information on API status codes and how to handle them, "
    "read the docs on errors: https://developers.asana.com/docs/errors"
)
PHRASE = "6 sad squid snuggle softly"
MESSAGES = {
    400: "Bad Request",
    401: "Not Authorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    429: "You have made too many requests recently. Please, be chill.",
    500: "Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class ApiError(Exception):
    """An answer with an error status; `extra` is merged into the body beside `errors`, `detail` into the error."""

    def __init__(
        self,
        status: int,
        message: str | None = None,
        *,
        headers: dict[str, str] | None = None,
        extra: dict[str, Any] | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message or MESSAGES.get(status, "Error")
        self.headers = headers or {}
        self.extra = extra or {}
        self.detail = detail or {}

    def body(self) -> dict[str, Any]:
        """The JSON body; a 500 alone carries the phrase that support asks for."""
        error: dict[str, Any] = {"message": self.message, "help": HELP, **self.detail}
        if self.status == 500:
            error["phrase"] = PHRASE
        return {"errors": [error], **self.extra}


def not_recognized(name: str, value: object) -> ApiError:
    """400 for an id in a body or query that names nothing."""
    return ApiError(400, f"{name}: Not a recognized ID: {value}")


def unknown_object(name: str, gid: str) -> ApiError:
    """404 for an id in a path that is missing, deleted or invisible."""
    return ApiError(404, f"{name}: Unknown object: {gid}")


def too_many_requests(retry_after: float) -> ApiError:
    """429 with the one header that Asana sends: whole seconds, rounded up."""
    return ApiError(429, headers={"Retry-After": str(max(1, math.ceil(retry_after)))})


def fault_body(status: int, retry_after: float | None) -> tuple[dict[str, str], Any]:
    """How the control door words an injected fault."""
    headers = {} if retry_after is None else {"Retry-After": str(math.ceil(retry_after))}
    return headers, ApiError(status).body()
