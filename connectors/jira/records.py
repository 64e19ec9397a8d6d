"""Issues as records."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from connectors.contract import Aspect, Record, Ref, Value
from connectors.errors import Malformed
from connectors.jira.client import Client
from connectors.jira.fields import ISSUE, Known
from connectors.jira.metadata import Metadata
from connectors.jira.values import Context, read_value
from connectors.values import format_datetime, parse_datetime

MARKER_LABEL: Final = "sl-"
MARKER_PROPERTY: Final = "syncline.link"
ALWAYS: Final = ("project", "issuetype", "status", "labels", "creator", "created", "updated")
HOLDERS: Final = {Aspect.COMMENTS: "comment", Aspect.ATTACHMENTS: "attachment"}
KEYS_KEPT: Final = 50_000


class Records:
    """Turns issues into records, and remembers the key of each issue seen, for links that people follow."""

    def __init__(self, client: Client, metadata: Metadata) -> None:
        self._client = client
        self._metadata = metadata
        self._keys: dict[str, str] = {}

    def asked(self, fields: Collection[str], aspects: Collection[Aspect] = ()) -> list[str]:
        """What to ask Jira for, so that `records` can be made with these fields, and say which aspects hold nothing."""
        return sorted({*fields, *ALWAYS, *(HOLDERS[aspect] for aspect in aspects if aspect in HOLDERS)} - {"key"})

    async def records(
        self, issues: Iterable[Mapping[str, Any]], fields: Collection[str], project: str | None
    ) -> list[Record]:
        """Issues that were asked for `asked(fields)`; `project` None means that the scope is known to be met."""
        known = await self._metadata.fields({*fields, "status", "issuetype", "labels", "key"})
        context = Context(self._client.name, await self._client.dialect())
        return [self._record(issue, known, context, project) for issue in issues]

    async def key(self, id_: str) -> str:
        """The key of an issue, for example ENG-12. Raises NotFound."""
        if id_ not in self._keys:
            issue = await self._client.get(f"issue/{id_}", fields="project")
            self._remember(id_, issue["key"])
        return self._keys[id_]

    def browse(self, key: str) -> str:
        """Where people see an issue."""
        return f"{self._client.site}/browse/{key}"

    def _remember(self, id_: str, key: str) -> None:
        if len(self._keys) >= KEYS_KEPT:
            self._keys.clear()
        self._keys[id_] = key

    def _record(
        self, issue: Mapping[str, Any], known: Mapping[str, Known], context: Context, project: str | None
    ) -> Record:
        try:
            id_, key, native = str(issue["id"]), str(issue["key"]), issue["fields"]
            created, updated = parse_datetime(native["created"]), parse_datetime(native["updated"])
        except (KeyError, TypeError, ValueError) as error:
            raise Malformed(f"{self._client.name}: an issue without id, key, created or updated") from error
        self._remember(id_, key)
        labels = [str(label) for label in native.get("labels") or ()]
        marks = sorted(label for label in labels if label.startswith(MARKER_LABEL))
        shown = {**native, "key": key, "labels": [label for label in labels if label not in marks]}
        return Record(
            ref=Ref(self._client.name, ISSUE, id_),
            fields={name: _value(each, shown.get(name), context) for name, each in known.items()},
            created=created,
            updated=updated,
            version=format_datetime(updated),
            url=self.browse(key),
            marker=marks[0].removeprefix(MARKER_LABEL) if marks else None,
            lacks=_lacks(native),
            in_scope=project is None or str(native.get("project", {}).get("key", "")).upper() == project.upper(),
            native={"fields": native, "marks": marks, "project": native.get("project", {}).get("key")},
        )


def _lacks(native: Mapping[str, Any]) -> frozenset[Aspect]:
    """Of the aspects that were asked for, those without anything. Only the count of comments is sure: few are shown."""
    comments, files = native.get("comment"), native.get("attachment")
    found = {Aspect.COMMENTS} if isinstance(comments, dict) and comments.get("total") == 0 else set()
    return frozenset(found | ({Aspect.ATTACHMENTS} if files == [] else set()))


def _value(known: Known, native: Any, context: Context) -> Value:
    """Some apps keep values that are not of the field's type: shown as JSON, such a one harms only itself."""
    try:
        return read_value(known.kind, native, context)
    except (KeyError, TypeError, AttributeError, ValueError):
        return json.dumps(native, ensure_ascii=False)
