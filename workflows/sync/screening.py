"""What a status needs filled in on its way, evaluated only where a status is told."""

from connectors.contract import NO_SCREENS, Fields, Record, Screens
from mappings.bound import BoundMapping
from mappings.errors import Untranslatable
from mappings.translate import screens


def with_screens(
    bound: BoundMapping, side: str, record: Record, fields: Fields
) -> tuple[Fields, Screens, dict[str, str]]:
    """The fields to send, what their screens need, and what cannot be told, by native key, because that fails."""
    bindings = [field.bindings[side] for field in bound.fields.values() if side in field.bindings]
    screened = {binding.field.key for binding in bindings if binding.field is not None and binding.screen}
    if screened.isdisjoint(fields):
        return fields, NO_SCREENS, {}
    try:
        return fields, screens(bound, side, record), {}
    except Untranslatable as error:
        left = {key: value for key, value in fields.items() if key not in screened}
        return left, NO_SCREENS, dict.fromkeys(screened & fields.keys(), str(error))
