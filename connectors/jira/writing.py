"""Writing issues: create with the marker inside, update field by field where Jira refuses some, delete."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from connectors.contract import NO_SCREENS, Fields, Record, Ref, Scope, Screens, Written
from connectors.errors import ConnectorError, NotFound, Rejected, Unavailable
from connectors.jira.drafts import Drafts
from connectors.jira.reading import Reading
from connectors.jira.records import MARKER_LABEL, MARKER_PROPERTY
from connectors.jira.scope import parse_scope, quoted
from connectors.jira.settings import Settings
from connectors.jira.workflow import Issue, Workflow

NEEDED: Final = frozenset({"summary", "issuetype"})
BARE: Final = NEEDED | {"parent"}
"""What a create cannot do without, or cannot add later."""


class Writing(Reading):
    """The writer; see `connectors.contract.Writer`."""

    def __init__(self, name: str, settings: Settings) -> None:
        super().__init__(name, settings)
        self.workflow = Workflow(self.client, self.metadata)
        self.drafts = Drafts(self.client, self.metadata, self.people)

    async def create(
        self,
        object_: str,  # noqa: ARG002 - there is one object
        scope: Scope,
        fields: Fields,
        marker: str,
        screens: Screens = NO_SCREENS,
    ) -> Written:
        """One POST that carries the marker as label and as property; a status is reached after it."""
        project = parse_scope(scope).project
        mark = MARKER_LABEL + marker
        try:
            native, refused = await self.drafts.native(fields, [mark])
        except Unavailable as error:
            raise Unavailable(str(error), sent=False) from error  # people were looked up, no issue was sent yet
        native = {"labels": [mark], **{key: value for key, value in native.items() if value not in (None, [])}}
        status = native.pop("status", None)
        issue, dropped, late = await self._post(project, native, marker)
        try:
            refused |= await self._explained(project, fields, dropped)
            record = await self._reread(issue["id"], project, fields.keys() - refused.keys())
            if status is not None and status["name"] != record.fields["status"]:
                late = [*late, "status"]
            if not late:
                return Written(record, refused)
            written = await self.update(record, {key: fields[key] for key in late if key in fields}, screens)
        except ConnectorError as error:
            # The issue is there, whatever went wrong now: only the marker may bring the caller back to it.
            raise Unavailable(f"created as {issue['key']}, but then: {error}") from error
        return Written(written.record, {**refused, **written.refused})

    async def find_by_marker(self, object_: str, scope: Scope, marker: str, since: datetime) -> Record | None:  # noqa: ARG002 - the label is unique, whenever it was set
        """By the label, wherever the issue is by now; of several the first that was made."""
        found = await self._search(f"labels = {quoted(MARKER_LABEL + marker)}", ["labels"], 50)
        ids = [str(issue["id"]) for issue in found["issues"]]
        if not ids:
            await self.people.me()
        records = await self.fetch(ids, object_, ["summary"], scope)
        marked = [record for record in records if record.marker == marker]
        return min(marked, key=lambda record: int(record.ref.id), default=None)

    async def update(self, current: Record, fields: Fields, screens: Screens) -> Written:
        """One PUT for the values, then the way to the status; on Cloud the PUT's own answer is the record."""
        id_, project = current.ref.id, str(current.native["project"])
        native, refused = await self.drafts.native(fields, current.native["marks"], current)
        status = native.pop("status", None)
        answer, dropped = await self._put(id_, native, current.native["fields"].get("labels") or [])
        refused |= await self._explained(project, fields, dropped)
        if status is not None:
            issue = Issue(id_, project, str(current.fields["issuetype"]), str(current.fields["status"]))
            why = await self.workflow.move(issue, status["name"], partial(self.drafts.screen, screens))
            refused |= {"status": why} if why else {}
            answer = None
        keys = current.fields.keys() | (fields.keys() - refused.keys())
        if answer is None:
            record = await self._reread(id_, project, keys)
        else:
            (record,) = await self.records.records([answer], keys, project)
        return Written(replace(record, in_scope=current.in_scope), refused)

    async def delete(self, ref: Ref) -> None:
        """Delete the issue alone. Raises Rejected where it has sub-tasks, which would go with it."""
        with suppress(NotFound):
            await self.client.delete(f"issue/{ref.id}", deleteSubtasks="false")

    async def archive(self, ref: Ref) -> None:
        """Not offered, as only the largest plans of Jira have it. Raises Rejected."""
        raise Rejected(f"{ref}: issues are not archived by this connector; let `on_delete` say unlink or delete")

    async def _reread(self, id_: str, project: str, keys: Collection[str]) -> Record:
        found = await self.fetch([id_], "issue", keys, {"project": project})
        if not found:
            raise NotFound(f"{self.name}: issue {id_} is gone or hidden since it was written")
        return found[0]

    async def _explained(self, project: str, fields: Fields, dropped: Mapping[str, str]) -> dict[str, str]:
        return {key: await self.drafts.explained(project, key, fields[key], why) for key, why in dropped.items()}

    async def _post(
        self, project: str, native: Mapping[str, Any], marker: str
    ) -> tuple[dict[str, Any], dict[str, str], list[str]]:
        """Create. The new issue, what Jira refused, and what is to be tried by an update since Jira named no field.

        A refusal (4xx) means that nothing was made, so that another request with less in it is a first one.
        """
        sent, dropped, late = dict(native), dict[str, str](), list[str]()
        mark = [MARKER_LABEL + marker]
        bare = {"labels": mark, **{key: value for key, value in native.items() if key in BARE}}
        properties = [{"key": MARKER_PROPERTY, "value": {"marker": marker}}]
        while True:
            body = {"fields": {"project": {"key": project}, **sent}, "properties": properties}
            try:
                return await self.client.post("issue", body), dropped, late
            except Rejected as error:
                named = {key: why for key, why in error.fields.items() if key in sent}
                if named.keys() & NEEDED or ("labels" in named and sent["labels"] == mark):
                    raise
                if not named and sent == bare:
                    raise
                if not named:
                    late, sent = [key for key in sent if key not in BARE], bare
                dropped |= named
                sent = {"labels": mark, **{key: value for key, value in sent.items() if key not in named}}

    async def _put(
        self, id_: str, native: Mapping[str, Any], labels: Collection[str]
    ) -> tuple[dict[str, Any] | None, dict[str, str]]:
        """Write what Jira takes. Its answer, on Cloud the whole issue, and the reason for what it does not take."""
        left, dropped = dict(native), dict[str, str]()
        while left:
            try:
                return await self._send(id_, left, labels), dropped
            except Rejected as error:
                named = {key: why for key, why in error.fields.items() if key in left}
                if not named and len(left) > 1:
                    return await self._put_one_by_one(id_, left, labels, dropped)
                dropped |= named or dict.fromkeys(left, str(error))
                left = {key: value for key, value in left.items() if key not in dropped}
        return None, dropped

    async def _put_one_by_one(
        self, id_: str, left: Mapping[str, Any], labels: Collection[str], dropped: dict[str, str]
    ) -> tuple[dict[str, Any] | None, dict[str, str]]:
        answer = None
        for key, value in left.items():
            try:
                answer = await self._send(id_, {key: value}, labels)
            except Rejected as error:
                dropped[key] = error.fields.get(key, str(error))
        return answer, dropped

    async def _send(self, id_: str, native: Mapping[str, Any], labels: Collection[str]) -> dict[str, Any] | None:
        returned = {"returnIssue": "true"} if (await self.client.dialect()).cloud else {}
        body: dict[str, Any] = {"fields": {key: value for key, value in native.items() if key != "labels"}}
        if "labels" in native:
            # Only what differs is told, so that a label which somebody adds at this moment is not taken away.
            body["update"] = {"labels": list(_steps(labels, native["labels"]))}
        answer: dict[str, Any] | None = await self.client.put(f"issue/{id_}", body, **returned)
        return answer


def _steps(before: Collection[str], after: Collection[str]) -> Iterator[dict[str, str]]:
    yield from ({"add": label} for label in after if label not in before)
    yield from ({"remove": label} for label in before if label not in after)
