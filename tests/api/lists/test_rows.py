"""Lists: one envelope reader, and rows that stand for themselves."""

import pytest

from tvspiders.api.lists.rows import Page, Refused, envelope, listing, row_id, row_key
from tvspiders.errors import AnswerRefused
from tvspiders.items import Tag


@pytest.mark.parametrize(
    ("document", "rows", "total"),
    [
        ([], [], None),
        ([1, 2], [1, 2], None),
        ({}, [], None),
        ({"total": 580, "hits": [1]}, [1], 580),
        ({"total": 580, "hits": None}, [], 580),
        ({"total": "580", "hits": {}}, [], 580),
        ({"total": -1, "hits": []}, [], None),
        ({"hits": [1]}, [1], None),
        ({"total": True, "hits": [], "error": None}, [], None),
    ],
)
def test_a_list_comes_in_many_envelopes(document, rows, total):
    assert envelope(document) == Page(rows, total)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (None, "null"),
        ({"error": "Not Found"}, "error"),
        ({"error": ""}, "error"),
        ({"errors": []}, "error"),
        ({"total": 5}, "shape"),
        ({"id": 5}, "shape"),
        ({"hits": "none"}, "shape"),
        ({"hits": {"0": 1}}, "shape"),
        ("text", "shape"),
        (5, "shape"),
        (True, "shape"),
    ],
)
def test_anything_else_does_not_prove_an_empty_list(document, reason):
    with pytest.raises(AnswerRefused) as caught:
        envelope(document)

    assert caught.value.reason == reason


def test_a_bad_row_takes_no_other_with_it():
    def parse(row):
        return [Tag(name=str(row_id(row)))]

    found = listing({"total": 9, "hits": [{"id": 1}, {"id": "x"}, {"id": 3}]}, parse)

    assert found.items == [Tag(name="1"), Tag(name="3")]
    assert found.refused == [Refused("no-id", {"id": "x"})]
    assert (len(found.keys), found.total) == (3, 9)


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"id": 5, "name": "a"}, 5),
        ({"id": "5"}, 5),
        ({"id": 0, "slug": "other"}, "other"),
        ({"name": "a"}, "a"),
        (7, 7),
    ],
)
def test_a_row_is_known_by_its_number_or_name(row, key):
    assert row_key(row) == key


@pytest.mark.parametrize("row", [None, {}, [], "x", {"id": True}, {"name": "\ud800" * 300}, True])
def test_any_other_row_is_known_by_its_content(row):
    assert row_key(row) == row_key(row)
    assert row_key(row) != row_key([row, row])
