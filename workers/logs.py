"""Logging: structlog, JSON where nobody watches, and secrets blacked out whoever logs them."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

HIDDEN = "[hidden]"
_SECRET_NAMES = ("token", "secret", "password", "authorization", "api_key", "cookie", "signature")
_secrets: set[str] = set()


def keep_secret(value: str) -> None:
    """Black this value out of every log line from now on."""
    if len(value) >= 4:
        _secrets.add(value)


def configure(level: str = "INFO", *, terminal: bool | None = None) -> None:
    """Set logging up for this process; `terminal` None: JSON unless standard error is a terminal."""
    pretty = sys.stderr.isatty() if terminal is None else terminal
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    render: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[
        structlog.stdlib.ProcessorFormatter.remove_processors_meta, render], foreign_pre_chain=shared))  # fmt: skip
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "urllib3", "alembic", "aiosqlite", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: hides fields named like secrets, and known secret values wherever they stand."""
    for name, value in event.items():
        # What begins so is structlog's own, and taken out before it is rendered.
        event[name] = value if name.startswith("_") else _hidden(name, value)
    return event


def hide(text: str) -> str:
    """The text with every known secret blacked out."""
    for secret in _secrets:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return text


def _hidden(name: str, value: Any) -> Any:
    return HIDDEN if any(word in name.lower() for word in _SECRET_NAMES) else _deep(value)


def _deep(value: Any) -> Any:
    """Plain data without secrets; what is no plain data is shown as it would be printed."""
    if isinstance(value, str):
        return hide(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {hide(str(name)): _hidden(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_deep(inner) for inner in value]
    return hide(repr(value))
