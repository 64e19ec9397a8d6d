"""Jira's answers and broken connections as errors: one table from status to class, one from exception to class.

No text made here holds a header, a body as it came, or an address with parameters, so none can hold a secret.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import orjson
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors.errors import AuthFailed, Conflict, ConnectorError, NotFound, RateLimited, Rejected, Unavailable

LONGEST_TEXT: Final = 300
DEFAULT_WAIT_SECONDS: Final = 10.0
LONGEST_WAIT_SECONDS: Final = 3600.0
# A 403 on these says something of the account; anywhere else, of one record or one right.
ACCOUNT_PATHS: Final = ("/myself", "/search", "/search/jql", "/issue/bulkfetch", "/field")


def reasons(answer: requests.Response) -> tuple[str, dict[str, str]]:
    """What Jira says is wrong, in one line, and by field. Its gateways answer in other shapes, or in HTML."""
    try:
        body = answer.json()
    except ValueError:
        return "", {}
    if not isinstance(body, dict):
        return "", {}
    by_field = body.get("errors")
    fields = {str(key): _short(str(text)) for key, text in by_field.items()} if isinstance(by_field, dict) else {}
    general = body.get("errorMessages") or [body.get("errorMessage") or body.get("message") or ""]
    texts = [str(text) for text in general] if isinstance(general, list) else [str(general)]
    texts += [f"{key}: {text}" for key, text in fields.items()]
    return _short("; ".join(text for text in texts if text)), fields


def wait_seconds(headers: Mapping[str, str], now: datetime | None = None) -> float:
    """How long a 429 asks to wait, from a second to an hour; `Retry-After` may hold seconds or a date."""
    now = now or datetime.now(UTC)
    after, reset = headers.get("Retry-After", ""), headers.get("X-RateLimit-Reset", "")
    parsers: tuple[tuple[str, Callable[[str], float]], ...] = (
        (after, float),
        (after, _from_http_date(now)),
        (reset, _from_iso_date(now)),
    )
    for text, parse in parsers:
        try:
            return min(max(1.0, parse(text)), LONGEST_WAIT_SECONDS)
        except (ValueError, TypeError):  # TypeError: a date without a zone
            continue
    return DEFAULT_WAIT_SECONDS


def from_status(where: str, answer: requests.Response) -> ConnectorError:
    """The error for an answer that is not 2xx. `where` names connection, method and path."""
    text, fields = reasons(answer)
    status = answer.status_code
    said = f"{where}: Jira answered {status}" + (f": {text}" if text else "")
    if 300 <= status < 400:
        return Unavailable(f"{said}, a redirect; set `url` to the address that Jira is served from", sent=False)
    make = _BY_STATUS.get(status)
    if make is None:
        return Rejected(said, fields) if status < 500 else Unavailable(said)
    return make(said, answer, fields)


def from_exception(where: str, error: requests.RequestException) -> Unavailable:
    """The error for a request that got no answer; `sent` False where it surely never left."""
    if isinstance(error, requests.exceptions.SSLError):
        return Unavailable(f"{where}: no secure connection; check the certificate of the server", sent=False)
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError) or _not_connected(error):
        return Unavailable(f"{where}: no connection to the server; check `url` and the network", sent=False)
    if isinstance(error, requests.Timeout):
        return Unavailable(f"{where}: no answer in time")
    return Unavailable(f"{where}: the connection broke before the answer was complete")


def _not_connected(error: requests.RequestException) -> bool:
    reason = error.args[0] if error.args else None
    return isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"


def _from_http_date(now: datetime) -> Callable[[str], float]:
    return lambda text: (parsedate_to_datetime(text) - now).total_seconds()


def _from_iso_date(now: datetime) -> Callable[[str], float]:
    return lambda text: (datetime.fromisoformat(text) - now).total_seconds()


def _forbidden(said: str, answer: requests.Response, fields: dict[str, str]) -> ConnectorError:
    denied = answer.headers.get("X-Authentication-Denied-Reason")  # Data Center, after failed sign-ins
    path = (answer.request.path_url if answer.request is not None else "").partition("?")[0]
    if denied or path.endswith(ACCOUNT_PATHS):
        return AuthFailed(f"{said}; sign in once in the browser, or give the account access")
    return Rejected(said, fields)


def _limited(said: str, answer: requests.Response, _fields: dict[str, str]) -> ConnectorError:
    one_issue = answer.headers.get("RateLimit-Reason") == "jira-per-issue-on-write"
    return RateLimited(said, wait_seconds(answer.headers), ref_only=one_issue)


_BY_STATUS: Final[Mapping[int, Callable[[str, requests.Response, dict[str, str]], ConnectorError]]] = {
    401: lambda said, _answer, _fields: AuthFailed(f"{said}; make a new token, they expire"),
    403: _forbidden,
    404: lambda said, _answer, _fields: NotFound(said),
    408: lambda said, _answer, _fields: Unavailable(said),
    409: lambda said, _answer, _fields: Conflict(said),
    412: lambda said, _answer, _fields: Conflict(said),
    425: lambda said, _answer, _fields: Unavailable(said),
    429: _limited,
}


def body_of(where: str, answer: requests.Response) -> Any:
    """The JSON of a 2xx answer; None where it has no body. Raises Unavailable for a page that a proxy put in."""
    if not answer.content:
        return None
    try:
        return orjson.loads(answer.content)
    except ValueError as error:
        raise Unavailable(f"{where}: the answer is no JSON; is something else served at `url`?") from error
