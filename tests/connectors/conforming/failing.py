"""Failures: every status and every broken connection becomes the error that tells the caller what to do."""

import socket

import pytest

from connectors.contract import Connector
from connectors.errors import AuthFailed, Conflict, ConnectorError, NotFound, RateLimited, Rejected, Unavailable
from connectors.lookup import connect
from connectors.standins.control import Control, Fault
from tests.connectors.conforming.bench import BOT, CONNECTION, NOBODY, Bench

BY_STATUS: dict[int, type[ConnectorError]] = {
    400: Rejected,
    401: AuthFailed,
    403: Rejected,
    404: NotFound,
    409: Conflict,
    412: Conflict,
    413: Rejected,
    422: Rejected,
    429: RateLimited,
    500: Unavailable,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


class Failing(Bench):
    """How errors are named."""

    @pytest.mark.parametrize(("status", "error"), BY_STATUS.items())
    async def test_status_becomes_error(
        self, connector: Connector, control: Control, status: int, error: type[ConnectorError]
    ) -> None:
        record = await self.make(connector)
        await connector.comments(record.ref)
        control.faults = [Fault(".", "status", times=0, status=status)]
        with pytest.raises(ConnectorError) as caught:
            await connector.add_comment(record.ref, "Hello")
        assert isinstance(caught.value, error)
        assert BOT not in str(caught.value)

    @pytest.mark.parametrize(("after", "least"), [(7.0, 7.0), (None, 1.0)])
    async def test_rate_limit_tells_when(
        self, connector: Connector, control: Control, after: float | None, least: float
    ) -> None:
        record = await self.make(connector)
        control.faults = [Fault(".", "status", times=0, status=429, retry_after=after)]
        with pytest.raises(RateLimited) as caught:
            await self.read(connector, record)
        assert caught.value.retry_after >= least

    @pytest.mark.parametrize("status", [401, 429, 500])
    async def test_failed_update_raises(self, connector: Connector, control: Control, status: int) -> None:
        record = await self.make(connector)
        control.faults = [Fault(".", "status", times=0, status=status)]
        with pytest.raises(BY_STATUS[status]):
            await connector.update(record, {self.title: "Edited"}, {})
        control.faults = []
        assert (await self.read(connector, record)).fields[self.title] == "Launch page"

    async def test_slow_answer_is_unavailable(self, connector: Connector, control: Control) -> None:
        record = await self.make(connector)
        control.faults = [Fault(".", "slow", times=0, seconds=30)]
        with pytest.raises(Unavailable) as caught:
            await self.read(connector, record)
        assert caught.value.sent

    async def test_cut_answer_is_unavailable(self, connector: Connector, control: Control) -> None:
        record = await self.make(connector)
        control.faults = [Fault(".", "cut_before", times=0)]
        with pytest.raises(Unavailable):
            await self.read(connector, record)

    async def test_unreachable_was_never_sent(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        connector = connect(self.system, CONNECTION, self.settings(f"http://127.0.0.1:{port}", BOT))
        with pytest.raises(Unavailable) as caught:
            await self.make(connector)
        assert not caught.value.sent
        await connector.close()

    async def test_wrong_token_writes_nothing(self, url: str, connector: Connector) -> None:
        record = await self.make(connector)
        stranger = connect(self.system, CONNECTION, self.settings(url, NOBODY))
        with pytest.raises(AuthFailed):
            await self.make(stranger)
        with pytest.raises(AuthFailed):
            await stranger.update(record, {self.title: "Edited"}, {})
        with pytest.raises(AuthFailed):
            await stranger.add_comment(record.ref, "Hello")
        with pytest.raises(AuthFailed):
            await stranger.delete(record.ref)
        await stranger.close()

    async def test_wrong_token_is_told(self, url: str, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("DEBUG")
        connector = connect(self.system, CONNECTION, self.settings(url, NOBODY))
        with pytest.raises(AuthFailed) as caught:
            await connector.me()
        with pytest.raises(AuthFailed):
            await connector.fetch(["1"], self.object_, [self.title], self.scope)
        with pytest.raises(AuthFailed):
            await connector.scan(self.object_, self.scope, None, [self.title])
        assert NOBODY not in f"{caught.value!r} {caught.value}"
        assert NOBODY not in caplog.text
        await connector.close()
