"""The sample and the page of the demo."""

from collections.abc import Iterator

import pytest

from connectors.standins.jira import adf
from tests.connectors.standins.jira_rig import Rig, jira


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with jira(sample=True) as made:
        yield made


def test_sample_fills_every_column(rig: Rig) -> None:
    issues = rig.get("search/jql", jql="project = ENG", fields="*all")["issues"]
    titles = {issue["fields"]["summary"] for issue in issues}
    assert {"Launch page", "Pricing table", "启动页面的中文文案"} <= titles
    assert {issue["fields"]["status"]["name"] for issue in issues} == {
        "To Do",
        "In Progress",
        "In Review",
        "Done",
        "Cancelled",
    }
    assert all(adf.is_document(issue["fields"]["description"]) for issue in issues)


def test_sample_can_be_worked_on(rig: Rig) -> None:
    assert rig.get("issue/ENG-2/comment")["total"] == 2
    rig.move("ENG-3", "11", "21")
    assert rig.edit("ENG-3", "wei", summary="Pricing").status_code == 204
    assert rig.get("issue/ENG-1")["fields"]["attachment"][0]["filename"] == "checklist.txt"


def test_page_needs_nothing_outside(rig: Rig) -> None:
    answer = rig.call("GET", f"{rig.url}/", "")
    assert answer.headers["content-type"].startswith("text/html")
    assert "http" not in answer.text.replace("HTTP ", "")
    assert "innerHTML" not in answer.text
