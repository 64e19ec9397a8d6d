"""What a connection to Jira needs."""

from typing import Literal

from pydantic import Field, SecretStr

from connectors.settings import ConnectionSettings, Model


class Auth(Model):
    """With `email`, an API token of that account (Cloud); without, a personal access token (Data Center, OAuth)."""

    email: str | None = Field(default=None, min_length=3)
    token: SecretStr


class Settings(ConnectionSettings):
    """`deployment` None: ask the server. `overlap_minutes`: how far a scan goes back for what the index showed late."""

    auth: Auth
    deployment: Literal["cloud", "datacenter"] | None = None
    overlap_minutes: int = Field(default=10, ge=1, le=1440)
