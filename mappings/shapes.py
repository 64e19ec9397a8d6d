"""Plain data to models, with every fault of shape said in plain words at its place."""

import re
from collections.abc import Collection, Mapping
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mappings.findings import Finding, closest, nearest
from mappings.positions import Document, Path

M = TypeVar("M", bound=BaseModel)

_TABLE = "a table of `key: value` lines"
_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": _TABLE,
    "tuple_type": "a list",
    "list_type": "a list",
    "string_pattern_mismatch": "lower-case letters, digits, `-` and `_`",
}
_EXPECTED_MODELS = {
    "FieldMapping": "a binding for each side, for example `{eng: summary, mkt: name}`",
    "Binding": "a field name, or a table with `field`, `get`, `put`, `type` or `screen`",
    "Conflict": "`latest`, `prefer SIDE`, `union`, `merge` or `ask`",
    "Flow": "`both`, `none` or `SIDE -> SIDE`",
}


def shaped(
    model: type[M],
    document: Document,
    data: Any,
    prefix: Path = (),
    *,
    secret: bool = False,
    told: Collection[Path] = (),
) -> tuple[M | None, list[Finding]]:
    """The model of `data`, which stands at `prefix` in the document, or all that is wrong with it.

    `secret`: what was found is told by its kind only, for files that may hold credentials. `told`: paths of which a
    fault is already known; what lies below them is not told again.
    """
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    findings: dict[Path, list[ErrorDetails]] = {}
    for detail in details:
        path = _written(data, detail)
        if not any(path[: len(known)] == known for known in told):
            findings.setdefault(path, []).append(detail)
    return None, [_finding(model, document, prefix, path, group, secret) for path, group in findings.items()]


def found(value: object, *, secret: bool = False) -> str:
    """What a value is, for a sentence about it."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if secret:
        return "text" if isinstance(value, str) else "a number or true/false"
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _written(data: Any, detail: ErrorDetails) -> Path:
    """The path as the person wrote it: without the steps that only the model has, such as the arms of a union."""
    path: list[str | int] = []
    for step in detail["loc"]:
        inside = isinstance(data, dict) and step in data
        if inside or (isinstance(data, list) and isinstance(step, int) and step < len(data)):
            data = data[step]
            path.append(step)
    if detail["type"] == "missing":
        path.append(detail["loc"][-1])
    return tuple(path)


def _finding(
    model: type[BaseModel], document: Document, prefix: Path, path: Path, group: list[ErrorDetails], secret: bool
) -> Finding:
    detail, place = group[0], document.at((*prefix, *path))
    keys = _keys(model, detail["loc"][:-1])
    if detail["type"] == "missing":
        message = f"key {path[-1]!r} is missing; a table here has: {', '.join(keys)}"
        return Finding(document.file, *place, "M111", "error", message)
    if detail["type"] == "extra_forbidden":
        place = document.key_at((*prefix, *path))
        name = str(path[-1])
        return Finding(document.file, *place, "M112", "error", f"unknown key {name!r}{nearest(name, keys)}")
    label = f"{path[-1]}: " if path and isinstance(path[-1], str) else ""
    expected = " or ".join(dict.fromkeys(_expected(item) for item in group)).replace(" or expected", " or")
    if secret:
        expected = _discreet(expected, detail["input"])
    message = f"{label}{expected}{_but(detail, secret)}{_advice(detail, expected, secret)}"
    return Finding(document.file, *place, "M113", "error", message)


def _expected(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    if detail["type"] in ("literal_error", "enum"):
        return "expected " + str(context["expected"]).replace("False", "`false`")
    if detail["type"] in ("model_type", "model_attributes_type"):
        return f"expected {_EXPECTED_MODELS.get(str(context.get('class_name')), _TABLE)}"
    if detail["type"] == "too_short":
        return f"expected at least {context['min_length']}"
    if detail["type"] in _EXPECTED:
        return f"expected {_EXPECTED[detail['type']]}"
    message = detail["msg"].removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def _discreet(sentence: str, value: object) -> str:
    """A validator's sentence without the value that it may quote."""
    sentence = sentence.partition(", found ")[0]
    quoted = isinstance(value, str) and value in sentence
    return "not a value that is expected here" if quoted else sentence


def _but(detail: ErrorDetails, secret: bool) -> str:
    value = detail["input"]
    if detail["type"] == "too_short":
        return f", found {detail['ctx']['actual_length']}"
    whole = detail["type"] == "value_error" and isinstance(value, dict | list)
    return "" if whole else f", found {found(value, secret=secret)}"


def _advice(detail: ErrorDetails, expected: str, secret: bool) -> str:
    value = detail["input"]
    if detail["type"] == "string_type" and isinstance(value, bool | int | float):
        return "; put it in quotes"
    if secret or not isinstance(value, str):
        return ""
    close = closest(value, re.findall(r"[`']([\w-]+)", expected))
    return f"; did you mean {close!r}?" if close else ""


def _keys(model: type[BaseModel], steps: tuple[int | str, ...]) -> list[str]:
    """The keys that a table at these steps of the model has."""
    here: Any = model
    for step in steps:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(step))
            here = _inner(field.annotation) if field else None
        else:
            here = _inner(get_args(here)[-1 if isinstance(step, str) else 0]) if get_args(here) else None
    return list(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else []


def _inner(annotation: Any) -> Any:
    """A type without `None` and the other plain arms of a union."""
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    return next(arm for arm in get_args(annotation) if arm is not type(None))
