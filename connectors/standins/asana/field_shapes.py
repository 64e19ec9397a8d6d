"""How custom fields, their options and their values read as JSON."""

from typing import Any

from connectors.standins.asana import model
from connectors.standins.asana.fields import ABSENT, Getter, define
from connectors.standins.asana.shapes import BASE, NAMED, View, constant, plain


def _when(type_: str, read: Getter) -> Getter:
    """A property that only fields of one type have."""
    return lambda item, view: read(item, view) if item.field.type == type_ else ABSENT


def display(field: model.CustomField, value: Any) -> str | None:
    """The value as a person reads it, null when there is none."""
    if value is None or value == []:
        return None
    match field.type:
        case "number":
            return f"{value:.{field.precision}f}"
        case "enum":
            return str(value.name)
        case "multi_enum" | "people":
            return ", ".join(item.name for item in value)
        case "date":
            return str(value.get("date_time") or f"{value['date']}T00:00:00.000Z")
        case _:
            return str(value)


def _value(item: model.FieldValue, _view: View) -> Any:
    return item.value


def _values(item: model.FieldValue, _view: View) -> Any:
    return item.value or []


def _options(field: model.CustomField) -> Any:
    return field.options if field.type in {"enum", "multi_enum"} else ABSENT


def _precision(field: model.CustomField) -> Any:
    return field.precision if field.type == "number" else ABSENT


DEFINITION: dict[str, Getter] = {
    **NAMED,
    "type": lambda field, _view: field.type,
    "resource_subtype": lambda field, _view: field.type,
    "representation_type": lambda field, _view: field.type,
    "enum_options": lambda field, _view: _options(field),
    "precision": lambda field, _view: _precision(field),
    "description": constant(""),
    "is_formula_field": constant(False),
    "is_value_read_only": constant(False),
    "is_global_to_workspace": constant(True),
    "has_notifications_enabled": constant(False),
    "created_by": constant(None),
}


def _of_definition(getter: Getter) -> Getter:
    return lambda item, view: getter(item.field, view)


define(model.EnumOption, {**NAMED, **plain("color enabled")}, "gid color enabled name resource_type")
define(model.CustomField, DEFINITION, "gid name resource_type resource_subtype type enum_options precision")
define(
    model.Setting,
    {
        **BASE,
        **plain("project custom_field"),
        "parent": lambda item, _view: item.project,
        "is_important": constant(True),
    },
    "gid resource_type project custom_field parent is_important",
)
define(
    model.FieldValue,
    {
        **{name: _of_definition(getter) for name, getter in DEFINITION.items()},
        "enabled": constant(True),
        "text_value": _when("text", _value),
        "number_value": _when("number", _value),
        "enum_value": _when("enum", _value),
        "multi_enum_values": _when("multi_enum", _values),
        "date_value": _when("date", _value),
        "people_value": _when("people", _values),
        "display_value": lambda item, _view: display(item.field, item.value),
    },
    "gid name resource_type resource_subtype type enabled display_value enum_options precision "
    "text_value number_value enum_value multi_enum_values date_value people_value",
)
