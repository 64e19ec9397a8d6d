"""Lists: with `limit` in pages that an offset token continues, without it in one piece that may be cut short."""

from typing import Any
from urllib.parse import urlencode

from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.routing import Answer, Call

LONGEST_UNPAGED = 1000


def limit_of(call: Call) -> int | None:
    """The page size asked for. Raises ApiError 400 outside 1 to 100."""
    text = call.query.get("limit")
    if text is None:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise ApiError(400, "limit: Must be an integer between 1 and 100")
    return int(text)


def paged(call: Call, items: list[Any]) -> Answer:
    """A page of a list whose resources all have a gid; what was deleted since the first page is left out."""
    limit, offset = limit_of(call), call.query.get("offset")
    if limit is None and offset is None:
        return Answer(200, {"data": call.many(items[:LONGEST_UNPAGED])})
    name, start, items = call.world.listings.at(offset) if offset else ("", 0, items)
    end = start + (limit or 100)
    alive = [item for item in items[start:end] if call.world.objects.get(item.gid) is item]
    next_page = None
    if end < len(items):
        next_page = _next_page(call, f"{name or call.world.listings.keep(items)}.{end}")
    return Answer(200, {"data": call.many(alive), "next_page": next_page})


def _next_page(call: Call, offset: str) -> dict[str, str]:
    path = f"{call.path}?{urlencode({**call.query, 'offset': offset})}"
    return {"offset": offset, "path": path, "uri": f"{call.base}/api/1.0{path}"}
