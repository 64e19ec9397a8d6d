"""Due and start: a day or a moment, never both, and no start without a due date in the same request."""

from datetime import UTC, datetime
from typing import Any

from connectors.standins.asana import model
from connectors.standins.asana.errors import ApiError

NAMES = ("due_on", "due_at", "start_on", "start_at")


def day(name: str, value: object) -> str | None:
    """A day such as 2026-12-01. Raises ApiError 400."""
    if value is None:
        return None
    try:
        return datetime.strptime(str(value), "%Y-%m-%d").replace(tzinfo=UTC).date().isoformat()
    except ValueError as error:
        raise ApiError(400, f"{name}: Not a valid date: {value}. Expected YYYY-MM-DD") from error


def moment(name: str, value: object) -> str | None:
    """A moment in UTC with milliseconds, from any ISO 8601 time. Raises ApiError 400."""
    if value is None:
        return None
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ApiError(400, f"{name}: Not a valid datetime: {value}. Expected ISO 8601") from error
    zoned = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def changed(task: model.Task, data: dict[str, Any]) -> dict[str, str | None]:
    """The dates of the task after a write of `data`; empty when it names none. Raises ApiError 400."""
    sent: dict[str, str | None] = {name: day(name, data[name]) for name in ("due_on", "start_on") if name in data}
    sent.update((name, moment(name, data[name])) for name in ("due_at", "start_at") if name in data)
    if not sent:
        return {}
    for kind in ("due", "start"):
        if sent.get(f"{kind}_on") and sent.get(f"{kind}_at"):
            raise ApiError(400, f"{kind}_at: Only one of {kind}_on and {kind}_at can be set")
    starting = [name for name in ("start_on", "start_at") if name in sent]
    if starting and "due_on" not in sent and "due_at" not in sent:
        raise ApiError(
            400, f"{starting[0]}: due_on or due_at must be present in the request when setting {starting[0]}"
        )
    result: dict[str, str | None] = {name: getattr(task, name) for name in NAMES}
    for kind in ("due", "start"):
        names = (f"{kind}_on", f"{kind}_at")
        if any(name in sent for name in names):
            result.update((name, sent.get(name)) for name in names)
    if result["due_on"] is None and result["due_at"] is None:
        result.update(start_on=None, start_at=None)
    _check_order(result)
    return result


def _check_order(dates: dict[str, str | None]) -> None:
    start = dates["start_at"] or dates["start_on"]
    due = dates["due_at"] or dates["due_on"]
    if dates["start_at"] and not dates["due_at"]:
        raise ApiError(400, "start_at: due_at must be set when start_at is set")
    if start and due and start[: len(due)] > due[: len(start)]:
        raise ApiError(400, "start_on: The start date must be on or before the due date")
