"""The official `asana` package behind one method: threads, timeouts, every request sent once, errors by consequence.

Requests go through the package's `ApiClient.call_api`, which its endpoint classes call too. Those change the caller's
arguments, page behind our back, put a request's body into its query, and name an upload after a file on our disk.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote

import asana
import structlog
from asana.rest import ApiException
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError
from urllib3.util.retry import Retry

from connectors.asana.clock import Clock
from connectors.asana.settings import Settings
from connectors.errors import AuthFailed, Conflict, ConnectorError, NotFound, RateLimited, Rejected, Unavailable
from connectors.throttle import Throttle

Json = dict[str, Any]

PAGE_SIZE: Final = 100
MESSAGE_LENGTH: Final = 300
RETRY_AFTER_SECONDS: Final = 60.0  # the quotas are counted by the minute; used only where the header is missing

# How a message begins that names what it is about: "due_on: ...", "custom_fields[1300]: ...", ...
_NAMED = re.compile(r"custom_fields\W(\d+)|Custom field with ID (\d+)|([a-z_]+):")
_FIELD_OF = {"html_notes": "notes", "memberships": "section", "projects": "section"}

log = structlog.get_logger(__name__)


class Forbidden(Rejected):
    """Asana knows the thing, and does not let our account see or change it."""


class SyncExpired(Conflict):
    """An event token is missing or too old; `sync` is a fresh one. All that happened before must be read anew."""

    def __init__(self, message: str, sync: str) -> None:
        super().__init__(message)
        self.sync = sync


_BY_STATUS: Final[dict[int, type[AuthFailed | Conflict | NotFound | Rejected]]] = {
    400: Rejected,
    401: AuthFailed,
    402: Rejected,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Conflict,
    413: Rejected,
    422: Rejected,
    451: Rejected,
}


def failure(what: str, status: int, headers: Mapping[str, str], body: object) -> ConnectorError:
    """The error for an answer other than 2xx; `body` as bytes, text or JSON already read."""
    answer = _read(body)
    messages = _messages(answer)
    said = "; ".join(messages)[:MESSAGE_LENGTH] or "no reason given"
    if status == 429:
        return RateLimited(f"Asana asks to slow down ({what})", _seconds(headers.get("Retry-After")))
    if answer is None or not 400 <= status < 500:
        return Unavailable(f"Asana answered {status} to {what}" + (f": {said}" if messages else ""))
    if status == 412 and isinstance(answer.get("sync"), str):
        return SyncExpired("the event token has expired", answer["sync"])
    kind = _BY_STATUS.get(status, Rejected)
    text = f"Asana answered {status} to {what}: {said}"
    return kind(text, _named(messages)) if issubclass(kind, Rejected) else kind(text)


def _named(messages: Iterable[str]) -> dict[str, str]:
    """The reasons by the key of the field that each is about."""
    found = {match[match.lastindex or 0]: match.string for match in map(_NAMED.match, messages) if match}
    return {_FIELD_OF.get(name, name): reason[:MESSAGE_LENGTH] for name, reason in found.items()}


def _read(body: object) -> Json | None:
    """JSON as a dict; None for anything else, such as a proxy's page. An empty body says nothing, which is no fault."""
    if not body:
        return {}
    try:
        answer = json.loads(body) if isinstance(body, bytes | str) else body
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _messages(answer: Json | None) -> list[str]:
    errors = (answer or {}).get("errors")
    found = errors if isinstance(errors, list) else []
    return [str(error["message"]) for error in found if isinstance(error, dict) and error.get("message")]


def _seconds(header: str | None) -> float:
    try:
        return max(float(header or ""), 0.0)
    except ValueError:
        return RETRY_AFTER_SECONDS


class Client:
    """One account. Every method raises what `connectors.errors` names, with a text that is safe to show."""

    def __init__(self, settings: Settings) -> None:
        configuration = asana.Configuration()
        configuration.host = settings.url
        configuration.access_token = settings.auth.token.get_secret_value()
        # A request is sent once and a redirect is an answer: what to do about either is the caller's to decide.
        configuration.retry_strategy = Retry(total=0, raise_on_redirect=False)
        configuration.connection_pool_maxsize = settings.limits.concurrency
        self._api = asana.ApiClient(configuration)
        # Only a pair is heeded; a lone float would silently mean no timeout at all.
        self._timeout = (settings.connect_timeout, settings.read_timeout)
        self.throttle = Throttle(settings.limits.requests_per_second, settings.limits.concurrency)
        self._announced: set[str] = set()
        self.clock = Clock()

    async def request(
        self,
        method: str,
        path: str,
        *ids: str,
        query: Mapping[str, Any] | None = None,
        data: object = None,
        form: Sequence[tuple[str, Any]] | None = None,
    ) -> Json:
        """The whole answer (`data`, `next_page`, `sync`, ...). `ids` fill the `{}` of the path, quoted.

        `data` is sent as JSON in Asana's wrapping, `form` as multipart, where a file is `(name, content, media type)`.
        """
        filled = path.format(*(quote(id_, safe="") for id_ in ids))
        return await self.throttle.call(self._send, method, filled, query, data, form)

    async def list_all(self, path: str, *ids: str, query: Mapping[str, Any] | None = None) -> list[Json]:
        """Every item of a list, all pages of it."""
        items: list[Json] = []
        asked: Json = {**(query or {}), "limit": PAGE_SIZE}
        while True:
            answer = await self.request("GET", path, *ids, query=asked)
            items += answer["data"]
            following = answer.get("next_page")
            if not following:
                return items
            asked["offset"] = following["offset"]

    def close(self) -> None:
        """Give back connections and threads."""
        self.throttle.close()
        self._api.rest_client.pool_manager.clear()
        self._api.pool.close()

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        data: object,
        form: Sequence[tuple[str, Any]] | None,
    ) -> Json:
        what, sent = f"{method} {path}", datetime.now(UTC)
        try:
            answer, status, headers = self._api.call_api(
                path,
                method,
                query_params=dict(query or {}),
                header_params={
                    "Accept": "application/json",
                    "Content-Type": "application/json" if form is None else "multipart/form-data",
                },
                body=None if data is None else {"data": data},
                post_params=None if form is None else list(form),
                response_type=object,
                auth_settings=["personalAccessToken"],
                _request_timeout=self._timeout,
            )
        except ApiException as error:
            self._announce(error.headers or {}, sent)
            raise failure(what, error.status, error.headers or {}, error.body) from error
        except HTTPError as error:
            raise _cut(what, error) from error
        self._announce(headers, sent)
        if not isinstance(answer, dict) or "data" not in answer:
            raise Unavailable(f"Asana answered {status} to {what} without JSON data; is a proxy in between?")
        return answer

    def _announce(self, headers: Mapping[str, str], sent: datetime) -> None:
        """Note Asana's clock, and log each announced change of the API once, so that ops hear of it before it comes."""
        with suppress(ValueError, TypeError):
            self.clock.hear(parsedate_to_datetime(headers.get("Date", "")), sent, datetime.now(UTC))
        change = headers.get("Asana-Change")
        if change and change not in self._announced:
            self._announced.add(change)
            log.info("api change announced", system="asana", change=change)


def _cut(what: str, error: HTTPError) -> Unavailable:
    cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
    if isinstance(cause, NewConnectionError | ConnectTimeoutError):
        return Unavailable(f"Asana cannot be reached ({what}, {type(cause).__name__})", sent=False)
    return Unavailable(f"the connection to Asana broke during {what} ({type(cause).__name__})")
