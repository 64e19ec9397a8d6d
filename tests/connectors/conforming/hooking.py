"""Webhooks: registered once, delivered by the stand-in to a small listener, verified and understood."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from connectors.contract import Aspect, Change, Connector, HookRequest
from connectors.errors import BadSignature, Malformed
from connectors.lookup import receiver
from connectors.standins.server import running
from tests.connectors.conforming.bench import Bench

SECRET = "a-secret-of-the-hook"
PATIENCE_SECONDS = 60.0


class Listener:
    """Answers as the gateway does: shakes hands where the vendor wants to, keeps everything else."""

    def __init__(self, system: str) -> None:
        self.receiver = receiver(system)
        self.requests: list[HookRequest] = []
        self.secrets: list[str] = [SECRET]

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        asked = Request(scope, receive)
        query = dict(asked.query_params)
        headers = {name.lower(): value for name, value in asked.headers.items()}
        request = HookRequest(asked.method, asked.url.path, query, headers, await asked.body())
        reply = self.receiver.handshake(request)
        if reply is None:
            self.requests.append(request)
            await Response()(scope, receive, send)
        else:
            self.secrets += [reply.secret] if reply.secret else []
            await Response(reply.body, reply.status, dict(reply.headers))(scope, receive, send)

    def changes(self) -> list[Change]:
        """What all deliveries up to now announce."""
        return [change for request in self.requests for change in self.receiver.parse(request)]

    async def announced(self, id_: str, aspect: Aspect) -> Change:
        """Wait until a delivery tells this of a record."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                for change in self.changes():
                    if change.id == id_ and aspect in change.aspects:
                        return change
                await asyncio.sleep(0.02)


class Hooking(Bench):
    """What a subscriber and a receiver promise."""

    @pytest.fixture
    def listener(self) -> Listener:
        return Listener(self.system)

    @pytest.fixture
    def address(self, listener: Listener) -> Iterator[str]:
        with running(listener) as url:
            yield f"{url}/hooks/desk"

    async def subscribe(self, connector: Connector, address: str) -> None:
        """Register all hooks that the scope needs."""
        for hook in connector.hook_names(self.object_, self.scope):
            await connector.subscribe(f"{address}/{hook}" if hook else address, hook, SECRET)

    async def test_subscribing_twice_leaves_one(self, connector: Connector, address: str, listener: Listener) -> None:
        await self.subscribe(connector, address)
        await self.subscribe(connector, address)
        names = connector.hook_names(self.object_, self.scope)
        hooks = await connector.hooks(address)
        assert len(hooks) == len(names)
        assert all(hook.active for hook in hooks)
        for hook in hooks:
            await connector.unsubscribe(await connector.renew(hook))
            await connector.unsubscribe(hook)
        assert await connector.hooks(address) == []

    async def test_edit_comment_deletion_announced(
        self, connector: Connector, ana: Connector, address: str, listener: Listener
    ) -> None:
        record = await self.make(connector)
        await self.subscribe(connector, address)
        await ana.update(record, {self.title: "Edited"}, {})
        change = await listener.announced(record.ref.id, Aspect.FIELDS)
        assert change.object == self.object_
        await ana.add_comment(record.ref, "Hello")
        await listener.announced(record.ref.id, Aspect.COMMENTS)
        await ana.delete(record.ref)
        await listener.announced(record.ref.id, Aspect.DELETED)

    async def test_only_true_signature_passes(
        self, connector: Connector, ana: Connector, address: str, listener: Listener
    ) -> None:
        record = await self.make(connector)
        await self.subscribe(connector, address)
        await ana.update(record, {self.title: "Edited"}, {})
        await listener.announced(record.ref.id, Aspect.FIELDS)
        assert (len(listener.secrets) > 1) == listener.receiver.shakes_hands
        for request in listener.requests:
            listener.receiver.verify(request, ["another", *listener.secrets])
        request = listener.requests[-1]
        forged = replace(request, body=request.body + b" ")
        unsigned = replace(request, headers={})
        for bad, secrets in ((forged, listener.secrets), (unsigned, listener.secrets), (request, ["x"]), (request, [])):
            with pytest.raises(BadSignature):
                listener.receiver.verify(bad, secrets)

    async def test_repeat_keeps_its_identity(
        self, connector: Connector, ana: Connector, address: str, listener: Listener
    ) -> None:
        record = await self.make(connector)
        await self.subscribe(connector, address)
        await ana.update(record, {self.title: "Edited"}, {})
        await listener.announced(record.ref.id, Aspect.FIELDS)
        request = listener.requests[-1]
        once = listener.receiver.delivery_id(request)
        assert once == listener.receiver.delivery_id(replace(request, path="/again"))
        others = {listener.receiver.delivery_id(other) for other in listener.requests if other.body != request.body}
        assert once not in others

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"not json", b'{"events": 3}', b"\xff\xfe"])
    def test_odd_body_is_malformed(self, body: bytes) -> None:
        with pytest.raises(Malformed):
            receiver(self.system).parse(HookRequest("POST", "/hooks/desk", {}, {}, body))
