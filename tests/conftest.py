"""What all tests may share: one Temporal server with namespaces that nobody else uses, and one PostgreSQL."""

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgresql import NONE_HERE, Server, programs
from tests.service import NAMESPACES, temporal
from workflows.store.database import default_url

# Neither a busy machine nor chance decides a test: every run tries the same examples. To look for new ones, set
# SYNCLINE_EXPLORE.
settings.register_profile("tests", deadline=None, derandomize="SYNCLINE_EXPLORE" not in os.environ)
settings.load_profile("tests")


DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Place:
    """Where a service finds its Temporal."""

    address: str
    namespace: str


@pytest.fixture(scope="session")
def places() -> Iterator[Callable[[], Place]]:
    """Gives a new namespace at each call; the server starts with the first test that asks."""
    with temporal() as address:
        left = iter(NAMESPACES)
        yield lambda: Place(address, next(left))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A running PostgreSQL; who asks is skipped where there is none."""
    if programs() is None:
        pytest.skip(NONE_HERE)
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.close()


def _empty(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        return default_url(folder)
    server: Server = request.getfixturevalue("postgresql")
    return server.url(server.create())


# Whoever stores something is tried on both. Only on SQLite are those where the store is not what may break, and which
# take long: the demo, the command line, the pages in a browser, the security of what comes in.
@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: once a SQLite file, once in PostgreSQL."""
    return _empty(request, tmp_path)


@pytest.fixture(scope="module", params=DATABASES)
def service_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same for a service that all tests of a module share."""
    return _empty(request, tmp_path_factory.mktemp("store"))


@pytest.fixture(autouse=True, scope="session")
def _quiet() -> None:
    """A line for every request of every test would bury what a failing test has to say."""
    for name in ("httpx", "httpcore", "temporalio"):
        logging.getLogger(name).setLevel(logging.WARNING)
