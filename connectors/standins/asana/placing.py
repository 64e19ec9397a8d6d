"""Where tasks live: sections, projects, parents and the trash. None of it but the trash moves `modified_at`."""

from collections.abc import Callable, Iterator

from connectors.standins.asana import model
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.world import World

MOST_PROJECTS = 20

Keep = Callable[[model.Task], bool]


def in_section(section: model.Section, keep: Keep = lambda _task: True) -> list[model.Task]:
    """The tasks of a section that `keep` wants, from top to bottom; asked before sorting, for sections may be long."""
    gid = section.project.gid
    return sorted(filter(keep, section.tasks.values()), key=lambda task: task.memberships[gid].rank)


def in_project(project: model.Project, keep: Keep = lambda _task: True) -> list[model.Task]:
    """The tasks of a project that `keep` wants, section by section; subtasks are not among them."""
    return [task for section in project.sections for task in in_section(section, keep)]


def at_top(section: model.Section) -> float:
    """A rank before all others."""
    section.top -= 1
    return section.top


def at_bottom(section: model.Section) -> float:
    """A rank after all others."""
    section.bottom += 1
    return section.bottom


def beside(section: model.Section, neighbour: model.Task, *, after: bool) -> float:
    """A rank right before or after another task of the section. Raises ApiError 400 when it is not there."""
    ordered = in_section(section)
    if neighbour.gid not in section.tasks:
        name = "insert_after" if after else "insert_before"
        raise ApiError(400, f"{name}: Task {neighbour.gid} is not in section {section.gid}")
    ranks = [task.memberships[section.project.gid].rank for task in ordered]
    at = ordered.index(neighbour)
    other = at + 1 if after else at - 1
    if not 0 <= other < len(ranks):
        return at_bottom(section) if after else at_top(section)
    return (ranks[at] + ranks[other]) / 2


def put(world: World, task: model.Task, section: model.Section, rank: float) -> model.Membership | None:
    """Put a task in a section, silently; returns the place it had in that project before."""
    gid = section.project.gid
    old = task.memberships.get(gid)
    if old is not None:
        old.section.tasks.pop(task.gid, None)
    if old is None:
        world.associate(task)
    task.memberships[gid] = model.Membership(section.project, section, rank)
    section.tasks[task.gid] = task
    return old


def place(world: World, user: model.User, task: model.Task, section: model.Section, rank: float) -> None:
    """Put a task in a section and tell everybody; a new project is an event of its own beside the section's."""
    project = section.project
    if project.gid not in task.memberships and len(task.memberships) >= MOST_PROJECTS:
        raise ApiError(400, f"project: A task can be in at most {MOST_PROJECTS} projects")
    old = put(world, task, section, rank)
    if old is None:
        world.emit("added", task, user, parent=section)
        world.emit("added", task, user, parent=project)
        world.tell(task, user, "added_to_project", f"added this task to {project.name}", project=project)
    elif old.section is not section:
        world.emit("removed", task, user, parent=old.section, also=(old.section,))
        world.emit("added", task, user, parent=section)
        text = f'moved this task from "{old.section.name}" to "{section.name}" in {project.name}'
        world.tell(task, user, "section_changed", text, old_section=old.section, new_section=section, project=project)


def withdraw(world: World, user: model.User, task: model.Task, project: model.Project) -> None:
    """Take a task out of a project; it goes on to exist. Raises ApiError 400 when it is not in there."""
    place_ = task.memberships.pop(project.gid, None)
    if place_ is None:
        raise ApiError(400, f"project: Task {task.gid} is not in project {project.gid}")
    place_.section.tasks.pop(task.gid, None)
    world.emit("removed", task, user, parent=place_.section, also=(place_.section,))
    world.emit("removed", task, user, parent=project, also=(project,))
    world.tell(task, user, "removed_from_project", f"removed this task from {project.name}", project=project)


def adopt(world: World, user: model.User, task: model.Task, parent: model.Task | None) -> None:
    """Make a task a subtask of another, or of none. Raises ApiError 400 for a circle."""
    above = parent
    while above is not None:
        if above is task:
            raise ApiError(400, "parent: A task cannot be its own parent or that of one of its ancestors")
        above = above.parent
    if task.parent is not parent:
        world.associate(task)
    if task.parent is not None:
        old = task.parent
        old.subtasks.remove(task)
        task.parent = None
        world.emit("removed", task, user, parent=old, also=(old,))
    if parent is not None:
        task.parent = parent
        parent.subtasks.append(task)
        world.emit("added", task, user, parent=parent)


def _with_parts(task: model.Task) -> Iterator[model.Task | model.Story | model.Attachment]:
    yield task
    yield from task.stories
    yield from task.attachments


def trash(world: World, user: model.User, task: model.Task) -> None:
    """Delete a task with its subtasks; they can be restored."""
    for subtask in task.subtasks:
        trash(world, user, subtask)
    world.touch(task)
    world.emit("deleted", task, user)
    for membership in task.memberships.values():
        membership.section.tasks.pop(task.gid, None)
    for item in _with_parts(task):
        world.objects.pop(item.gid, None)
    world.externals.pop((task.external or {}).get("gid", ""), None)
    world.trash[task.gid] = task


def restore(world: World, user: model.User, task: model.Task) -> None:
    """Bring a task back from the trash to the places it had."""
    del world.trash[task.gid]
    for item in _with_parts(task):
        world.add(item)
    for membership in task.memberships.values():
        membership.section.tasks[task.gid] = task
    if task.external and "gid" in task.external:
        world.externals[task.external["gid"]] = task
    world.touch(task)
    world.emit("undeleted", task, user)
    for subtask in task.subtasks:
        if subtask.gid in world.trash:
            restore(world, user, subtask)
