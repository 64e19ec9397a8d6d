"""While Temporal does not answer, no webhook is acknowledged; the sender's later retry is taken in."""

import os
import signal
from pathlib import Path

import httpx

from tests.conftest import Place
from tests.service import NAMESPACES, temporal_process
from tests.workers.front_door import front_door, post, signed, taken_in, updated


def test_unaccepted_delivery_is_retried(tmp_path: Path) -> None:
    headers = {**signed(updated(7)), "X-Atlassian-Webhook-Identifier": "delivery-7"}
    with temporal_process() as (address, process), front_door(tmp_path, Place(address, NAMESPACES[0])) as door:
        assert httpx.get(f"{door.url}/readyz").status_code == 200
        os.kill(process.pid, signal.SIGSTOP)
        try:
            refused = post(door, "eng-jira", updated(7), headers)
        finally:
            os.kill(process.pid, signal.SIGCONT)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert post(door, "eng-jira", updated(7), headers).status_code == 200
        assert "eng-jira:issue:7" in taken_in(door)
