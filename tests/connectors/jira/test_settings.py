"""Settings: what is asked for, and that no secret shows."""

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.jira.settings import Settings
from connectors.lookup import connect

GOOD: dict[str, Any] = {"url": "https://acme.atlassian.net/", "auth": {"email": "a@b.c", "token": "secret-token"}}


def test_secret_never_shows() -> None:
    settings = Settings.model_validate(GOOD)
    assert settings.url == "https://acme.atlassian.net"
    assert "secret-token" not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"auth": {"email": "a@b.c"}}, "auth.token"),
        ({"auth": {"token": "x", "user": "y"}}, "auth.user"),
        ({"url": "acme.atlassian.net"}, "url"),
        ({"deployment": "server"}, "deployment"),
        ({"overlap_minutes": 0}, "overlap_minutes"),
    ],
)
def test_bad_setting_is_named(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({**GOOD, **change})
    assert says in {".".join(map(str, error["loc"])) for error in caught.value.errors()}


def test_foreign_settings_are_refused() -> None:
    from connectors.asana.settings import Settings as AsanaSettings

    with pytest.raises(TypeError, match="Jira"):
        connect("jira", "eng-jira", AsanaSettings.model_validate({"auth": {"token": "x"}}))
