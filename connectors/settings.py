"""What every connection has, whatever its system: address, webhook secret, limits, patience."""

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class Model(BaseModel):
    """Frozen, and strict about unknown keys, so that a typo is told and not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Webhook(Model):
    """`secret` signs the deliveries; without one, `allow_unsigned` gives the reason why that is accepted."""

    secret: SecretStr | None = Field(default=None, min_length=1)
    allow_unsigned: str | None = Field(default=None, min_length=1)


class Limits(Model):
    """The quota we keep to, `requests_per_second` None: as the vendor's answers say."""

    requests_per_second: float | None = Field(default=None, gt=0)
    concurrency: int = Field(default=8, ge=1, le=64)


class ConnectionSettings(Model):
    """Common to all systems; each connector's `Settings` adds its own `auth` and defaults."""

    url: str
    webhook: Webhook = Webhook()
    limits: Limits = Limits()
    settle_seconds: float = Field(default=120.0, ge=0)
    connect_timeout: float = Field(default=5.0, gt=0)
    read_timeout: float = Field(default=30.0, gt=0)
    max_attachment_mb: int = Field(default=50, ge=0)

    @field_validator("url")
    @classmethod
    def _http_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"expected an address such as https://acme.example, found {url!r}")
        if parts.username or parts.password:
            raise ValueError("an address must not hold credentials; put them under auth")
        return url.rstrip("/")
