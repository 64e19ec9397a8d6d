"""What is known of a workflow: which status leads to which, and what the screens between them ask for. No I/O."""

from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Graph:
    """The steps seen in one workflow, status to statuses, and the fields of the screens between them."""

    until: float = 0.0
    steps: dict[str, list[str]] = field(default_factory=dict)
    screens: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    def see(self, status: str, transitions: list[dict[str, Any]]) -> None:
        """Remember what leads out of a status; of several transitions to one status, the first."""
        screens = {str(each["to"]["name"]): each.get("fields") or {} for each in reversed(transitions)}
        self.steps[status] = list(reversed(screens))
        self.screens |= {(status, there): fields for there, fields in screens.items()}

    def way(self, start: str, good: Callable[[str], bool], closed: Collection[str] = ()) -> list[str]:
        """The statuses of the shortest way from `start` (left out) to a good one, past none that is closed, or []."""
        before: dict[str, str] = {}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            if here != start and good(here):
                way = [here]
                while before[way[0]] != start:
                    way.insert(0, before[way[0]])
                return way
            for there in self.steps.get(here, ()):
                if there != start and there not in before and there not in closed:
                    before[there] = here
                    waiting.append(there)
        return []

    def reach(self, start: str) -> list[str]:
        """Every status that is known to be reached from here."""
        found = [start]
        for here in found:
            found += [there for there in self.steps.get(here, ()) if there not in found]
        return found[1:]
