"""What a connection to Asana is configured with."""

from typing import Literal

from pydantic import Field, SecretStr

from connectors.settings import ConnectionSettings, Model


class Auth(Model):
    """A personal access token, a service account's token, or an OAuth access token."""

    token: SecretStr


class FieldMarker(Model):
    """Keep the marker in the text custom field of this name, which every synced project must have."""

    field: str = Field(min_length=1)


class Settings(ConnectionSettings):
    """`marker` says where a created task carries its link: a custom field, a line of the notes, or `external`.

    None: the project's text field "Syncline" or "External ID", else a last line of the notes. `external` works with
    OAuth tokens only. `settle_seconds` is short because Asana reads what it has just written; what remains is a
    request that was cut and is still being carried out.
    """

    url: str = "https://app.asana.com/api/1.0"
    auth: Auth
    marker: FieldMarker | Literal["notes", "external"] | None = None
    settle_seconds: float = Field(default=30.0, ge=0)
