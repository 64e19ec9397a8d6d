"""What all sides should hold after a history of edits, and what is wrong with what they do hold. Pure.

A history is what people did to one item, in the order in which they did it. Each edit tells what its author saw of the
field right before, so that it is known who answered whom: an edit supersedes what its author saw, and whatever was
done to the same record of the same side before. What nothing supersedes are the *last* edits: one where people took
turns, several where they edited at the same time without knowing of each other.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Value = str | float | tuple[str, ...] | None
"""A field's value; a text of several lines as its lines, without empty ones; labels sorted; empty is None."""

RECORD, COMMENTS = "record", "comments"
"""The names under which the making and deleting of records, and comments, stand among the fields."""

CLEARLY = 3.0
"""Seconds by which one edit is later than another beyond any doubt of clocks and roundings."""

OnDelete = Literal["delete", "unlink"]
"""What the deletion of a record does to its counterparts: they go too, or stay and are no longer the same thing."""

Kind = Literal["lost", "doubled", "swapped", "silent", "overwritten"]
NAMED: Kind = "overwritten"
"""Lost in the moment of a write, and named by the product: no API here writes on condition."""
KINDS: tuple[Kind, ...] = ("lost", "doubled", "swapped", "silent", NAMED)


@dataclass(frozen=True)
class Policy:
    """How concurrent edits of a field are settled. `once`: every value is used by one edit only.

    `latest`: the later edit. `prefer`: that of `side`. `union`: labels; each edit adds `value`, or removes what it
    `saw`. `merge`: a text; every line that an edit adds is to stay.
    """

    how: Literal["latest", "prefer", "union", "merge"] = "latest"
    side: str = ""
    once: bool = True


@dataclass(frozen=True)
class Rules:
    """What the product was told to do. `good_clocks`: the sides' clocks agree, so that "later" can be judged."""

    sides: tuple[str, ...]
    fields: Mapping[str, Policy]
    on_delete: Mapping[str, OnDelete] = field(default_factory=dict)
    good_clocks: bool = True


@dataclass(frozen=True)
class Edit:
    """One thing that a person did. A comment is written (`saw` None), reworded, or deleted (`value` None).

    `at`: by the clock of the side, in seconds. `first`: part of the making of the item, which all the rest knows of.
    """

    item: int
    side: str
    field: str
    value: Value
    saw: Value
    at: float
    by: str = ""
    first: bool = False


@dataclass(frozen=True)
class Said:
    """A comment as a side shows it: its last line, and the person whose it says it is."""

    text: str
    author: str


@dataclass(frozen=True)
class Record:
    """A record as a side shows it."""

    id: str
    fields: Mapping[str, Value]
    comments: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `excusable`: it is no fault where the product has told people of this field."""

    kind: Kind
    item: int
    field: str
    text: str
    excusable: bool = True


Shown = Mapping[str, Sequence[Record]]
"""What each side shows of one item: one record a side, if all is well."""


def judge(
    rules: Rules,
    history: Sequence[Edit],
    shown: Shown,
    owners: Mapping[Value, int],
    told: Collection[str] = (),
    overwritten: Collection[str] = (),
) -> list[Finding]:
    """What is wrong with one item.

    `owners`: the item of every value that was used once, over all items. `told`: the fields of this item that the
    product names as waiting for a person (an open conflict, something parked); `record` for the whole of it.
    `overwritten`: those of which it says that its own write covered an edit that it had not seen.
    """
    found = [*_records(rules, history, shown), *_contents(rules, history, shown, owners, told)]
    left = [one for one in found if not (one.excusable and ({one.field, RECORD} & set(told)))]
    return [replace(one, kind=NAMED) if one.kind == "lost" and one.field in overwritten else one for one in left]


def last(edits: Sequence[Edit], *, once: bool = True) -> list[Edit]:
    """The edits of one field that nothing supersedes."""
    over: set[int] = set()
    for number, later in enumerate(edits):
        before = range(number)
        over |= {one for one in before if edits[one].first or edits[one].side == later.side}
        # A value that was used twice does not tell which of the two was seen; then neither is taken to be.
        seen = [one for one in before if edits[one].value == later.saw]
        if len(seen) == 1 or once:
            over |= set(seen)
    return [edit for number, edit in enumerate(edits) if number not in over]


def allowed(rules: Rules, policy: Policy, edits: Sequence[Edit]) -> set[Value]:
    """The values that all sides may agree on, for a field of which one edit wins."""
    final = last(edits, once=policy.once)
    # Where values come again, an edit back to the old value cannot be told from no edit: any of the last may win.
    if policy.once and policy.how == "prefer":
        final = [edit for edit in final if edit.side == policy.side] or final
    elif policy.once and rules.good_clocks:
        newest = max(edit.at for edit in final)
        final = [edit for edit in final if newest - edit.at < CLEARLY]
    return {edit.value for edit in final}


def ended(history: Sequence[Edit]) -> Edit | None:
    """The deletion of the item, if there was one."""
    return next((edit for edit in history if edit.field == RECORD and edit.value is None), None)


def _records(rules: Rules, history: Sequence[Edit], shown: Shown) -> Iterator[Finding]:
    deletion = ended(history)
    everywhere = deletion is not None and rules.on_delete.get(deletion.side, "unlink") == "delete"
    for side in rules.sides:
        count, item = len(shown.get(side, ())), history[0].item
        gone = deletion is not None and (everywhere or side == deletion.side)
        if count > 1:
            yield Finding("doubled", item, RECORD, f"{side} has {count} records of it", excusable=False)
        elif count and gone:
            yield Finding("lost", item, RECORD, f"{side} still has it, though it was deleted")
        elif not count and deletion is None:
            yield Finding("lost", item, RECORD, f"{side} has no record of it")


def _contents(
    rules: Rules, history: Sequence[Edit], shown: Shown, owners: Mapping[Value, int], told: Collection[str]
) -> Iterator[Finding]:
    item, deletion = history[0].item, ended(history)
    there = {side: records[0] for side, records in shown.items() if records}
    yield from _swapped(item, there, owners)
    if deletion is not None:
        # What was edited while it went away may have gone with it; those who still have it must agree all the same.
        if deletion.side not in there and len(there) > 1 and rules.on_delete.get(deletion.side, "unlink") == "unlink":
            yield from (one for name in rules.fields for one in _differ(item, name, there))
        return
    for name, policy in rules.fields.items():
        edits = [edit for edit in history if edit.field == name]
        if policy.how == "union":
            yield from _labels(item, name, edits, there)
        elif policy.how == "merge":
            yield from _lines(item, name, edits, there, held=bool({name, RECORD} & set(told)))
        elif edits:
            yield from _one_value(rules, policy, edits, there)
    yield from _comments(item, [edit for edit in history if edit.field == COMMENTS], there)


def _swapped(item: int, there: Mapping[str, Record], owners: Mapping[Value, int]) -> Iterator[Finding]:
    for side, record in there.items():
        values = [(name, part) for name, value in record.fields.items() for part in parts(value)]
        for name, value in [*values, *((COMMENTS, said.text) for said in record.comments)]:
            owner = owners.get(value, item)
            if owner != item:
                yield Finding(
                    "swapped", item, name, f"{side} shows {value!r}, which is item {owner}'s", excusable=False
                )


def parts(value: Value) -> tuple[Value, ...]:
    """A value's own parts: lines, labels, or itself."""
    return value if isinstance(value, tuple) else (value,)


