"""Webhooks: verified over the raw bytes, parsed by the connector, committed to lanes, and only then answered 2xx."""

import time
from collections import OrderedDict
from collections.abc import Sequence

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors import lookup
from connectors.contract import HookRequest, Receiver
from connectors.errors import BadSignature, Malformed
from connectors.settings import ConnectionSettings
from mappings.workspace import Workspace
from workers.connections import SettingsKept
from workers.lanes import Lanes
from workers.metrics import WEBHOOKS
from workers.secrets import SecretBox
from workers.settings import Settings
from workers.workspace import WorkspaceFolder
from workflows.store import hooks
from workflows.store.database import Store

REPLAY_SECONDS = 600.0
REPLAYS_KEPT = 100_000

log = structlog.get_logger()


class HookError(Exception):
    """Why a webhook is refused: the status, and a sentence for the log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class HookDesk:
    """Receives what vendors deliver."""

    def __init__(self, settings: Settings, folder: WorkspaceFolder, store: Store, lanes: Lanes) -> None:
        self._settings, self._folder, self._store, self._lanes = settings, folder, store, lanes
        self._connections = SettingsKept()
        self._box = SecretBox(settings.store_key)
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._secrets: dict[tuple[str, str], tuple[float, list[str]]] = {}

    async def receive(self, request: Request) -> Response:
        """The route of `/hooks/{connection}` and `/hooks/{connection}/{hook}`."""
        connection = request.path_params["connection"]
        try:
            return await self._receive(request, connection)
        except HookError as error:
            log.warning("webhook refused", connection=connection, status=error.status, reason=str(error))
            WEBHOOKS.labels(connection if error.status != 404 else "unknown", str(error.status)).inc()
            headers = {"Retry-After": "5"} if error.status == 503 else {}
            return JSONResponse({"error": str(error)}, error.status, headers)

    async def _receive(self, request: Request, connection: str) -> Response:
        workspace = self._folder.current()
        if connection not in workspace.connections:
            raise HookError(404, "there is no such connection")
        receiver = lookup.receiver(workspace.connections[connection].system)
        hook_request = await self._read(request)
        reply = receiver.handshake(hook_request)
        if reply is not None:
            await self._shake_hands(connection, hook_request.hook, reply.secret or "")
            return Response(reply.body, reply.status, dict(reply.headers))
        await self._verify(workspace, connection, receiver, hook_request)
        await self._hand_on(workspace, connection, receiver, hook_request)
        WEBHOOKS.labels(connection, "200").inc()
        return Response(status_code=200)

    async def _read(self, request: Request) -> HookRequest:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._settings.body_limit:
                raise HookError(413, f"the body is larger than {self._settings.body_limit} bytes")
        headers = {name.lower(): value for name, value in request.headers.items()}
        hook = request.path_params.get("hook", "")
        return HookRequest(request.method, request.url.path, dict(request.query_params), headers, bytes(body), hook)

    async def _shake_hands(self, connection: str, hook: str, secret: str) -> None:
        async with self._store.begin() as tx:
            if not await hooks.hand_over(tx, connection, hook, self._box.close(secret), time.time()):
                raise HookError(401, "a handshake that nobody here asked for")
        self._secrets.pop((connection, hook), None)
        log.info("webhook handshake done", connection=connection, hook=hook)

    async def _verify(self, workspace: Workspace, connection: str, receiver: Receiver, request: HookRequest) -> None:
        settings = self._connections.get(workspace, connection)
        if not isinstance(settings, ConnectionSettings):
            raise HookError(404, "this connection takes no webhooks")
        if settings.webhook.allow_unsigned and settings.webhook.secret is None:
            return
        secrets = await self._known_secrets(settings, connection, receiver, request.hook)
        if not secrets:
            raise HookError(401, "no webhook secret is known for this connection, so nothing can be verified")
        try:
            receiver.verify(request, secrets)
        except BadSignature as error:
            self._secrets.pop((connection, request.hook), None)
            raise HookError(401, str(error)) from error

    async def _known_secrets(
        self, settings: ConnectionSettings, connection: str, receiver: Receiver, hook: str
    ) -> Sequence[str]:
        if not receiver.shakes_hands:
            secret = settings.webhook.secret
            return [secret.get_secret_value()] if secret is not None else []
        kept = self._secrets.get((connection, hook))
        if kept is None or kept[0] < time.monotonic():
            async with self._store.read() as tx:
                stored = await hooks.secret(tx, connection, hook)
            if stored is None:
                return []  # not remembered: another gateway may be shaking hands at this moment
            kept = (time.monotonic() + 60.0, [self._box.open(stored)])
            self._secrets[(connection, hook)] = kept
        return kept[1]

    async def _hand_on(self, workspace: Workspace, connection: str, receiver: Receiver, request: HookRequest) -> None:
        delivery = f"{connection}/{receiver.delivery_id(request)}"
        if self._is_repeat(delivery):
            return
        try:
            changes = receiver.parse(request)
        except Malformed as error:
            raise HookError(400, str(error)) from error
        try:
            await self._lanes.commit(workspace, connection, changes)
        except Exception as error:
            raise HookError(503, f"Temporal did not accept it: {type(error).__name__}") from error
        self._remember(delivery)

    def _is_repeat(self, delivery: str) -> bool:
        return self._seen.get(delivery, 0.0) > time.monotonic()

    def _remember(self, delivery: str) -> None:
        """Only once it is durably accepted: a repeat of a refused delivery must be taken in."""
        self._seen[delivery] = time.monotonic() + REPLAY_SECONDS
        while len(self._seen) > REPLAYS_KEPT:
            self._seen.popitem(last=False)
