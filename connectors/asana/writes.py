"""Creating, updating and deleting tasks. What Asana or we refuse is named field by field; the rest is written."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from connectors.asana.account import Place
from connectors.asana.client import Json
from connectors.asana.fields import TYPES
from connectors.asana.reads import Reads
from connectors.asana.records import membership, opt_fields, record
from connectors.asana.values import RELATIONS, Refused, Values
from connectors.contract import NO_SCREENS, Fields, Record, Ref, Scope, Screens, Written
from connectors.errors import ConnectorError, NotFound, Rejected, Unavailable

# How the last part of the path and the body are called for adding and removing one of a list.
_LISTS: Final = {"tags": ("Tag", "tag"), "followers": ("Followers", "followers")}


class Writes(Reads):
    """The capabilities WRITE and DELETE."""

    async def create(
        self,
        object_: str,
        scope: Scope,
        fields: Fields,
        marker: str,
        screens: Screens = NO_SCREENS,  # noqa: ARG002 - Asana has no screens
    ) -> Written:
        """See `connectors.contract.Writer`.

        One request carries everything. Where Asana refuses it, another creates the task with name, section and marker
        alone, and the other fields follow as an update, which finds out what is to blame.
        """
        place = await self.place(object_, scope)
        values = Values(self, place)
        given = {key: value for key, value in fields.items() if value is not None}
        parts, refused = await values.parts(given, {})
        for key in RELATIONS:
            if key in given:
                try:
                    parts[key] = {key: await values.relation(key, given[key])}
                except Refused as error:
                    refused[key] = str(error)
        try:
            return Written(await self._post(parts, marker, place, scope, fields), refused)
        except Rejected:
            await self.metadata.project(place.project.gid, fresh=True)
            place = await self.place(object_, scope)
        bare = {key: part for key, part in parts.items() if key in ("name", "section")}
        made = await self._post(bare, marker, place, scope, fields)
        try:
            written = await self.update(made, {key: given[key] for key in parts if key not in bare}, {})
        except ConnectorError as error:
            # Whatever stopped the update, the task is there: no caller may take this for a create that failed.
            raise Unavailable(f"task {made.ref.id} was created, but the rest not written: {error}") from error
        return Written(written.record, {**refused, **written.refused})

    async def update(
        self,
        current: Record,
        fields: Fields,
        screens: Mapping[str, Fields],  # noqa: ARG002 - Asana has no screens
    ) -> Written:
        """See `connectors.contract.Writer`.

        Section, tags, followers and parent first, each by its own request; the values last and together, so that
        their answer is the record as it now reads.
        """
        scope: Scope = current.native["scope"]
        task: Json = current.native["task"]
        place = await self.place(current.ref.object, scope)
        values = Values(self, place)
        keys = {*current.native["keys"], *fields}
        asked = opt_fields(keys, place)
        parts, refused = await values.parts(fields, task)
        for key in RELATIONS:
            if key in fields:
                try:
                    await self._relate(key, await values.relation(key, fields[key]), task, place)
                except (Refused, Rejected, NotFound) as error:
                    # Whether the task itself is what is missing shows below.
                    refused[key] = str(error)
        written, denied = await self._put(current.ref.id, parts, asked)
        found = [written] if written is not None else await self.tasks([current.ref.id], asked)
        if not found:
            raise NotFound(f"task {current.ref.id} is gone from Asana, or hidden from our account")
        return Written(record(found[0], keys, place, scope, self.name), {**refused, **denied})

    async def delete(self, ref: Ref) -> None:
        """See `connectors.contract.Writer`. Asana keeps deleted tasks in its trash for 30 days."""
        try:
            await self.client.request("DELETE", "/tasks/{}", ref.id)
        except NotFound:
            return

    async def archive(self, ref: Ref) -> None:
        """Not offered: tasks are completed, which is a field, or deleted. Raises Rejected."""
        raise Rejected(f"Asana cannot archive task {ref.id}; complete it or delete it")

    async def _post(
        self, parts: Mapping[str, Json], marker: str, place: Place, scope: Scope, keys: Iterable[str]
    ) -> Record:
        body = _compose(parts.values())
        project = place.project
        section = body.pop("section", place.section)
        # A subtask, too, becomes a member of the project: nothing else lists it, so its marker could not be found.
        if section is None:
            body["projects"] = [project.gid]
        else:
            body["memberships"] = [{"project": project.gid, "section": section}]
        # What Asana filled in by itself is of interest too.
        shown = {*TYPES, *project.custom, *keys}
        query = {"opt_fields": ",".join(opt_fields(shown, place))}
        data = place.marking.write(marker, {"workspace": project.workspace, **body})
        answer = await self.client.request("POST", "/tasks", query=query, data=data)
        return record(answer["data"], shown, place, scope, self.name)

    async def _put(
        self, gid: str, parts: Mapping[str, Json], asked: Iterable[str]
    ) -> tuple[Json | None, dict[str, str]]:
        """Write parts together; where Asana refuses, without those it names, or one by one where it names none.

        Returns the task as the last accepted request left it, None where there was none, and the reasons by field.
        """
        if not parts:
            return None, {}
        query = {"opt_fields": ",".join(asked)}
        try:
            answer = await self.client.request("PUT", "/tasks/{}", gid, query=query, data=_compose(parts.values()))
            return answer["data"], {}
        except Rejected as error:
            refused = _blamed(error, parts)
        rest = {key: part for key, part in parts.items() if key not in refused}
        written = None
        for group in [rest] if refused else [{key: part} for key, part in rest.items()]:
            accepted, more = await self._put(gid, group, asked)
            written = accepted or written
            refused |= more
        return written, refused

    async def _relate(self, key: str, wanted: Any, task: Json, place: Place) -> None:
        gid = task["gid"]
        if key == "parent":
            await self.client.request("POST", "/tasks/{}/setParent", gid, data={"parent": wanted})
        elif key == "section":
            now = (membership(task, place.project.gid) or {}).get("section") or {}
            if now.get("gid") != wanted:
                await self.client.request("POST", "/sections/{}/addTask", wanted, data={"task": gid})
        else:
            noun, name = _LISTS[key]
            now = [item["gid"] for item in task.get(key) or ()]
            changes = [("add", one) for one in wanted if one not in now]
            changes += [("remove", one) for one in now if one not in wanted]
            for verb, one in changes:
                data = {name: [one] if key == "followers" else one}
                await self.client.request("POST", f"/tasks/{{}}/{verb}{noun}", gid, data=data)


def _compose(parts: Iterable[Json]) -> Json:
    """One body of many parts."""
    body: Json = {}
    for part in parts:
        custom = {**body.get("custom_fields", {}), **part.get("custom_fields", {})}
        body |= part | ({"custom_fields": custom} if custom else {})
    return body


def _blamed(error: Rejected, parts: Mapping[str, Json]) -> dict[str, str]:
    """The fields that a refusal is about, each with its reason; a lone one is to blame for itself."""
    if len(parts) == 1:
        return dict.fromkeys(parts, str(error))
    return {key: reason for key, reason in error.fields.items() if key in parts}
