"""Issues: what a request may set, how refusals are worded, what the changelog keeps."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connectors.standins.jira_rig import Rig, jira, paragraph

ANA = {"accountId": "712020:00000000-0000-4000-8000-000000000001"}
KIM = {"accountId": "712020:00000000-0000-4000-8000-000000000005"}
REVIEWERS = "customfield_10033"


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with jira() as made:
        yield made


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("summary", "Größe 陈 🚀", "Größe 陈 🚀"),
        ("description", paragraph("hi"), paragraph("hi")),
        ("duedate", "2026-12-01", "2026-12-01"),
        ("labels", ["b", "a", "b"], ["a", "b"]),
        ("customfield_10031", 0, 0.0),
        ("customfield_10034", "2026-12-01T09:00:00.000+0000", "2026-12-01T10:00:00.000+0100"),
        ("customfield_10035", "https://acme.example/a", "https://acme.example/a"),
        ("customfield_10036", paragraph("note"), paragraph("note")),
        ("description", {"type": "doc", "version": 1, "content": []}, None),
    ],
)
def test_value_reads_back(rig: Rig, field: str, value: Any, shown: Any) -> None:
    issue = rig.create()
    assert rig.edit(issue, **{field: value}).status_code == 204
    assert rig.fields(issue)[field] == shown


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("summary", "", "You must specify a summary of the issue."),
        ("summary", "x" * 256, "Summary must be less than 255 characters."),
        ("summary", "a\nb", "The summary is invalid because it contains newline characters."),
        ("description", "text", "Operation value must be an Atlassian Document (see the Atlassian Document Format)"),
        ("description", {"type": "doc", "version": 1, "content": [{"type": "nope"}]}, "INVALID_INPUT"),
        ("labels", ["two words"], "The label 'two words' contains spaces which is invalid."),
        ("customfield_10032", {"value": "Urgent"}, "Option value 'Urgent' is not valid"),
        ("priority", {"name": "Extreme"}, "Priority name 'Extreme' is not valid"),
        ("assignee", {"accountId": "none"}, "Account ID 'none' does not exist."),
        ("assignee", KIM, "User 'Kim Former' cannot be assigned issues."),
        ("customfield_10031", "5", "Operation value must be a number"),
        ("resolution", {"name": "Done"}, "Field 'resolution' cannot be set. It is not on the appropriate screen"),
        ("customfield_99999", 1, "Field 'customfield_99999' cannot be set. It is not on the appropriate screen"),
        ("parent", {"key": "ENG-9999"}, "Could not find issue by id or key."),
    ],
)
def test_refusal_names_the_field(rig: Rig, field: str, value: Any, message: str) -> None:
    answer = rig.edit(rig.create(), **{field: value})
    assert answer.status_code == 400
    assert answer.json()["errors"][field].startswith(message)


def test_create_reports_every_field(rig: Rig) -> None:
    fields = {"project": {"key": "NONE"}, "foo": 1, "duedate": "soon"}
    answer = rig.send("POST", "issue", {"fields": fields})
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {"project", "foo", "duedate", "summary", "issuetype"}


@pytest.mark.parametrize("body", [[], {"fields": 1}, {"update": []}, {"fields": {"project": "ENG"}}])
def test_shapeless_body_is_refused(rig: Rig, body: Any) -> None:
    assert rig.send("POST", "issue", body).status_code == 400


def test_bad_comment_creates_nothing(rig: Rig) -> None:
    fields = {"project": {"key": "ENG"}, "issuetype": {"name": "Task"}, "summary": "A", "labels": ["never"]}
    body = {"fields": fields, "update": {"comment": [{"add": {"body": "no ADF"}}]}}
    assert rig.send("POST", "issue", body).status_code == 400
    assert rig.find("labels = never") == []


def test_status_is_silently_ignored(rig: Rig) -> None:
    issue = rig.create()
    assert rig.edit(issue, status={"name": "Done"}, summary="Other").status_code == 204
    found = rig.fields(issue)
    assert (found["status"]["name"], found["summary"]) == ("To Do", "Other")


def test_create_refuses_a_status(rig: Rig) -> None:
    given = {"project": {"key": "ENG"}, "issuetype": {"name": "Task"}, "summary": "A", "status": {"name": "Done"}}
    answer = rig.send("POST", "issue", {"fields": given})
    assert answer.json()["errors"].keys() == {"status"}


def test_parent_can_be_removed(rig: Rig) -> None:
    task = rig.create(parent={"id": rig.create(kind="Epic")})
    update = {"parent": [{"set": {"none": True}}]}
    assert rig.send("PUT", f"issue/{task}", {"update": update}).status_code == 204
    assert rig.fields(task)["parent"] is None


def test_verbs_change_lists(rig: Rig) -> None:
    issue = rig.create(labels=["a", "b"])
    update = {"labels": [{"add": "c"}, {"remove": "a"}], REVIEWERS: [{"add": ANA}]}
    assert rig.send("PUT", f"issue/{issue}", {"update": update}).status_code == 204
    found = rig.fields(issue)
    assert found["labels"] == ["b", "c"]
    assert [one["accountId"] for one in found[REVIEWERS]] == [ANA["accountId"]]


def test_field_stands_in_one_place(rig: Rig) -> None:
    body = {"fields": {"labels": ["a"]}, "update": {"labels": [{"add": "b"}]}}
    answer = rig.send("PUT", f"issue/{rig.create()}", body)
    assert "both" in answer.json()["errors"]["labels"]


def test_return_issue_answers_whole(rig: Rig) -> None:
    issue = rig.create()
    answer = rig.send("PUT", f"issue/{issue}", {"fields": {"summary": "B"}}, params={"returnIssue": "true"})
    assert answer.status_code == 200
    assert answer.json()["fields"]["summary"] == "B"


def test_changelog_tells_each_change(rig: Rig) -> None:
    issue = rig.create(summary="A", labels=["x"])
    rig.edit(issue, "ana", summary="B", customfield_10031=0)
    rig.edit(issue, "bo", labels=["x", "y"], assignee=ANA)
    first, second = rig.get(f"issue/{issue}/changelog")["values"]
    assert [entry["author"]["displayName"] for entry in (first, second)] == ["Ana Chen", "Bo Larsen"]
    told = {item["fieldId"]: (item["fromString"], item["toString"]) for item in first["items"] + second["items"]}
    assert told == {
        "summary": ("A", "B"),
        "customfield_10031": (None, "0"),
        "labels": ("x", "x y"),
        "assignee": (None, "Ana Chen"),
    }


def test_same_value_changes_nothing(rig: Rig) -> None:
    issue = rig.create(summary="A", labels=["x"])
    before = rig.fields(issue)["updated"]
    assert rig.edit(issue, summary="A", labels=["x"], duedate=None).status_code == 204
    assert rig.get(f"issue/{issue}/changelog")["values"] == []
    assert rig.fields(issue)["updated"] == before


def test_bulk_changelog_filters_fields(rig: Rig) -> None:
    issues = [rig.create(), rig.create()]
    for issue in issues:
        rig.edit(issue, summary="B")
        rig.edit(issue, duedate="2026-12-01")
    body = {"issueIdsOrKeys": issues, "fieldIds": ["duedate"]}
    logs = rig.send("POST", "changelog/bulkfetch", body).json()["issueChangeLogs"]
    assert [log["issueId"] for log in logs] == issues
    assert all(len(log["changeHistories"]) == 1 for log in logs)


def test_bulk_create_fails_singly(rig: Rig) -> None:
    good = {"project": {"key": "ENG"}, "issuetype": {"name": "Task"}, "summary": "A"}
    answer = rig.send("POST", "issue/bulk", {"issueUpdates": [{"fields": good}, {"fields": {}}]})
    assert answer.status_code == 201
    assert len(answer.json()["issues"]) == 1
    assert answer.json()["errors"][0]["failedElementNumber"] == 1


def test_bulk_fetch_omits_missing(rig: Rig) -> None:
    issue = rig.create()
    body = {"issueIdsOrKeys": ["99999999", issue, "nokey-1"], "fields": ["summary"]}
    answer = rig.send("POST", "issue/bulkfetch", body).json()
    assert [one["id"] for one in answer["issues"]] == [issue]
    assert answer["issues"][0]["fields"] == {"summary": "Launch page"}


def test_hierarchy_is_kept(rig: Rig) -> None:
    epic = rig.create(kind="Epic")
    task = rig.create(parent={"id": epic})
    sub = rig.create(kind="Sub-task", parent={"id": task})
    assert rig.fields(sub)["parent"]["id"] == task
    assert [one["id"] for one in rig.fields(task)["subtasks"]] == [sub]
    answer = rig.edit(sub, parent={"id": epic})
    assert answer.json()["errors"].keys() == {"parentId"}


def test_delete_spares_subtasks(rig: Rig) -> None:
    task = rig.create()
    sub = rig.create(kind="Sub-task", parent={"id": task})
    assert rig.call("DELETE", f"issue/{task}").status_code == 400
    assert rig.call("DELETE", f"issue/{task}?deleteSubtasks=true").status_code == 204
    assert [rig.call("GET", f"issue/{one}").status_code for one in (task, sub)] == [404, 404]


@pytest.mark.parametrize(
    ("body", "status"), [(ANA, 204), ({"accountId": None}, 204), ({"accountId": "-1"}, 204), (KIM, 400), ({}, 400)]
)
def test_assignee_is_set(rig: Rig, body: Any, status: int) -> None:
    issue = rig.create()
    assert rig.send("PUT", f"issue/{issue}/assignee", body).status_code == status
    assigned = rig.fields(issue)["assignee"]
    assert (assigned or {}).get("accountId") == (body.get("accountId") if body == ANA else None)


def test_version_two_speaks_wiki(rig: Rig) -> None:
    issue = rig.create(description=paragraph("plain"))
    old = rig.api.replace("/3/", "/2/") + f"issue/{issue}"
    assert rig.get(old)["fields"]["description"] == "plain"
    rig.send("PUT", old, {"fields": {"description": "h2. Title\n\n* one\n* *two*"}})
    assert [node["type"] for node in rig.fields(issue)["description"]["content"]] == ["heading", "bulletList"]
