"""Offset tokens: what lists held when their first page was asked for."""

import secrets
import time
from collections import OrderedDict
from typing import Any

from connectors.standins.asana.errors import ApiError

KEPT_LISTINGS = 64
TOKEN_LIFETIME_SECONDS = 900.0


class Listings:
    """What lists held when their first page was asked for, so that later pages neither repeat nor skip."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[float, list[Any]]] = OrderedDict()

    def keep(self, items: list[Any]) -> str:
        """A name under which the rest of a listing can be read for a while."""
        name = f"eyJ{secrets.token_urlsafe(12)}"
        self._kept[name] = (time.monotonic() + TOKEN_LIFETIME_SECONDS, items)
        if len(self._kept) > KEPT_LISTINGS:
            self._kept.popitem(last=False)
        return name

    def at(self, offset: str) -> tuple[str, int, list[Any]]:
        """The name, position and items that a token stands for. Raises ApiError 400."""
        name, _, position = offset.rpartition(".")
        expires, items = self._kept.get(name, (0.0, []))
        if expires < time.monotonic() or not position.isdecimal():
            raise ApiError(400, "offset: Your pagination token has expired.")
        return name, int(position), items

    def expire(self) -> None:
        """Make every token invalid at once."""
        self._kept.clear()
