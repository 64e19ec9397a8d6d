"""Every answer that the vendor's API description knows has the shape that it describes."""

import functools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.connectors.standins.jira_rig import Rig, jira, paragraph

SHARED = Path(os.environ.get("SYNCLINE_SHARED", Path(__file__).parents[4] / "shared"))
DESCRIPTION = SHARED / "specs/jira/jira-platform-v3.openapi.json"
ANA = "712020:00000000-0000-4000-8000-000000000001"

pytestmark = pytest.mark.skipif(not DESCRIPTION.exists(), reason="the API description is not in ../shared")

READS = [
    ("serverInfo", "serverInfo"),
    ("myself", "myself"),
    ("field", "field"),
    ("field/search", "field/search"),
    ("project", "project"),
    ("project/{projectIdOrKey}", "project/ENG"),
    ("project/{projectIdOrKey}/statuses", "project/ENG/statuses"),
    ("status", "status"),
    ("statuscategory", "statuscategory"),
    ("priority", "priority"),
    ("resolution", "resolution"),
    ("issuetype", "issuetype"),
    ("issue/createmeta/{projectIdOrKey}/issuetypes", "issue/createmeta/ENG/issuetypes"),
    ("issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}", "issue/createmeta/ENG/issuetypes/10001"),
    ("issue/{issueIdOrKey}/editmeta", "issue/ENG-1/editmeta"),
    ("issue/{issueIdOrKey}", "issue/ENG-1?expand=renderedFields,names,schema,transitions,editmeta,changelog"),
    ("issue/{issueIdOrKey}", "issue/ENG-1?properties=*all"),
    ("issue/{issueIdOrKey}/transitions", "issue/ENG-1/transitions?expand=transitions.fields"),
    ("issue/{issueIdOrKey}/comment", "issue/ENG-1/comment?expand=renderedBody,properties"),
    ("issue/{issueIdOrKey}/changelog", "issue/ENG-1/changelog"),
    ("issue/{issueIdOrKey}/properties", "issue/ENG-1/properties"),
    ("issue/{issueIdOrKey}/properties/{propertyKey}", "issue/ENG-1/properties/mw.link"),
    ("issue/{issueIdOrKey}/remotelink", "issue/ENG-1/remotelink"),
    ("attachment/meta", "attachment/meta"),
    ("user", f"user?accountId={ANA}"),
    ("user/search", "user/search?query=a"),
    ("user/assignable/search", "user/assignable/search?project=ENG&query=a"),
    ("user/bulk", f"user/bulk?accountId={ANA}"),
    ("search/jql", "search/jql?jql=project=ENG&fields=*all&expand=names,schema,changelog,transitions"),
]
WRITES: list[tuple[str, str, Any, str]] = [
    ("issue", "issue", {"fields": {"summary": "x", "project": {"key": "ENG"}, "issuetype": {"id": "10001"}}}, "201"),
    ("issue", "issue", {"fields": {}}, "400"),
    ("issue/bulk", "issue/bulk", {"issueUpdates": [{"fields": {"summary": "x"}}]}, "400"),
    ("issue/bulkfetch", "issue/bulkfetch", {"issueIdsOrKeys": ["ENG-1", "ENG-99"], "fields": ["*all"]}, "200"),
    ("search/jql", "search/jql", {"jql": "project = ENG", "fields": ["summary"]}, "200"),
    ("search/approximate-count", "search/approximate-count", {"jql": "project = ENG"}, "200"),
    ("changelog/bulkfetch", "changelog/bulkfetch", {"issueIdsOrKeys": ["ENG-1"]}, "200"),
    ("issue/{issueIdOrKey}/comment", "issue/ENG-1/comment", {"body": paragraph("x")}, "201"),
    (
        "issue/{issueIdOrKey}/remotelink",
        "issue/ENG-1/remotelink",
        {"globalId": "b", "object": {"url": "https://x", "title": "x"}},
        "201",
    ),
]


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with jira() as made:
        made.create(description=paragraph("a"), labels=["x"], customfield_10033=[{"accountId": ANA}])
        made.edit("ENG-1", "ana", summary="b", customfield_10032={"value": "High"}, duedate="2026-12-01")
        made.send("POST", "issue/ENG-1/comment", {"body": paragraph("hello"), "properties": [{"key": "k", "value": 1}]})
        made.send("PUT", "issue/ENG-1/properties/mw.link", {"rev": 1})
        made.send("POST", "issue/ENG-1/remotelink", {"globalId": "a", "object": {"url": "https://x", "title": "x"}})
        _attach(made)
        yield made


@functools.cache
def _description() -> dict[str, Any]:
    described: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return described


def _attach(rig: Rig) -> Any:
    files = {"file": ("a.txt", b"x", "text/plain")}
    answer = rig.call("POST", "issue/ENG-1/attachments", files=files, headers={"X-Atlassian-Token": "no-check"})
    return answer.json()


def _without_nulls(value: Any) -> Any:
    """The description has no word for null, which the vendor writes where a value is absent."""
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _check(method: str, template: str, status: str, body: Any) -> None:
    operation = _description()["paths"][f"/rest/api/3/{template}"][method]
    schema = operation["responses"][status]["content"]["application/json"]["schema"]
    whole = {**schema, "components": _description()["components"]}
    jsonschema.Draft202012Validator(whole).validate(_without_nulls(body))


@pytest.mark.parametrize(("template", "path"), READS)
def test_reads_match_description(rig: Rig, template: str, path: str) -> None:
    answer = rig.call("GET", path)
    assert answer.status_code == 200
    _check("get", template, "200", answer.json())


@pytest.mark.parametrize(("template", "path", "body", "status"), WRITES)
def test_writes_match_description(rig: Rig, template: str, path: str, body: Any, status: str) -> None:
    answer = rig.send("POST", path, body)
    assert str(answer.status_code) == status
    schema = _description()["paths"][f"/rest/api/3/{template}"]["post"]["responses"][status].get("content")
    if schema:
        _check("post", template, status, answer.json())


def test_upload_matches_description(rig: Rig) -> None:
    [attachment] = _attach(rig)
    _check("post", "issue/{issueIdOrKey}/attachments", "200", [attachment])
    _check("get", "attachment/{id}", "200", rig.get(f"attachment/{attachment['id']}"))


def test_rewording_matches_description(rig: Rig) -> None:
    comment = rig.send("POST", "issue/ENG-1/comment", {"body": paragraph("x")}).json()["id"]
    answer = rig.send("PUT", f"issue/ENG-1/comment/{comment}", {"body": paragraph("y")})
    _check("put", "issue/{issueIdOrKey}/comment/{id}", "200", answer.json())
    rig.send("PUT", f"comment/{comment}/properties/mw", {"a": 1})
    _check("get", "comment/{commentId}/properties", "200", rig.get(f"comment/{comment}/properties"))
    _check("get", "comment/{commentId}/properties/{propertyKey}", "200", rig.get(f"comment/{comment}/properties/mw"))
