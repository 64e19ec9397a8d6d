"""What Temporal keeps: nothing of a record where payloads are encrypted, and never a secret."""

from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr
from temporalio.client import Client

from tests.conftest import Place
from tests.service import Service
from tests.workers.front_door import SECRETS, front_door, post, signed, taken_in, updated
from tests.workflows.bench import Bench, bench
from workers.payloads import ENCODING, encrypted

TITLE = "Acquisition of Globex, confidential"
TOKENS = (b"bot-token", b"jira-hook-secret", *(secret.encode() for secret in SECRETS))


def kept(service: Service) -> bytes:
    """Everything that Temporal keeps of all lanes, read by a client that has no key."""
    settings = service.settings

    async def reading() -> bytes:
        client = await Client.connect(settings.temporal_address or "", namespace=settings.temporal_namespace)
        found = [run async for run in client.list_workflows()]
        histories = [await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history() for run in found]
        return b"".join(event.SerializeToString() for history in histories for event in history.events)

    return service.do(reading)


@pytest.fixture(scope="module")
def plain(places: Callable[[], Place], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A service whose payloads are not encrypted."""
    with bench(tmp_path_factory.mktemp("plain"), places()) as made:
        yield made


def live(made: Bench) -> dict[str, str]:
    """A record that lives: made, changed, commented, refused once. Its ids."""
    ids = made.pair(TITLE, "eng", details=f"{TITLE} at once")
    made.desks["mkt"].comment(ids["mkt"], f"{TITLE} so soon")
    made.desks["eng"].edit(ids["eng"], title=f"{TITLE}, again", status="done")
    made.shows("mkt", ids["mkt"], title=f"{TITLE}, again")
    made.quiet()
    return ids


def test_encrypted_history_tells_nothing(sealed: Bench) -> None:
    ids = live(sealed)
    history = kept(sealed.service)
    assert ENCODING in history
    for word in (TITLE, "Globex", *(f":{id_}" for id_ in ids.values()), "eng-jira:", "mkt-asana:"):
        assert word.encode() not in history
    assert not any(token in history for token in TOKENS)


def test_plain_history_holds_no_secret(plain: Bench) -> None:
    ids = live(plain)
    history = kept(plain.service)
    assert f"eng-jira:issue:{ids['eng']}".encode() in history
    assert not any(token in history for token in TOKENS)


def test_record_values_stay_outside(plain: Bench) -> None:
    """Also without a key a history names records, and does not hold what they say."""
    live(plain)
    assert TITLE.encode() not in kept(plain.service)


def test_webhook_body_stays_outside(places: Callable[[], Place], tmp_path_factory: pytest.TempPathFactory) -> None:
    body = updated(5)[:-1] + b', "fields": {"summary": "' + TITLE.encode() + b'"}}'
    with front_door(tmp_path_factory.mktemp("hooks"), places()) as service:
        assert post(service, "eng-jira", body, signed(body)).status_code == 200
        assert taken_in(service) == ["eng-jira:issue:5"]
        history = kept(service)
    assert TITLE.encode() not in history
    assert not any(token in history for token in TOKENS)


async def test_wrong_key_is_told() -> None:
    payloads = await encrypted(SecretStr("the right key")).encode([TITLE])
    assert TITLE.encode() not in payloads[0].SerializeToString()
    with pytest.raises(RuntimeError, match="SYNCLINE_PAYLOAD_KEY is not the key") as refusal:
        await encrypted(SecretStr("another key")).decode(payloads)
    assert "another key" not in str(refusal.value)
    assert await encrypted(SecretStr("the right key")).decode(payloads) == [TITLE]
