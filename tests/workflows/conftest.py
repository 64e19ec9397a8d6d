"""A running service between two stand-ins for all tests that need no other; each test brings its own records."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.conftest import DATABASES, Place
from tests.postgresql import NONE_HERE, Server, programs
from tests.workflows.bench import Bench, bench


@pytest.fixture(scope="session")
def rigs(
    places: Callable[[], Place], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Bench]]:
    """The service on a database, started when it is first asked for. No parameter: each change would start it anew."""
    # Asked for before any service runs, so that it ends after them.
    server: Server | None = request.getfixturevalue("postgresql") if programs() else None
    with ExitStack() as stack:

        @cache
        def rig(database: str) -> Bench:
            if database == "postgresql" and server is None:
                pytest.skip(NONE_HERE)
            url = server.url(server.create()) if database == "postgresql" and server else None
            return stack.enter_context(bench(tmp_path_factory.mktemp("rig"), places(), url=url))

        yield rig


@pytest.fixture(params=DATABASES)
def rig(rigs: Callable[[str], Bench], request: pytest.FixtureRequest) -> Bench:
    """See `tests.workflows.bench`."""
    return rigs(request.param)
