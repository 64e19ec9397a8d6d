"""The two pages in a real browser, as people use them, with the service at work between them."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Locator, Page, expect, sync_playwright

from tests.service import PATIENCE_SECONDS
from tests.workers.demo.test_running import Demo, demo  # noqa: F401 - pytest finds the fixture by its name here

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
REFUSED = "the server responded with a status of 400"
"""The browser's own note of an answer that the page shows to the person."""
MARKUP = """<script>alert("1")</script> it's <b onclick='x()'>"bold"</b> &amp; `so`"""


@dataclass
class Pages:
    """Both pages side by side, and what went wrong on them unseen."""

    jira: Page
    asana: Page
    problems: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note script errors and dialogs that nobody expects; a question before a deletion is answered with yes."""
        for page in (self.jira, self.asana):
            page.on("pageerror", lambda error: self.problems.append(str(error)))
            page.on("console", self._console)
            page.on("dialog", self._dialog)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and REFUSED not in message.text:
            self.problems.append(message.text)

    def _dialog(self, dialog: Dialog) -> None:
        if dialog.type != "confirm":
            self.problems.append(dialog.message)
        dialog.accept()

    def both(self, start: str) -> tuple[Page, Page]:
        """The page that a test starts on, and the other one."""
        return (self.jira, self.asana) if start == "jira" else (self.asana, self.jira)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=ARGUMENTS) as launched:
        yield launched


@pytest.fixture(scope="module")
def opened(browser: Browser, demo: Demo) -> Pages:  # noqa: F811 - the fixture, not the import
    pages = Pages(browser.new_page(), browser.new_page())
    pages.watch()
    pages.jira.goto(demo.told["jira"])
    pages.asana.goto(demo.told["asana"])
    return pages


@pytest.fixture
def pages(opened: Pages) -> Iterator[Pages]:
    yield opened
    assert opened.problems == []


def card(page: Page, title: str) -> Locator:
    """The card with this title."""
    return page.get_by_role("article").filter(has=page.get_by_role("button", name=title, exact=True))


def edit(page: Page, title: str | None, person: str = "Ana Chen", **values: str) -> None:
    """Open the card with this title, or a new one; fill in fields by the first words of their labels; save."""
    page.get_by_label("I am").select_option(person)
    heading = page.get_by_role("button", name=title, exact=True) if title else page.locator("#new")
    heading.click()
    for label, value in values.items():
        found = page.get_by_role("dialog").get_by_label(label.replace("_", " "))
        if found.evaluate("element => element.tagName") == "SELECT":
            found.select_option(value)
        else:
            found.fill(value)
    page.get_by_role("button", name="Save").click()


def test_title_arrives_in_asana(pages: Pages) -> None:
    edit(pages.jira, "Pricing table", "Bo Larsen", Title="Prices, 三种方案")

    expect(card(pages.jira, "Prices, 三种方案")).to_be_visible()
    expect(card(pages.asana, "Prices, 三种方案")).to_be_visible()
    expect(card(pages.asana, "Pricing table")).to_have_count(0)


def test_date_and_section_arrive_in_jira(pages: Pages) -> None:
    edit(pages.asana, "Booth design, Zürich", Due_date="2026-12-24", Section="Doing")

    column = pages.jira.get_by_role("region", name="In Progress")
    moved = column.get_by_role("article").filter(has_text="Booth design, Zürich")
    expect(moved).to_contain_text("due 2026-12-24")


@pytest.mark.parametrize("start", ["jira", "asana"])
def test_comment_arrives_with_author(pages: Pages, start: str) -> None:
    here, there = pages.both(start)
    said = f"Seen from {start}: “好”"
    edit(here, "Demo video (90 s)", "Chen Wei (陈伟)", New_comment=said)

    arrived = card(there, "Demo video (90 s)").locator(".said").filter(has_text=said)
    expect(arrived).to_contain_text("Chen Wei (陈伟)")


@pytest.mark.parametrize("start", ["jira", "asana"])
def test_file_arrives_and_opens(pages: Pages, tmp_path: Path, start: str) -> None:
    here, there = pages.both(start)
    name = f"from {start}.txt"
    (tmp_path / name).write_text("Größe")
    here.get_by_role("button", name="Customer quotes", exact=True).click()
    expect(here.get_by_role("dialog")).to_be_visible()
    here.get_by_label("Attach a file").set_input_files(tmp_path / name)
    here.get_by_role("button", name="Save").click()

    link = card(there, "Customer quotes").get_by_role("link", name=name)
    with there.expect_download() as download:
        link.click()

    assert download.value.path().read_text() == "Größe"


@pytest.mark.parametrize("start", ["jira", "asana"])
def test_new_item_arrives_whole(pages: Pages, start: str) -> None:
    here, there = pages.both(start)
    title = f"Made in {start}"
    edit(here, None, Title=title, Description="First line", Due_date="2026-12-20", Assignee="Bo Larsen")

    expect(card(there, title)).to_contain_text("Bo Larsen · due 2026-12-20")
    expect(card(there, title)).to_contain_text("First line")


def test_deleted_issue_takes_task(pages: Pages) -> None:
    title = "Printed flyers for the stand"
    expect(card(pages.asana, title)).to_be_visible()
    pages.jira.get_by_role("button", name=title, exact=True).click()
    pages.jira.get_by_role("button", name="Delete").click()

    expect(card(pages.jira, title)).to_have_count(0)
    expect(card(pages.asana, title)).to_have_count(0)


@pytest.mark.parametrize(
    ("start", "told"),
    [("jira", "summary: You must specify a summary of the issue."), ("asana", "A task needs a title.")],
)
def test_empty_title_is_refused(pages: Pages, start: str, told: str) -> None:
    here, _ = pages.both(start)
    edit(here, "Launch page", Title="", Description="Kept while the title is mended")

    expect(here.get_by_role("alert")).to_have_text(told)
    expect(here.get_by_role("dialog").get_by_label("Description")).to_have_value("Kept while the title is mended")
    here.get_by_role("button", name="Close").click()
    expect(card(here, "Launch page")).to_be_visible()


@pytest.mark.parametrize("start", ["jira", "asana"])
def test_markup_shows_as_text(pages: Pages, start: str) -> None:
    here, there = pages.both(start)
    title = f"{start}: {MARKUP}"
    edit(here, None, Title=title, Description=MARKUP)
    edit(here, title, New_comment=MARKUP)

    expect(card(there, title).locator(".said")).to_contain_text("<script>")
    expect(card(there, title).locator(".rich").first).to_contain_text("<script>")
    for page in (here, there):
        expect(card(page, title).get_by_role("heading")).to_have_text(title)
        expect(page.locator("article :is(script, b)")).to_have_count(0)


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("https://desk.example/1", True),
        ("javascript:alert(1)", False),
        ("javascript://desk.example/%0aalert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("", False),
    ],
)
def test_links_lead_to_servers_only(pages: Pages, address: str, leads: bool) -> None:
    for page in (pages.jira, pages.asana):
        assert page.evaluate("address => leads(address)", address) is leads


@pytest.mark.parametrize("start", ["jira", "asana"])
def test_keyboard_is_enough(pages: Pages, start: str) -> None:
    here, _ = pages.both(start)
    heading = here.get_by_role("button", name="Load test the checkout", exact=True)
    heading.focus()
    heading.press("Enter")
    expect(here.get_by_role("dialog").get_by_label("Title")).to_be_focused()

    here.keyboard.press("Escape")

    expect(here.get_by_role("dialog")).to_have_count(0)
    expect(heading).to_be_focused()
