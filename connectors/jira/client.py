"""The `jira` package, made fit for a service.

The package gives address, sign-in and HTTP session. Its session's own `request` is passed by on purpose: it sends POST
again after a broken connection, loads a streamed file whole, loses the field names of an error, and its errors print
headers. A session belongs to one thread, so each thread of the throttle has its own `JIRA`.
"""

import asyncio
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

import requests
from jira import JIRA
from requests_toolbelt import MultipartEncoder  # type: ignore[import-untyped]

from connectors.errors import AuthFailed, Rejected
from connectors.jira.answers import body_of, from_exception, from_status
from connectors.jira.dialect import CLOUD, DATA_CENTER, Dialect
from connectors.jira.settings import Settings
from connectors.outbound import refusal
from connectors.throttle import Throttle

CHUNK_BYTES: Final = 64 * 1024
REDIRECTS_AT_MOST: Final = 5
# With a bad token we are anonymous to Jira, and to a stranger a record is missing, a project no valid value.
DOUBTFUL: Final = frozenset({400, 404})


class Client:
    """Requests to one Jira, each sent once and with a timeout. Every method raises the errors of `connectors.errors`.

    A path is relative to `/rest/api/<version>/`, or absolute on the server where it begins with a slash.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.base = settings.url
        self.site = settings.url
        """Where people open it, which is another address where `url` is that of Atlassian's API gateway."""
        self._settings = settings
        self.throttle = Throttle(settings.limits.requests_per_second, settings.limits.concurrency)
        self._timeout = (settings.connect_timeout, settings.read_timeout)
        self._local = threading.local()
        self._opened: list[JIRA] = []
        self._dialect = {"cloud": CLOUD, "datacenter": DATA_CENTER, None: None}[settings.deployment]
        self._asking = asyncio.Lock()

    async def dialect(self) -> Dialect:
        """Which Jira this is; asked once where the settings do not say."""
        async with self._asking:
            if self._dialect is None:
                info = await self._json("GET", f"{self.base}/rest/api/2/serverInfo")
                self._dialect = CLOUD if info.get("deploymentType") == "Cloud" else DATA_CENTER
                self.site = str(info.get("baseUrl") or self.base).rstrip("/")
            return self._dialect

    async def get(self, path: str, **params: Any) -> Any:
        """GET; the JSON of the answer."""
        return await self._json("GET", await self._url(path), params=params)

    async def post(self, path: str, body: Any) -> Any:
        """POST; the JSON of the answer."""
        return await self._json("POST", await self._url(path), json=body)

    async def put(self, path: str, body: Any, **params: Any) -> Any:
        """PUT; the JSON of the answer."""
        return await self._json("PUT", await self._url(path), json=body, params=params)

    async def delete(self, path: str, **params: Any) -> None:
        """DELETE."""
        await self._json("DELETE", await self._url(path), params=params)

    async def upload(self, path: str, source: Path, name: str, media_type: str) -> Any:
        """POST a file as it is read from disk; the JSON of the answer."""
        return await self.throttle.call(self._upload, await self._url(path), source, name, media_type)

    async def download(self, path: str, to: Path, limit: int) -> None:
        """GET into a file. Raises Rejected, and leaves no file, where there are more than `limit` bytes."""
        await self.throttle.call(self._download, await self._url(path), to, limit)

    def close(self) -> None:
        """Give back connections and threads."""
        self.throttle.close()
        for jira in self._opened:
            jira.close()  # type: ignore[no-untyped-call]

    async def _url(self, path: str) -> str:
        if path.startswith("/"):
            return self.base + path
        return f"{self.base}/rest/api/{(await self.dialect()).version}/{path}"

    async def _json(self, method: str, url: str, **parts: Any) -> Any:
        return await self.throttle.call(self._answer, method, url, **parts)

    def _answer(self, method: str, url: str, **parts: Any) -> Any:
        return body_of(self._where(method, url), self._send(method, url, **parts))

    def _jira(self) -> JIRA:
        jira = getattr(self._local, "jira", None)
        if jira is None:
            auth, token = self._settings.auth, self._settings.auth.token.get_secret_value().strip()
            signed: dict[str, Any] = {"basic_auth": (auth.email, token)} if auth.email else {"token_auth": token}
            jira = JIRA(server=self.base, get_server_info=False, max_retries=0, timeout=self._timeout, **signed)
            self._local.jira = jira
            self._opened.append(jira)
        return jira

    def _send(self, method: str, url: str, *, follow: bool = False, **parts: Any) -> requests.Response:
        where, session = self._where(method, url), self._jira()._session
        try:
            answer = requests.Session.request(
                session, method, url, timeout=self._timeout, allow_redirects=False, **parts
            )
            if follow:
                answer = self._followed(session, answer)
        except requests.RequestException as error:
            raise from_exception(where, error) from error
        if answer.status_code in DOUBTFUL and self._are_strangers():
            raise AuthFailed(f"{self.name}: Jira does not know our account any more; make a new token, they expire")
        if not 200 <= answer.status_code < 300:
            raise from_status(where, answer)
        return answer

    def _followed(self, session: requests.Session, answer: requests.Response) -> requests.Response:
        """Jira sends files from a media host: go there, leave our sign-in behind, and nowhere that is not safe."""
        for _ in range(REDIRECTS_AT_MOST):
            following = answer.next
            if following is None:
                break
            refused = refusal(following.url or "", self.base)
            if refused:
                raise Rejected(f"{self.name}: the place of the file is not safe to follow: it is {refused}")
            settings = session.merge_environment_settings(following.url or "", {}, True, None, None)
            answer = requests.Session.send(session, following, timeout=self._timeout, allow_redirects=False, **settings)
        return answer

    def _are_strangers(self) -> bool:
        url = f"{self.base}/rest/api/2/myself"
        with suppress(requests.RequestException):
            answer = requests.Session.request(
                self._jira()._session, "GET", url, timeout=self._timeout, allow_redirects=False
            )
            return answer.status_code == 401
        return False

    def _upload(self, url: str, source: Path, name: str, media_type: str) -> Any:
        with source.open("rb") as file:
            form = MultipartEncoder(fields={"file": (name, file, media_type)})
            headers = {"Content-Type": form.content_type, "X-Atlassian-Token": "no-check"}
            return body_of(self._where("POST", url), self._send("POST", url, data=form, headers=headers))

    def _download(self, url: str, to: Path, limit: int) -> None:
        answer = self._send("GET", url, stream=True, follow=True)
        try:
            with answer, to.open("wb") as file:
                self._copy(answer, file, limit)
        except requests.RequestException as error:
            to.unlink(missing_ok=True)
            raise from_exception(self._where("GET", url), error) from error
        except BaseException:
            to.unlink(missing_ok=True)
            raise

    def _copy(self, answer: requests.Response, file: BinaryIO, limit: int) -> None:
        size = 0
        for chunk in answer.iter_content(CHUNK_BYTES):
            size += len(chunk)
            if size > limit:
                raise Rejected(f"{self.name}: the file has more than the {limit} bytes that are allowed")
            file.write(chunk)

    def _where(self, method: str, url: str) -> str:
        return f"{self.name}: {method} {url.removeprefix(self.base)}"
