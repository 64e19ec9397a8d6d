"""Webhooks are registered once, however often the service looks after them."""

from connectors.contract import Hook
from tests.workflows.bench import Bench
from workers.connections import WorkspaceConnections
from workers.registering import hook_url, needed_hooks, register_hooks


def test_hooks_are_registered_once(rig: Bench) -> None:
    folder, settings = rig.service.folders[0], rig.service.settings
    public_url = str(settings.public_url)

    async def care_again() -> list[list[Hook]]:
        connections = WorkspaceConnections(folder.current)
        try:
            for _ in range(2):
                assert await register_hooks(folder.current(), connections, rig.service.store, public_url) == []
            needed = sorted(needed_hooks(folder.current(), connections))
            urls = [(connection, hook_url(public_url, connection, hook)) for connection, hook in needed]
            return [await connections.get(connection).hooks(url) for connection, url in urls]
        finally:
            await connections.close()

    registered = rig.service.do(care_again)
    assert [[hook.active for hook in hooks] for hooks in registered] == [[True], [True]]


def test_hook_still_works_afterwards(rig: Bench) -> None:
    for here in ("eng", "mkt"):
        rig.pair(f"After the second registration in {here}", here)
