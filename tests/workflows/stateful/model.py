"""What people did in a history, slot by slot, for the reference model of `tests.faults.model`."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from connectors.contract import Value
from tests.faults.model import Edit, Policy, Rules, allowed, last
from tests.faults.model import Value as Plain

Slot = tuple[int, str]
"""An item and a field of it, or a part of one: `text/3` is a paragraph, `labels/x` whether the label is there."""


@dataclass
class Model:
    """All edits of a history. Every value of a slot is used once."""

    sides: tuple[str, ...]
    edits: dict[Slot, list[Edit]] = field(default_factory=dict)
    unseen: set[tuple[Slot, Plain]] = field(default_factory=set)
    """What was overwritten before anybody could have read it: no system has a conditional write."""

    doubtful: set[tuple[Slot, Plain]] = field(default_factory=set)
    """Edits of what a write of unknown outcome had left: whether their authors saw that nobody else can know."""

    answers: dict[tuple[Slot, Plain], Plain] = field(default_factory=dict)
    """Edits on a side that had refused a value, which is what they may be taken to answer."""

    def edit(self, slot: Slot, side: str, value: Value, saw: Value, at: float, *, first: bool = False) -> None:
        """Note an edit by somebody who saw this value of the slot, at this time of the side's clock."""
        item, name = slot
        self.edits.setdefault(slot, []).append(Edit(item, side, name, _plain(value), _plain(saw), at, first=first))

    def doubt(self, slot: Slot, value: Value) -> None:
        """Note that nobody can know whether the author of this value saw what was there."""
        self.doubtful.add((slot, _plain(value)))

    def answer(self, slot: Slot, value: Value, refused: Value) -> None:
        """Note that this value was written where another had been refused."""
        self.answers[slot, _plain(value)] = _plain(refused)

    def overwrite(self, slot: Slot, value: Value, read: Value) -> None:
        """Note that a value, and what it grew from since `read`, was overwritten by a request that did not know it."""
        grown = {edit.value: edit.saw for edit in self.edits.get(slot, [])}
        now: Plain = _plain(value)
        self.unseen.add((slot, now))
        while grown.get(now) not in (None, _plain(read)):
            now = grown[now]
            self.unseen.add((slot, now))

    def allowed(self, slot: Slot, policy: str, *, good_clocks: bool) -> set[Plain]:
        """The values of which all sides must show one."""
        how, _, side = policy.partition(" ")
        chosen = Policy("prefer", side) if how == "prefer" else Policy("latest")
        rules = Rules(self.sides, {}, good_clocks=good_clocks and how == "latest")
        nothing = {False if slot[1].startswith("labels/") else None}
        ways = [allowed(rules, chosen, edits) if edits else nothing for edits in self._ways(slot)]
        return {value for way in ways for value in way}

    def contested(self, slot: Slot) -> bool:
        """Whether edits that did not know each other are left, so that a conflict may be open."""
        return any(len({edit.value for edit in last(edits)}) > 1 for edits in self._ways(slot))

    def settled(self, slot: Slot) -> bool:
        """Whether one edit was surely left, so that no conflict is needed to tell of another."""
        return any(len({edit.value for edit in last(edits)}) < 2 for edits in self._ways(slot))

    def written(self, slot: Slot) -> set[Plain]:
        """Every value that was ever written there."""
        return {edit.value for edit in self.edits.get(slot, [])}

    def _ways(self, slot: Slot) -> Iterable[list[Edit]]:
        """The edits with and without those that nobody could have read, in the sight of each other and not."""
        edits = self.edits.get(slot, [])
        blind = [replace(edit, saw=None) if (slot, edit.value) in self.doubtful else edit for edit in edits]
        answering = [replace(edit, saw=self.answers.get((slot, edit.value), edit.saw)) for edit in edits]
        for way in (edits, blind, answering):
            yield way
            yield [edit for edit in way if (slot, edit.value) not in self.unseen]


def _plain(value: Value) -> Plain:
    """A slot's value: never a list, since labels are slots of their own."""
    assert not isinstance(value, list)
    return value
