"""What the tests share: a gateway on its own, and a whole service whose payloads are encrypted."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.conftest import Place
from tests.service import Service
from tests.workers.front_door import front_door
from tests.workflows.bench import Bench, bench

PAYLOAD_KEY = "the payload key of these tests"


@pytest.fixture(scope="package")
def door(places: Callable[[], Place], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """See `tests.workers.front_door`."""
    with front_door(tmp_path_factory.mktemp("door"), places()) as service:
        yield service


@pytest.fixture(scope="package")
def sealed(places: Callable[[], Place], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """See `tests.workflows.bench`; with a payload key, as people set it."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("SYNCLINE_PAYLOAD_KEY", PAYLOAD_KEY)
            made = stack.enter_context(bench(tmp_path_factory.mktemp("sealed"), places()))
        yield made
