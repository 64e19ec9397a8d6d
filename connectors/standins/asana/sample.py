"""What the stand-in starts with: people, one project with its sections and fields, and a launch to look at."""

from typing import Any, NamedTuple

from connectors.standins.asana import custom_fields, edits, model, placing, projects, richtext, tags
from connectors.standins.asana.world import World

PROJECT = "1204001"
PEOPLE = (
    ("1201001", "Ana Chen", "ana@acme.example", "ana-token"),
    ("1201002", "Bo Larsen", "bo@acme.example", "bo-token"),
    ("1201003", "Chen Wei (陈伟)", "wei@acme.example", "wei-token"),
    ("1201004", "Syncline Bot", "bot@acme.example", "bot-token"),
)
SECTIONS = ("Backlog", "Doing", "Done")
FIELDS = (
    ("Effort", "number", 2),
    ("Severity", "enum", 0),
    ("Origin", "text", 0),
    ("Launch Date", "date", 0),
    ("Teams", "multi_enum", 0),
    ("Reviewers", "people", 0),
    ("External ID", "text", 0),
)
OPTIONS = {"Severity": ("Low", "Medium", "High", "Unknown"), "Teams": ("Web", "Brand", "Sales", "Support")}
DISABLED = "Unknown"
TAGS = (("launch", "dark-blue"), ("legal", "dark-orange"), ("中国", "dark-red"))


class Item(NamedTuple):
    """One task of the sample."""

    name: str
    section: str
    assignee: str | None
    due_on: str | None
    notes: str
    tags: tuple[str, ...] = ()
    severity: str | None = None
    effort: float | None = None
    comment: tuple[str, str] | None = None


ITEMS = (
    Item(
        "Launch page",
        "Doing",
        "ana",
        "2026-12-01",
        "<body>Hero, three benefits, <strong>one</strong> button.\n<ul><li>copy</li><li>pictures</li></ul></body>",
        ("launch",),
        "High",
        5,
        ("bo", "The hero picture is in the shared drive."),
    ),
    Item(
        "Pricing table",
        "Backlog",
        "bo",
        "2026-12-04",
        "<body>Three plans, yearly first.</body>",
        ("launch",),
        "Medium",
        3,
    ),
    Item(
        "Press kit for 上海 fair",
        "Backlog",
        "wei",
        "2026-12-09",
        "<body>新闻稿与图片，中英文。</body>",
        ("中国", "launch"),
    ),
    Item("Customer quotes", "Doing", "wei", None, "<body>Five short ones, with consent.</body>", ("legal",), "Low", 2),
    Item(
        "Newsletter: “We’re live” 🚀",
        "Backlog",
        "ana",
        "2026-12-02",
        "<body>Subject lines A &amp; B.</body>",
        ("launch",),
    ),
    Item(
        "Terms of the beta offer", "Done", "bo", "2026-11-13", "<body>Checked by counsel.</body>", ("legal",), "High", 1
    ),
    Item(
        "Demo video (90 s)", "Backlog", None, "2026-12-08", "<body><em>Storyboard first.</em></body>", (), "Medium", 8
    ),
    Item("Booth design, Zürich", "Backlog", "ana", None, "<body>Größe: 3 × 4 m.</body>"),
)


def furnish(world: World) -> model.Project:
    """The people, and the project with its sections, fields and tags, without any task."""
    for person in PEOPLE:
        world.add_user(model.User(*person))
    project = projects.make_project(world, world.tokens["ana-token"], "Product launch", PROJECT)
    for name in SECTIONS:
        projects.make_section(world, project, name)
    for name, type_, precision in FIELDS:
        field = custom_fields.make_field(world, name, type_, precision)
        custom_fields.attach(world, project, field)
        for choice in OPTIONS.get(name, ()):
            option = custom_fields.make_option(world, field, choice)
            option.enabled = choice != DISABLED
    for name, color in TAGS:
        tags.make_tag(world, name, color)
    return project


def sample(world: World) -> None:
    """A product launch in the project that `furnish` made."""
    project = world.find(model.Project, PROJECT)
    for item in ITEMS:
        _make(world, project, item)


def _make(world: World, project: model.Project, item: Item) -> None:
    author, now = world.tokens[f"{item.assignee or 'ana'}-token"], world.stamp()
    task = model.Task(world.gid(), item.name, world.workspace, author, now, now)
    rich = richtext.parse(item.notes, richtext.TASK_TAGS, world.resolve)
    fields = {setting.custom_field.name: setting.custom_field for setting in project.settings}
    severity = next((option for option in fields["Severity"].options if option.name == item.severity), None)
    wanted: dict[str, Any] = {
        "notes": rich.text,
        "html_notes": rich.xml,
        "due_on": item.due_on,
        "assignee": world.tokens[f"{item.assignee}-token"] if item.assignee else None,
        "completed": item.section == "Done",
        "values": {fields["Severity"].gid: severity, fields["Effort"].gid: item.effort},
    }
    edits.assign(world, author, task, wanted)
    task.tags = [tag for tag in world.tags if tag.name in item.tags]
    task.followers = [author]
    world.add(task)
    section = next(section for section in project.sections if section.name == item.section)
    placing.place(world, author, task, section, placing.at_bottom(section))
    if item.comment:
        who, text = item.comment
        user, body = world.tokens[f"{who}-token"], richtext.plain(text)
        story = model.Story(world.gid(), task, "comment_added", body.text, body.xml, user, world.stamp(), "comment")
        world.attach_story(story)


def seed(world: World, count: int, project: model.Project, section: model.Section, name: str) -> None:
    """Many plain tasks at once, without events and stories; `{n}` in the name is the number of the task."""
    author, now = world.tokens["ana-token"], world.stamp()
    for number in range(1, count + 1):
        task = model.Task(world.gid(), name.replace("{n}", str(number)), project.workspace, author, now, now)
        placing.put(world, world.add(task), section, placing.at_bottom(section))
