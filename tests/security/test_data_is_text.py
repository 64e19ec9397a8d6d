"""What people write into records is never evaluated: it arrives on the other side as the text that it is."""

import pytest

from tests.service import eventually
from tests.workflows.bench import OTHER, Bench

TEMPLATES = [
    "${JIRA_TOKEN}", "${SYNCLINE_PAYLOAD_KEY}", "${file:/etc/passwd}", "{{7*7}}", "{{ config }}", "{% debug %}",
    "%s{0.__class__}", "{0.__class__.__init__.__globals__}", "%(token)s %d %n", "=1+1", "=cmd|' /C calc'!A0",
    "$(touch /tmp/x) `id` | ; && rm", "#{7*7} <%= 7*7 %> *{7*7} @(7*7)", "${jndi:ldap://127.0.0.1/a}",
    "<script>alert(1)</script>", "' OR 1=1; DROP TABLE links; --", '" + record.id + "', "!!python/object:os.system",
    "__import__('os').system('id')", "\\u0041 \\n %0d%0a &lt;b&gt; &amp;",
]  # fmt: skip


@pytest.mark.parametrize("side", ["eng", "mkt"])
def test_title_arrives_as_written(sealed: Bench, side: str) -> None:
    made = {f"{side}: {text}": sealed.desks[side].create(f"{side}: {text}") for text in TEMPLATES}
    for title in made:
        copy = sealed.appears(OTHER[side], title)
        assert sealed.desks[OTHER[side]].read(copy)["title"] == title
    sealed.quiet()
    assert {title for title, _ in sealed.desks[side].listed()} >= made.keys()


def test_other_fields_arrive_as_written(sealed: Bench) -> None:
    labels = [text.replace(" ", "_") for text in TEMPLATES[:8]]
    ids = sealed.pair("Fields of hostile text", "eng", labels=labels)
    sealed.shows("mkt", ids["mkt"], labels=sorted(labels))
    sealed.desks["mkt"].edit(ids["mkt"], details="${JIRA_TOKEN} =1+1 %s {{7*7}}")
    sealed.shows("eng", ids["eng"], details="${JIRA_TOKEN} =1+1 %s {{7*7}}")


@pytest.mark.parametrize("side", ["eng", "mkt"])
def test_comment_arrives_as_written(sealed: Bench, side: str) -> None:
    ids, other = sealed.pair(f"Hostile remarks on {side}", side), OTHER[side]
    text = "${JIRA_TOKEN} %s =1+1 $(id) {0}"
    sealed.desks[side].comment(ids[side], text)
    (copy,) = eventually(lambda: sealed.desks[other].comments(ids[other]), "the comment")
    assert copy.endswith(text)


def test_journal_keeps_the_text(sealed: Bench) -> None:
    ids = sealed.pair("{{7*7}} ${JIRA_TOKEN} kept", "eng")
    story = eventually(lambda: sealed.story("eng", ids["eng"]), "the journal")
    assert "{{7*7}} ${JIRA_TOKEN} kept" in str(story)
    assert "bot-token" not in str(story)
