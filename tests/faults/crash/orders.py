"""What passes between who plays a round and the processes that die in it: files in one folder.

`orders.json` says where to die, and is replaced as a whole; a process looks at it whenever it reaches a step, so that
nothing has to be started again to give orders. `passed-N` has a line for every step reached in round N, `died-N` one
for every death.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

DIED = "died"


@dataclass(frozen=True)
class Death:
    """Die in `part` (worker or gateway) when it reaches `step` for the `passing`-th time."""

    part: str
    step: str
    passing: int = 1


@dataclass(frozen=True)
class Orders:
    """Of one round: the deaths, to be died one after the other."""

    round: int
    deaths: tuple[Death, ...] = ()


@dataclass(frozen=True)
class Passed:
    """A step that a part reached. Those of one `moment` follow on each other in one task without giving up the turn.

    Nothing else runs between them, and nothing leaves the process: to die at one of them is to die at any.
    """

    part: str
    moment: int
    step: str


class Desk:
    """Where a round's orders are given and read."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._orders = folder, folder / "orders.json"

    def give(self, orders: Orders) -> None:
        """Orders for a new round."""
        fresh = self._orders.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(orders)), encoding="utf-8")
        fresh.replace(self._orders)

    def stamp(self) -> tuple[int, int]:
        """Another one for every order given; zeros where there is none yet."""
        try:
            stat = self._orders.stat()
        except FileNotFoundError:
            return (0, 0)
        return (stat.st_ino, stat.st_mtime_ns)

    def orders(self) -> Orders:
        """The newest."""
        given = json.loads(self._orders.read_text(encoding="utf-8"))
        return Orders(given["round"], tuple(Death(**death) for death in given["deaths"]))

    def note_passed(self, orders: Orders, passed: Passed) -> None:
        """A line that stays, also when the process dies at once."""
        _append(self._folder / f"passed-{orders.round}", f"{passed.part} {passed.moment} {passed.step}\n")

    def note_died(self, orders: Orders, death: Death) -> None:
        """To be called right before."""
        _append(self._folder / f"died-{orders.round}", f"{death.part} {death.step}\n")
        self.note_passed(orders, Passed(death.part, 0, DIED))

    def deaths(self, round_: int) -> int:
        """How many deaths of a round were died."""
        return len(_lines(self._folder / f"died-{round_}"))

    def passed(self, round_: int) -> list[Passed]:
        """The steps of a round in their order, with `DIED` where a process ended."""
        rows = (line.split(" ") for line in _lines(self._folder / f"passed-{round_}"))
        return [Passed(part, int(moment), step) for part, moment, step in rows]


def _append(file: Path, line: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
