"""Changing a status, which in Jira means to run transitions: find the way, fill the screens, never stop half-way.

Jira shows only the transitions that lead out of an issue's present status. What leads on from the others is learnt by
looking at another issue that has that status, which changes nothing; only where there is none, the issue itself is
moved one step to see further, and is taken back if that leads nowhere.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any, Final

from connectors.errors import Conflict, NotFound, RateLimited, Rejected, Unavailable
from connectors.jira.client import Client
from connectors.jira.graph import Graph
from connectors.jira.metadata import Metadata
from connectors.jira.scope import quoted

MOST_HOPS: Final = 6
REMEMBER_SECONDS: Final = 600.0
PAUSES: Final = (1.0, 2.0, 4.0)
LONGEST_PAUSE_SECONDS: Final = 10.0

Fill = Callable[[Mapping[str, Any], str], Awaitable[dict[str, Any]]]
"""Native values for the screen of a transition to a status. Raises ValueError for what is missing or will not do."""


@dataclass(frozen=True, slots=True)
class Issue:
    """The issue that is moved."""

    id: str
    project: str
    type: str
    status: str


class Workflow:
    """Moves issues of one Jira. Raises the errors of `connectors.errors`."""

    def __init__(self, client: Client, metadata: Metadata) -> None:
        self._client = client
        self._metadata = metadata
        self._graphs: dict[tuple[str, str], Graph] = {}

    async def move(self, issue: Issue, target: str, fill: Fill) -> str | None:
        """Bring an issue to a status; where somebody moves it meanwhile, once more from there, else Conflict.

        The reason in words where that cannot be done; then the issue is where it was.
        """
        known = (await self._metadata.statuses(issue.project)).get(issue.type, (target,))
        if target not in known:
            return f"{target!r} is no status of a {issue.type} in {issue.project}; there are: {', '.join(known)}"
        try:
            return await Walk(self._client, self._graph(issue), issue, target, fill).walk()
        except Conflict:
            moved = replace(issue, status=await status_of(self._client, issue.id))
            return await Walk(self._client, self._graph(issue), moved, target, fill).walk()

    def _graph(self, issue: Issue) -> Graph:
        graph = self._graphs.get((issue.project, issue.type))
        if graph is None or time.monotonic() >= graph.until:
            graph = Graph(time.monotonic() + REMEMBER_SECONDS)
            self._graphs[issue.project, issue.type] = graph
        return graph


class Walk:
    """One issue on its way."""

    def __init__(self, client: Client, graph: Graph, issue: Issue, target: str, fill: Fill) -> None:
        self._client = client
        self._graph = graph
        self._issue = issue
        self._target = target
        self._fill = fill
        self._here = issue.status
        self._closed: dict[str, str] = {}
        self._dark: set[str] = set()

    async def walk(self) -> str | None:
        """Go; the reason in words where the target was not reached. Raises Conflict."""
        for _ in range(MOST_HOPS):
            if self._here == self._target:
                return None
            transitions = await self._look(self._target)
            step = await self._next_step()
            if step is None:
                break
            await self._take(transitions, step)
            if self._target in self._closed:
                break
        return None if self._here == self._target else f"{self._why()}{await self._go_back()}"

    async def _look(self, target: str) -> list[dict[str, Any]]:
        """The transitions open to the issue where it stands. Raises Conflict where it stands elsewhere."""
        transitions: list[dict[str, Any]] = await self._insist(partial(transitions_of, self._client, self._issue.id))
        if target not in {each["to"]["name"] for each in transitions}:
            await self._check_place()
        self._graph.see(self._here, transitions)
        return transitions

    async def _next_step(self) -> str | None:
        """The next status on the shortest way, learning from other issues what is not known yet."""
        while self._target not in self._closed:
            way = self._way(lambda status: status == self._target)
            if len(way) > MOST_HOPS:
                return None
            if way and await self._is_open(way):
                return way[0]
            if not way:
                unseen = self._way(lambda status: status not in {*self._graph.steps, *self._dark})
                if not unseen:
                    dark = self._way(lambda status: status not in self._graph.steps)
                    return dark[0] if dark else None
                await self._learn(unseen[-1])
        return None

    async def _is_open(self, way: Sequence[str]) -> bool:
        """Whether all screens on a way can be filled, as far as they are known, before the issue leaves home."""
        for here, there in pairwise((self._here, *way)):
            try:
                await self._fill(self._graph.screens.get((here, there), {}), there)
            except (ValueError, Rejected) as error:
                self._closed[there] = str(error)
                return False
        return True

    def _way(self, good: Callable[[str], bool]) -> list[str]:
        return self._graph.way(self._here, good, self._closed)

    async def _learn(self, status: str) -> None:
        """See what leads out of a status, at another issue that has it."""
        jql = f"project = {quoted(self._issue.project)} AND issuetype = {quoted(self._issue.type)}"
        body = {"jql": f"{jql} AND status = {quoted(status)}", "maxResults": 1, "fields": ["status"]}
        cloud = (await self._client.dialect()).cloud
        self._dark.add(status)
        with suppress(NotFound, Rejected):
            for hit in (await self._client.post("search/jql" if cloud else "search", body))["issues"]:
                transitions = await transitions_of(self._client, hit["id"])
                if await status_of(self._client, hit["id"]) == status:  # the index may be late
                    self._graph.see(status, transitions)

    async def _take(self, transitions: list[dict[str, Any]], step: str) -> None:
        """Run a transition to the next status; remember why not where a screen cannot be filled, or Jira refuses."""
        path, reason = f"issue/{self._issue.id}/transitions", ""
        for each in transitions:
            if each["to"]["name"] != step:
                continue
            try:
                fields = await self._fill(each.get("fields") or {}, step)
                body = {"transition": {"id": each["id"]}, "fields": fields}
                await self._insist(partial(self._client.post, path, body), between=step != self._target)
            except ValueError as error:
                reason = str(error)
            except (Rejected, Conflict) as error:
                await self._check_place(step)
                reason = str(error)
            else:
                self._here = step
            if self._here == step:
                return
        self._closed[step] = reason

    async def _insist(self, ask: Callable[[], Awaitable[Any]], *, between: bool = False) -> Any:
        """Ask again for some seconds where the issue is on the way, and shows a status that nobody chose."""
        pauses = PAUSES if between or self._here != self._issue.status else ()
        for pause in pauses:
            try:
                return await ask()
            except RateLimited as error:
                await asyncio.sleep(min(error.retry_after, LONGEST_PAUSE_SECONDS))
            except Unavailable:
                await asyncio.sleep(pause)
        return await ask()

    async def _check_place(self, step: str = "") -> None:
        """See where the issue stands. Raises Conflict for where it was not brought by us: then a refusal means nothing.

        A step of ours that was answered with an error, and asked for again, may have been taken all the same.
        """
        found = await self._insist(partial(status_of, self._client, self._issue.id))
        if found == step:
            self._here = step
        if found != self._here:
            raise Conflict(
                f"issue {self._issue.id} was moved from {self._here!r} to {found!r} by somebody else meanwhile"
            )

    async def _go_back(self) -> str:
        """Take the issue back to where it began; says so where that cannot be done."""
        home = self._issue.status
        for _ in range(MOST_HOPS):
            if self._here == home:
                return ""
            transitions = await self._look(home)
            way = self._way(lambda status: status == home)
            if not way:
                break
            await self._take(transitions, way[0])
        return "" if self._here == home else f"; it now stands at {self._here!r}, from where no way leads back"

    def _why(self) -> str:
        target, reachable = self._target, self._graph.reach(self._issue.status)
        began = f"no transition leads from {self._issue.status!r} to {target!r}"
        if target in self._closed:
            began = f"the transition to {target!r} was refused: {self._closed[target]}"
        elif self._closed:
            closed = "; ".join(f"{status!r}: {reason}" for status, reason in self._closed.items())
            began = f"{began} without passing {closed}"
        shown = ", ".join(reachable) or "nothing; may our account run transitions there?"
        return f"{began}; it can reach: {shown}"


async def status_of(client: Client, id_: str) -> str:
    """The status that an issue has now. Raises NotFound."""
    issue = await client.get(f"issue/{id_}", fields="status")
    return str(issue["fields"]["status"]["name"])


async def transitions_of(client: Client, id_: str) -> list[dict[str, Any]]:
    """What leads out of the status that an issue has now, for our account, with the fields of the screens."""
    answer = await client.get(f"issue/{id_}/transitions", expand="transitions.fields")
    open_now = [each for each in answer["transitions"] if each.get("isAvailable", True)]
    return sorted(open_now, key=lambda each: (_ends_work(each), bool(each.get("hasScreen"))))


def _ends_work(transition: Mapping[str, Any]) -> bool:
    return bool((transition["to"].get("statusCategory") or {}).get("key") == "done")
