"""Parents: however they are named, no edge is lost."""

import pytest

from tvspiders.api.parents import parent_ids
from tvspiders.errors import AnswerRefused


def test_parents_are_read_however_they_are_named():
    value = [
        {"id": 1},
        2,
        "3",
        "thing:4",
        "https://www.thingiverse.com/thing:5",
        {"id": None, "public_url": "https://www.thingiverse.com/thing:6"},
        {"url": "https://api.thingiverse.com/things/7"},
        {"id": "8"},
        None,
        2,
    ]

    assert parent_ids(value) == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(("value", "expected"), [(None, None), ([], []), ({}, [])])
def test_unknown_parents_are_not_the_same_as_none(value, expected):
    assert parent_ids(value) == expected


@pytest.mark.parametrize(
    "value", ["", 5, {"0": 1}, [True], [0], [{}], ["Gear"], [[1]], [2**63], [{"id": -1}]]
)
def test_a_parent_that_cannot_be_read_is_refused_not_dropped(value):
    with pytest.raises(AnswerRefused, match="ancestors"):
        parent_ids(value)
