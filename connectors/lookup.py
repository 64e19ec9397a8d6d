"""System name to connector, imported only when asked for, so that a process loads no SDK that it does not use."""

from importlib import import_module
from typing import Any

from pydantic import BaseModel

from connectors.contract import Connector, ObjectType, Receiver
from connectors.throttle import Quota

SYSTEMS = ("asana", "jira")


def _load(system: str, module: str, name: str) -> Any:
    if system not in SYSTEMS:
        raise KeyError(f"no connector for system {system!r}; there are: {', '.join(SYSTEMS)}")
    return getattr(import_module(f"connectors.{system}.{module}"), name)


def settings_model(system: str) -> type[BaseModel]:
    """The model of a connection's settings for this system. Raises KeyError."""
    model: type[BaseModel] = _load(system, "settings", "Settings")
    return model


def standard_object(system: str, object_: str) -> ObjectType | None:
    """The fields that every account of this system has, without asking it; None for an unknown object."""
    objects: dict[str, ObjectType] = _load(system, "fields", "STANDARD")
    return objects.get(object_)


def receiver(system: str) -> Receiver:
    """What understands this system's webhooks. Loads no SDK."""
    made: Receiver = _load(system, "hooks", "RECEIVER")
    return made


def connect(system: str, name: str, settings: BaseModel, quota: Quota | None = None) -> Connector:
    """A connector for one connection; with `quota` it keeps its rate together with others. Loads the system's SDK."""
    made: Connector = _load(system, "connector", "connect")(name, settings, quota)
    return made
