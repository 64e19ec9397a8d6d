"""The settings of the service, read once from the environment (prefix `SYNCLINE_`)."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything that can be set from outside; times in seconds."""

    model_config = SettingsConfigDict(env_prefix="SYNCLINE_", env_ignore_empty=True, extra="ignore", frozen=True)

    workspace: Path = Field(default=Path("workspace"), description="the folder with connections.yaml and mappings/")
    http: str = Field(default="127.0.0.1:8480", description="where the gateway listens")
    public_url: str | None = Field(default=None, description="how the tools reach us; hooks are registered under it")
    database_url: SecretStr | None = Field(default=None, description="PostgreSQL instead of the workspace's file")
    store_key: SecretStr | None = Field(default=None, description="encrypts secrets that vendors hand over")
    temporal_address: str | None = Field(default=None, description="a Temporal cluster instead of the embedded one")
    temporal_namespace: str = Field(default="default", description="the namespace in it")
    temporal_api_key: SecretStr | None = Field(default=None, description="its API key; the connection is TLS then")
    payload_key: SecretStr | None = Field(default=None, description="encrypts payloads in Temporal")
    sweep_seconds: float = Field(default=60.0, gt=0, description="between sweeps for what no webhook told")
    full_sweep_seconds: float = Field(default=6 * 3600.0, gt=0, description="between full sweeps")
    body_limit: int = Field(default=5_000_000, gt=0, description="bytes of a webhook")
    attachment_limit: int = Field(default=50_000_000, ge=0, description="bytes of an attachment that is copied")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")

    @property
    def store_url(self) -> str:
        """The database, as SQLAlchemy wants it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        # Imported only here, so that processes without a store load no database.
        from workflows.store.database import default_url

        return default_url(self.workspace.resolve())

    @property
    def host(self) -> str:
        """The host part of `http`."""
        return self.http.rpartition(":")[0] or "127.0.0.1"

    @property
    def port(self) -> int:
        """The port part of `http`."""
        return int(self.http.rpartition(":")[2])

    @property
    def embedded(self) -> bool:
        """Whether `run` brings its own Temporal."""
        return self.temporal_address is None