def _differ(item: int, name: str, there: Mapping[str, Record]) -> Iterator[Finding]:
    values = {side: record.fields.get(name) for side, record in there.items()}
    if len(set(values.values())) > 1:
        yield Finding("silent", item, name, f"the sides differ: {values}")


def _one_value(rules: Rules, policy: Policy, edits: Sequence[Edit], there: Mapping[str, Record]) -> Iterator[Finding]:
    item, name, may = edits[0].item, edits[0].field, allowed(rules, policy, edits)
    values = {side: record.fields.get(name) for side, record in there.items()}
    differ = list(_differ(item, name, there))
    if not may & set(values.values()) and values:
        # No side shows any of the last edits: telling people that something waits does not bring one back.
        kind: Kind = "lost" if set(values.values()) <= {None, *(edit.value for edit in edits)} else "silent"
        yield Finding(kind, item, name, f"shown {values}, expected one of {may}", excusable=False)
    elif differ:
        yield from differ


def _labels(item: int, name: str, edits: Sequence[Edit], there: Mapping[str, Record]) -> Iterator[Finding]:
    added = {edit.value for edit in edits if edit.value is not None}
    removed = {edit.saw for edit in edits if edit.value is None}
    for side, record in there.items():
        labels = parts(record.fields.get(name) or ())
        for label, count in Counter(labels).items():
            if count > 1:
                yield Finding("doubled", item, name, f"{side} has {label!r} {count} times", excusable=False)
            elif label in removed:
                yield Finding("lost", item, name, f"{side} still has {label!r}, which was removed")
            elif label not in added:
                yield Finding("silent", item, name, f"{side} has {label!r}, which nobody added")
        for label in sorted(map(str, added - removed - set(labels))):
            yield Finding("lost", item, name, f"{side} lacks {label!r}")


def _lines(
    item: int, name: str, edits: Sequence[Edit], there: Mapping[str, Record], *, held: bool
) -> Iterator[Finding]:
    wanted = {line for edit in edits for line in set(parts(edit.value or ())) - set(parts(edit.saw or ()))}
    texts = {side: Counter(parts(record.fields.get(name) or ())) for side, record in there.items()}
    for side, lines in texts.items():
        for line, count in lines.items():
            if count > 1:
                yield Finding("doubled", item, name, f"{side} has {line!r} {count} times", excusable=False)
            if line not in wanted:
                yield Finding("silent", item, name, f"{side} has {line!r}, which nobody wrote")
        for line in sorted(map(str, wanted - set(lines))):
            # A conflict that is open may keep a line from some sides, not from the one where it was written.
            anywhere = held and any(line in other for other in texts.values())
            if not anywhere:
                yield Finding("lost", item, name, f"{side} lacks {line!r}", excusable=False)
    if not held:
        yield from _differ(item, name, there)


def _comments(item: int, edits: Sequence[Edit], there: Mapping[str, Record]) -> Iterator[Finding]:
    replaced = {edit.saw for edit in edits}
    authors = {edit.value: edit.by for edit in edits if edit.value is not None}
    for side, record in there.items():
        texts = Counter(said.text for said in record.comments)
        for text in authors:
            count = texts[str(text)]
            if count > 1:
                yield Finding("doubled", item, COMMENTS, f"{side} has {text!r} {count} times", excusable=False)
            elif count and text in replaced:
                yield Finding("lost", item, COMMENTS, f"{side} still has {text!r}, which was reworded or deleted")
            elif not count and text not in replaced:
                yield Finding("lost", item, COMMENTS, f"{side} lacks {text!r}")
        for said in record.comments:
            if said.text not in authors:
                yield Finding("silent", item, COMMENTS, f"{side} has {said.text!r}, which nobody wrote")
            elif authors[said.text] != said.author:
                yield Finding("swapped", item, COMMENTS, f"{side} says that {said.text!r} is {said.author}'s")
