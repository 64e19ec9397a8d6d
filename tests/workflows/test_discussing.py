"""Comments and attachments: each way, with the author, once."""

import pytest

from tests.service import eventually
from tests.workflows.bench import OTHER, Bench

BOTH_WAYS = pytest.mark.parametrize("here", ["eng", "mkt"])


def arrives(rig: Bench, side: str, id_: str, text: str) -> str:
    """The copied comment that holds a text."""
    there = rig.desks[side]
    return eventually(
        lambda: next((c for c in there.comments(id_) if text in c), None), text, lambda: there.comments(id_)
    )


@BOTH_WAYS
def test_comment_names_its_author(rig: Bench, here: str) -> None:
    ids, there = rig.pair(f"Comment in {here}", here), OTHER[here]
    rig.desks[here].comment(ids[here], "Shall we ask the printer?")
    copy = arrives(rig, there, ids[there], "Shall we ask the printer?")
    assert copy.splitlines()[0].count("Ana Chen") == 1
    rig.quiet()
    rig.sweep(full=True)
    assert [len(rig.desks[side].comments(ids[side])) for side in ids] == [1, 1]


@BOTH_WAYS
def test_edited_comment_is_edited(rig: Bench, here: str) -> None:
    ids, there = rig.pair(f"Edit of a comment in {here}", here), OTHER[here]
    comment = rig.desks[here].comment(ids[here], "First words")
    arrives(rig, there, ids[there], "First words")
    rig.desks[here].recomment(ids[here], comment, "Second thoughts")
    arrives(rig, there, ids[there], "Second thoughts")
    rig.quiet()
    assert [len(rig.desks[side].comments(ids[side])) for side in ids] == [1, 1]


@BOTH_WAYS
def test_deleted_comment_is_removed(rig: Bench, here: str) -> None:
    ids, there = rig.pair(f"Deletion of a comment in {here}", here), OTHER[here]
    comment = rig.desks[here].comment(ids[here], "A slip of the pen")
    arrives(rig, there, ids[there], "A slip of the pen")
    rig.desks[here].uncomment(ids[here], comment)
    eventually(lambda: not rig.desks[there].comments(ids[there]), "the removal")


@BOTH_WAYS
def test_attachment_is_copied_once(rig: Bench, here: str) -> None:
    ids, there = rig.pair(f"File in {here}", here), OTHER[here]
    rig.desks[here].attach(ids[here], "plan ü.txt", b"the plan\n" * 100)
    eventually(lambda: rig.desks[there].files(ids[there]) == [("plan ü.txt", 900)], "the file")
    rig.quiet()
    rig.sweep(full=True)
    assert rig.desks[here].files(ids[here]) == rig.desks[there].files(ids[there])


def test_comments_cross_without_loss(rig: Bench) -> None:
    ids = rig.pair("Crossing comments")
    rig.together(
        lambda: rig.desks["eng"].comment(ids["eng"], "From engineering"),
        lambda: rig.desks["mkt"].comment(ids["mkt"], "From marketing"),
    )
    arrives(rig, "mkt", ids["mkt"], "From engineering")
    arrives(rig, "eng", ids["eng"], "From marketing")
    rig.quiet()
    assert [len(rig.desks[side].comments(ids[side])) for side in ids] == [2, 2]
