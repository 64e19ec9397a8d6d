"""The state of the stand-in: what exists, what the clock says, and who is told when something happens."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar
from xml.sax.saxutils import escape

from connectors.standins.asana import model, richtext
from connectors.standins.asana.errors import not_recognized, unknown_object
from connectors.standins.asana.listings import Listings
from connectors.standins.asana.streams import Listeners, Streams
from connectors.standins.control import Control

SITE = "https://app.asana.com"
FIRST_GID = 1_205_000_000_000_001

Found = TypeVar("Found")


class World:
    """Everything in one workspace, found by gid. Only ever touched from the server's event loop."""

    def __init__(self, control: Control, *, oauth: bool = False, premium: bool = False, loopback: bool = True) -> None:
        self.control = control
        self.oauth = oauth
        self.premium = premium
        self.loopback = loopback
        self.workspace = model.Workspace("1200001", "Acme")
        self.objects: dict[str, Any] = {self.workspace.gid: self.workspace}
        self.trash: dict[str, model.Task] = {}
        self.externals: dict[str, model.Task] = {}
        self.tokens: dict[str, model.User] = {}
        self.emails: dict[str, model.User] = {}
        self.projects: list[model.Project] = []
        self.tags: list[model.Tag] = []
        self.custom_fields: list[model.CustomField] = []
        self.listeners: Listeners = {}
        self.streams = Streams(self.listeners, control.now)
        self.listings = Listings()
        self._gids = itertools.count(FIRST_GID)

    def gid(self) -> str:
        """A gid that was never used."""
        return str(next(self._gids))

    def stamp(self) -> str:
        """Now, as Asana writes times."""
        return self.control.now().isoformat(timespec="milliseconds")[:-6] + "Z"

    def add(self, resource: Found) -> Found:
        """Make a new resource findable by its gid."""
        self.objects[resource.gid] = resource  # type: ignore[attr-defined]
        return resource

    def add_user(self, user: model.User) -> model.User:
        """Make a person known by gid, email and token."""
        self.tokens[user.token] = user
        self.emails[user.email.lower()] = user
        return self.add(user)

    def tasks(self) -> Iterator[model.Task]:
        """Every task that is not in the trash, oldest first."""
        return (item for item in self.objects.values() if isinstance(item, model.Task))

    def alive(self, tasks: Iterable[model.Task]) -> list[model.Task]:
        """Those of the tasks that are not in the trash."""
        return [task for task in tasks if task.gid in self.objects]

    def users(self) -> list[model.User]:
        """Everybody, in the order in which they joined."""
        return list(self.emails.values())

    def find(self, type_: type[Found], gid: str) -> Found:
        """The resource that a path names. Raises ApiError 404."""
        found = self.objects.get(gid)
        if found is None and gid.startswith("external:") and self.oauth:
            found = self.externals.get(gid.removeprefix("external:"))
        if not isinstance(found, type_):
            raise unknown_object(type_.__name__.lower(), gid)
        return found

    def refer(self, type_: type[Found], gid: object, name: str) -> Found:
        """The resource that the parameter `name` of a body or query means. Raises ApiError 400."""
        found = self.objects.get(gid) if isinstance(gid, str) else None
        if not isinstance(found, type_):
            raise not_recognized(name, gid)
        return found

    def person(self, who: object, name: str, me: model.User) -> model.User:
        """The user meant by a gid, an email or `me`. Raises ApiError 400."""
        if who == "me":
            return me
        if isinstance(who, str) and who.lower() in self.emails:
            return self.emails[who.lower()]
        return self.refer(model.User, who, name)

    def resolve(self, gid: str) -> richtext.Target | None:
        """What a mention of this gid points at."""
        found = self.objects.get(gid)
        if found is None:
            return None
        return richtext.Target(found.kind, getattr(found, "name", ""), f"{SITE}/0/{self.workspace.gid}/{gid}")

    def touch(self, task: model.Task) -> None:
        """Move `modified_at`; not called for moves between sections and projects."""
        task.modified_at = self.stamp()

    def associate(self, task: model.Task) -> None:
        """Note that what the task belongs to has changed, for `modified_since` alone."""
        task.associated_at = self.stamp()

    def emit(
        self,
        action: str,
        resource: model.Resource,
        user: model.User | None,
        *,
        parent: model.Resource | None = None,
        change: dict[str, Any] | None = None,
        also: Iterable[model.Resource] = (),
    ) -> None:
        """Tell the listeners of the resource and of all it belongs to; `also` are those it has just left."""
        if not self.listeners:
            return
        event = model.Event(action, resource, parent, user, self.stamp(), change)
        for gid in dict.fromkeys(itertools.chain(bubbled(resource), *(bubbled(left) for left in also))):
            for listener in list(self.listeners.get(gid, ())):
                listener(event)

    def tell(self, task: model.Task, user: model.User, subtype: str, text: str, **detail: Any) -> model.Story:
        """Write a system story about what `user` did to the task; `detail` holds its conditional fields."""
        link = f'<b><a href="{SITE}/0/profile/{user.gid}">{escape(user.name)}</a></b>'
        story = model.Story(
            gid=self.gid(),
            task=task,
            resource_subtype=subtype,
            text=f"{user.name} {text}",
            html_text=f"{link} {escape(text)}",
            created_by=user,
            created_at=self.stamp(),
            detail=detail,
        )
        return self.attach_story(story)

    def attach_story(self, story: model.Story) -> model.Story:
        """Put a story into its task's feed and announce it."""
        story.task.stories.append(story)
        self.add(story)
        self.emit("added", story, story.created_by, parent=story.task)
        return story


def bubbled(resource: model.Resource) -> Iterator[str]:
    """The gids whose listeners hear of this resource: its own, then those of all it belongs to."""
    yield resource.gid
    match resource:
        case model.Task():
            for membership in resource.memberships.values():
                yield membership.section.gid
                yield membership.project.gid
            for tag in resource.tags:
                yield tag.gid
            if resource.parent is not None:
                yield from bubbled(resource.parent)
        case model.Story():
            yield from bubbled(resource.task)
        case model.Attachment():
            yield from bubbled(resource.parent)
        case model.Section():
            yield from bubbled(resource.project)
        case model.Project() | model.Tag():
            yield resource.workspace.gid
        case model.Workspace():
            pass
