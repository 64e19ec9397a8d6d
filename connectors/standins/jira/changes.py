"""What an edit changed, worded as the changelog words it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from connectors.standins.jira.catalogue import STATUSES
from connectors.standins.jira.fields import FIELDS
from connectors.standins.jira.model import Attachment, ChangeItem
from connectors.standins.jira.values import Told
from connectors.standins.jira.world import World

UNTOLD: Final = frozenset({"resolutiondate", "statuscategorychangedate"})
WORDED: Final = {"parent": "IssueParentAssociation"}
NOTHING: Final[Told] = (None, None)


def items(world: World, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ChangeItem]:
    """The changes from `old` to the values that `new` sets."""
    for name, value in new.items():
        before = old.get(name)
        if before == value or name in UNTOLD or (_is_empty(before) and _is_empty(value)):
            continue
        if name == "status":
            yield _item("status", "status", _status(before), _status(value))
            continue
        field = FIELDS[name]
        word = field.name if field.custom else WORDED.get(name, name)
        was, now = (NOTHING if _is_empty(one) else field.kind.tell(world, one) for one in (before, value))
        yield _item(word, name, was, now, custom=bool(field.custom))


def file_item(attachment: Attachment, *, added: bool) -> ChangeItem:
    """The change that a file was added or removed."""
    told = (str(attachment.id), attachment.filename)
    return _item("Attachment", "attachment", NOTHING if added else told, told if added else NOTHING)


def _is_empty(value: Any) -> bool:
    return value is None or value == []


def _status(number: str | None) -> Told:
    return (number, STATUSES[number].name) if number else NOTHING


def _item(word: str, name: str, before: Told, after: Told, *, custom: bool = False) -> ChangeItem:
    return ChangeItem(word, name, custom, before[0], before[1], after[0], after[1])
