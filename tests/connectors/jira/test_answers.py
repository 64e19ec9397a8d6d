"""Answers as errors: what Jira says by field, how long it asks to wait, whom a refusal concerns."""

from datetime import UTC, datetime

import pytest
import requests

from connectors.errors import AuthFailed, RateLimited, Rejected, Unavailable
from connectors.jira.answers import body_of, from_status, reasons, wait_seconds

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def answer(status: int, body: str = "", path: str = "/rest/api/3/issue/1", **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made._content = body.encode()
    made.request = requests.Request("GET", f"https://acme.example{path}").prepare()
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


@pytest.mark.parametrize(
    ("body", "text", "fields"),
    [
        (
            '{"errorMessages":["No."],"errors":{"summary":"Too long."}}',
            "No.; summary: Too long.",
            {"summary": "Too long."},
        ),
        ('{"errorMessages":[],"errors":{}}', "", {}),
        ('{"code":401,"message":"Unauthorized; scope does not match"}', "Unauthorized; scope does not match", {}),
        ('{"errorMessage":"Not\\n for you"}', "Not for you", {}),
        ('{"errorMessages":"odd"}', "odd", {}),
        ("<html><body>Bad gateway</body></html>", "", {}),
        ("[1]", "", {}),
        ("", "", {}),
    ],
)
def test_reasons_keep_field_names(body: str, text: str, fields: dict[str, str]) -> None:
    assert reasons(answer(400, body)) == (text, fields)


def test_long_reason_is_cut() -> None:
    text, _ = reasons(answer(400, '{"errorMessages":["' + "x" * 5000 + '"]}'))
    assert len(text) == 300


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 1.0),
        ({"Retry-After": "Fri, 20 Nov 2026 09:00:30 GMT"}, 30.0),
        ({"Retry-After": "Fri, 20 Nov 2026 09:00:30 -0000"}, 10.0),
        ({"X-RateLimit-Reset": "2026-11-20T09:02:00Z"}, 120.0),
        ({"Retry-After": "soon"}, 10.0),
        ({"Retry-After": "inf"}, 3600.0),
        ({}, 10.0),
    ],
)
def test_wait_is_read(headers: dict[str, str], seconds: float) -> None:
    assert wait_seconds(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("path", "headers", "error"),
    [
        ("/rest/api/3/issue/1", {}, Rejected),
        ("/rest/webhooks/1.0/webhook", {}, Rejected),
        ("/rest/api/3/myself", {}, AuthFailed),
        ("/rest/api/2/search?jql=x", {}, AuthFailed),
        ("/rest/api/2/issue/1", {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE"}, AuthFailed),
    ],
)
def test_forbidden_concerns_record_or_account(path: str, headers: dict[str, str], error: type[Exception]) -> None:
    assert type(from_status("desk", answer(403, path=path, **headers))) is error


@pytest.mark.parametrize(("reason", "ref_only"), [("jira-per-issue-on-write", True), ("jira-burst-based", False)])
def test_limit_may_concern_one_issue(reason: str, ref_only: bool) -> None:
    made = from_status("desk", answer(429, RateLimit_Reason=reason, Retry_After="3"))
    assert isinstance(made, RateLimited)
    assert (made.ref_only, made.retry_after) == (ref_only, 3.0)


def test_page_of_proxy_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="no JSON") as caught:
        body_of("desk", answer(200, "<html>Sign in to the VPN</html>"))
    assert "VPN" not in str(caught.value)
