"""Who may see what: Basic on Cloud falls back to nobody, Data Center refuses."""

from collections.abc import Iterator

import pytest

from tests.connectors.standins.jira_rig import Rig, jira


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with jira() as made:
        yield made


WRONG = ("bot@acme.example", "expired-token")


def test_bad_token_finds_nothing(rig: Rig) -> None:
    rig.create()
    answer = rig.call("GET", "search/jql", "", params={"jql": "project = ENG"}, auth=WRONG)
    assert answer.status_code == 200
    assert answer.json() == {"issues": [], "isLast": True}


@pytest.mark.parametrize(("path", "status"), [("myself", 401), ("issue/10000", 404), ("serverInfo", 200)])
def test_bad_token_is_anonymous(rig: Rig, path: str, status: int) -> None:
    assert rig.call("GET", path, "", auth=WRONG).status_code == status


def test_token_needs_its_address(rig: Rig) -> None:
    assert rig.call("GET", "myself", "", auth=("ana@acme.example", "bot-token")).status_code == 401


@pytest.mark.parametrize(("person", "shown"), [("ana", "Ana Chen"), ("wei", "Chen Wei (陈伟)")])
def test_myself_names_person(rig: Rig, person: str, shown: str) -> None:
    found = rig.get("myself", person)
    assert found["displayName"] == shown
    assert found["timeZone"]


def test_former_colleague_cannot_sign_in(rig: Rig) -> None:
    assert rig.call("GET", "myself", "kim").status_code == 401


def test_hidden_address_is_absent(rig: Rig) -> None:
    assert rig.get("user/search", query="kim@acme.example") == []
    [found] = rig.get("user/search", query="kim")
    assert "emailAddress" not in found
    assert found["active"] is False


def test_webhooks_need_an_admin(rig: Rig) -> None:
    hooks = f"{rig.url}/rest/webhooks/1.0/webhook"
    assert rig.call("GET", hooks, "bo").status_code == 403
    assert rig.call("GET", hooks, "").status_code == 401


@pytest.mark.parametrize(("query", "count"), [("ana@acme", 1), ("陈", 0), ("Chen", 2), ("an", 1)])
def test_user_search_matches_prefixes(rig: Rig, query: str, count: int) -> None:
    assert len(rig.get("user/search", query=query)) == count


def test_times_follow_profile_zone(rig: Rig) -> None:
    issue = rig.create()
    assert rig.get(f"issue/{issue}", "wei")["fields"]["created"].endswith("+0800")
    assert rig.get(f"issue/{issue}", "ana")["fields"]["created"][-5:] in {"-0500", "-0400"}


def test_method_and_path_are_told(rig: Rig) -> None:
    assert rig.call("DELETE", "myself").status_code == 405
    assert rig.call("GET", "nothing/here").status_code == 404
