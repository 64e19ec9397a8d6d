"""Routes of the properties of issues and comments: JSON kept under a key, readable at once, and silent in `updated`."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from connectors.standins.jira.web import Call, Refused, Reply, Routes

routes: Final = Routes()

VALUE_MAX: Final = 32_768
KEY_MAX: Final = 255


def checked_properties(body: Mapping[str, Any]) -> dict[str, Any]:
    """The `properties` of a request to create or edit. Raises Refused."""
    kept: dict[str, Any] = {}
    for entry in body.get("properties") or []:
        if not isinstance(entry, dict) or "key" not in entry or "value" not in entry:
            raise Refused(400, "Each property must have a key and a value.")
        _check(entry["key"], orjson.dumps(entry["value"]))
        kept[entry["key"]] = entry["value"]
    return kept


@routes.on("GET", "issue/{}/properties")
def list_issue_properties(call: Call, ref: str) -> Reply:
    """The keys of an issue's properties."""
    issue = call.issue(ref)
    return _keys(call, call.world.properties.get(issue.id, {}), f"issue/{issue.id}/properties")


@routes.on("GET", "issue/{}/properties/{}")
def get_issue_property(call: Call, ref: str, key: str) -> Reply:
    """One property of an issue."""
    return _get(call.world.properties.get(call.issue(ref).id, {}), key)


@routes.on("PUT", "issue/{}/properties/{}")
def put_issue_property(call: Call, ref: str, key: str) -> Reply:
    """Set one property of an issue."""
    return _put(call.world.properties.setdefault(call.issue(ref).id, {}), key, call.raw)


@routes.on("DELETE", "issue/{}/properties/{}")
def delete_issue_property(call: Call, ref: str, key: str) -> Reply:
    """Remove one property of an issue."""
    return _delete(call.world.properties.get(call.issue(ref).id, {}), key)


@routes.on("GET", "comment/{}/properties")
def list_comment_properties(call: Call, number: str) -> Reply:
    """The keys of a comment's properties."""
    return _keys(call, _of_comment(call, number), f"comment/{number}/properties")


@routes.on("GET", "comment/{}/properties/{}")
def get_comment_property(call: Call, number: str, key: str) -> Reply:
    """One property of a comment."""
    return _get(_of_comment(call, number), key)


@routes.on("PUT", "comment/{}/properties/{}")
def put_comment_property(call: Call, number: str, key: str) -> Reply:
    """Set one property of a comment."""
    return _put(_of_comment(call, number), key, call.raw)


@routes.on("DELETE", "comment/{}/properties/{}")
def delete_comment_property(call: Call, number: str, key: str) -> Reply:
    """Remove one property of a comment."""
    return _delete(_of_comment(call, number), key)


def _of_comment(call: Call, number: str) -> dict[str, Any]:
    comment = call.world.comment(int(number) if number.isdecimal() else 0) if call.person else None
    if comment is None:
        raise Refused(404, f"Can not find a comment for the id: {number}.")
    return comment.properties


def _keys(call: Call, kept: Mapping[str, Any], place: str) -> Reply:
    return Reply(200, {"keys": [{"self": call.view.url(f"{place}/{key}"), "key": key} for key in kept]})


def _get(kept: Mapping[str, Any], key: str) -> Reply:
    if key not in kept:
        raise _missing(key)
    return Reply(200, {"key": key, "value": kept[key]})


def _put(kept: dict[str, Any], key: str, raw: bytes) -> Reply:
    _check(key, raw)
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Refused(400, "The property value must be valid JSON.") from None
    known = key in kept
    kept[key] = value
    return Reply(200 if known else 201)


def _delete(kept: dict[str, Any], key: str) -> Reply:
    if key not in kept:
        raise _missing(key)
    del kept[key]
    return Reply(204)


def _check(key: str, raw: bytes) -> None:
    if not key or len(key) > KEY_MAX:
        raise Refused(400, f"The length of the property key must be between 1 and {KEY_MAX}.")
    if len(raw) > VALUE_MAX:
        raise Refused(400, f"The property value exceeds the limit of {VALUE_MAX} characters.")


def _missing(key: str) -> Refused:
    return Refused(404, f"The property with key '{key}' does not exist.")
