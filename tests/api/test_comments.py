"""Comments: of their authors only number and name."""

from tests.support.recordings import load
from tvspiders.api.comments import comments
from tvspiders.items import Comment


def test_a_recorded_comment_gives_all_that_it_says():
    found = comments(load("things-313371-root-comments-2021"), 313371)

    assert found.items[0] == Comment(
        id=471374,
        thing_id=313371,
        user_id=201292,
        user=load("things-313371-root-comments-2021")[0]["user"]["name"],
        parent_id=None,
        body="Text.",
        added="2014-04-28T20:18:22+00:00",
        modified=None,
        is_deleted=False,
    )
    assert (len(found.items), found.refused) == (2, [])


def test_an_answer_of_a_deleted_account_is_kept():
    row = {
        "id": 2,
        "target_id": 5,
        "user": None,
        "parent_id": "1",
        "is_deleted": True,
        "body": "Comment has been deleted",
    }

    assert comments([row]).items == [
        Comment(id=2, thing_id=5, parent_id=1, body="Comment has been deleted", is_deleted=True)
    ]


def test_a_comment_on_something_else_has_no_thing():
    assert comments([{"id": 2, "target_type": "collection", "target_id": 7}]).items == [Comment(id=2)]


def test_a_comment_on_another_thing_is_refused():
    found = comments([{"id": 1, "target_id": 6}, {"id": 2}, {}], 5)

    assert found.items == [Comment(id=2, thing_id=5)]
    assert [row.reason for row in found.refused] == ["wrong-id", "no-id"]
