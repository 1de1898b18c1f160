"""Collections: what they are and whose."""

import pytest

from tests.support.recordings import load
from tvspiders.api.collections import collection, collections
from tvspiders.errors import AnswerRefused
from tvspiders.items import Collection, Creator


def test_the_recorded_collection_gives_all_that_it_says():
    [found, owner] = collection(load("collection-16696069-2025"), 16696069)

    assert found == Collection(
        id=16696069,
        name="Printer Upgrades",
        creator="Amber",
        creator_id=3154799,
        added="2019-11-11T23:05:01+00:00",
        modified="2025-07-08T14:35:32+00:00",
        thing_count=47,
        url="https://www.thingiverse.com/Amber/collections/16696069/things",
    )
    assert isinstance(owner, Creator)


@pytest.mark.parametrize(("document", "reason"), [({"id": 2}, "wrong-id"), ({}, "no-id"), ([], "shape")])
def test_what_is_not_the_collection_asked_for_is_refused(document, reason):
    with pytest.raises(AnswerRefused) as caught:
        collection(document, 1)

    assert caught.value.reason == reason


def test_the_owner_asked_for_fills_in_what_a_row_leaves_out():
    found = collections([{"id": 1, "creator": None}, {"id": None}], "Amber")

    assert found.items == [Collection(id=1, creator="Amber")]
    assert [row.reason for row in found.refused] == ["no-id"]
