"""The search index: what JQL sees. It trails behind the writes by the lag that is set at the control door."""

import time
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterator, Mapping

from connectors.standins.jira.model import Issue

LAST_ID = 1 << 62


class SearchIndex:
    """Issues by id, by label and in order of `updated`, as of the last `settle`."""

    def __init__(self) -> None:
        self.docs: dict[int, Issue] = {}
        self._labels: dict[str, set[int]] = {}
        self._by_updated: list[tuple[int, int]] = []
        self._by_id: list[int] = []
        self._waiting: deque[tuple[float, int]] = deque()

    def touched(self, issue: int) -> None:
        """Note that an issue was created, changed or deleted."""
        self._waiting.append((time.monotonic(), issue))

    def settle(self, issues: Mapping[int, Issue], lag: float) -> None:
        """Take in the changes that are older than `lag` seconds, reading each issue as it is now."""
        ripe = time.monotonic() - lag
        while self._waiting and self._waiting[0][0] <= ripe:
            _, number = self._waiting.popleft()
            self._replace(number, issues.get(number))

    def fill(self, issues: Mapping[int, Issue]) -> None:
        """Index everything at once, for bulk loading."""
        self.docs = dict(issues)
        self._by_id = sorted(issues)
        self._by_updated = sorted((issue.updated, issue.id) for issue in issues.values())
        self._labels = {}
        for issue in issues.values():
            self._label(issue)
        self._waiting.clear()

    def labelled(self, labels: list[str]) -> set[int]:
        """The issues that carry at least one of these labels."""
        return set().union(*(self._labels.get(label, set()) for label in labels))

    def by_id(self, *, descending: bool, after: int | None) -> Iterator[Issue]:
        """Issues in order of creation, starting behind the id `after`."""
        numbers = self._by_id
        if descending:
            end = len(numbers) if after is None else bisect_left(numbers, after)
            return (self.docs[numbers[at]] for at in range(end - 1, -1, -1))
        start = 0 if after is None else bisect_right(numbers, after)
        return (self.docs[numbers[at]] for at in range(start, len(numbers)))

    def by_updated(self, *, descending: bool, after: tuple[int, int] | None, since: int) -> Iterator[Issue]:
        """Issues in order of `updated`, not before `since`, starting behind the pair (updated, id) `after`."""
        pairs = self._by_updated
        first = bisect_left(pairs, (since, 0))
        if descending:
            end = len(pairs) if after is None else bisect_left(pairs, after)
            return (self.docs[pairs[at][1]] for at in range(end - 1, first - 1, -1))
        start = first if after is None else max(first, bisect_right(pairs, after))
        return (self.docs[pairs[at][1]] for at in range(start, len(pairs)))

    def _replace(self, number: int, issue: Issue | None) -> None:
        old = self.docs.pop(number, None)
        if old is not None:
            del self._by_updated[bisect_left(self._by_updated, (old.updated, number))]
            for label in old.values["labels"]:
                self._labels[label].discard(number)
        if issue is not None:
            self.docs[number] = issue
            insort(self._by_updated, (issue.updated, number))
            self._label(issue)
        if old is None and issue is not None:
            insort(self._by_id, number)
        if old is not None and issue is None:
            del self._by_id[bisect_left(self._by_id, number)]

    def _label(self, issue: Issue) -> None:
        for label in issue.values["labels"]:
            self._labels.setdefault(label, set()).add(issue.id)
