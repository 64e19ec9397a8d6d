"""Custom field values as they are written: by gid only, checked by type, and only where the field is attached."""

from collections.abc import Callable, Iterable
from typing import Any

from connectors.standins.asana import dates, model
from connectors.standins.asana.errors import ApiError, not_recognized
from connectors.standins.asana.world import World

LONGEST_TEXT = 1024

Reader = Callable[[World, model.CustomField, Any], Any]


def _text(_world: World, field: model.CustomField, value: Any) -> Any:
    if not isinstance(value, str):
        raise ApiError(400, f"custom_fields[{field.gid}]: Not a string: {value}")
    if len(value) > LONGEST_TEXT:
        raise ApiError(400, f"custom_fields[{field.gid}]: Text is longer than {LONGEST_TEXT} characters")
    return value or None


def _number(_world: World, field: model.CustomField, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ApiError(400, f"custom_fields[{field.gid}]: Not a number: {value}")
    return value


def _option(_world: World, field: model.CustomField, value: Any) -> Any:
    option = next((option for option in field.options if option.gid == value), None)
    if option is None:
        raise not_recognized(f"custom_fields[{field.gid}]", value)
    if not option.enabled:
        raise ApiError(400, f"custom_fields[{field.gid}]: Enum option is disabled: {value}")
    return option


def _list(field: model.CustomField, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ApiError(400, f"custom_fields[{field.gid}]: Not an array: {value}")
    return value


def _options(world: World, field: model.CustomField, value: Any) -> Any:
    return [_option(world, field, gid) for gid in dict.fromkeys(_list(field, value))]


def _people(world: World, field: model.CustomField, value: Any) -> Any:
    return [world.refer(model.User, gid, f"custom_fields[{field.gid}]") for gid in dict.fromkeys(_list(field, value))]


def _date(_world: World, field: model.CustomField, value: Any) -> Any:
    name = f"custom_fields[{field.gid}]"
    if not isinstance(value, dict) or not (value.get("date") or value.get("date_time")):
        raise ApiError(400, f'{name}: Expected {{"date": ..}} or {{"date_time": ..}}')
    at = dates.moment(name, value.get("date_time"))
    return {"date": at[:10] if at else dates.day(name, value.get("date")), "date_time": at}


READERS: dict[str, Reader] = {
    "text": _text,
    "number": _number,
    "enum": _option,
    "multi_enum": _options,
    "people": _people,
    "date": _date,
}


def attached(projects: Iterable[model.Project]) -> dict[str, model.CustomField]:
    """The custom fields that a task in these projects has, by gid."""
    return {setting.custom_field.gid: setting.custom_field for project in projects for setting in project.settings}


def read(world: World, fields: dict[str, model.CustomField], sent: Any) -> dict[str, Any]:
    """Checked values by field gid, null to clear. Raises ApiError 400 naming the field."""
    if not isinstance(sent, dict):
        raise ApiError(400, f"custom_fields: Not an object: {sent}")
    values = {}
    for gid, value in sent.items():
        field = fields.get(gid)
        if field is None:
            raise ApiError(400, f"Custom field with ID {gid} is not on given object")
        values[gid] = None if value is None else READERS[field.type](world, field, value)
    return values
