"""What is on disk is known, and nothing else."""

import pytest

from tests.support.making import met
from tvspiders.items import Creator, Thing
from tvspiders.ledger.answers.known_items import KnownItems
from tvspiders.storage.units import digest


@pytest.fixture
def known():
    return KnownItems(3)


def test_stored_content_is_known(known):
    known.remember([Thing(id=7, name="Gear")])

    assert Thing(id=7, name="Gear") in known


def test_the_time_of_the_answer_is_no_content(known):
    known.remember([met(1, Thing(id=7))])

    assert met(2, Thing(id=7)) in known


@pytest.mark.parametrize("item", [Thing(id=7, name="New"), Thing(id=8, name="Gear"), {"id": 7}, "text"])
def test_other_content_is_not_known(known, item):
    known.remember([Thing(id=7, name="Gear")])

    assert item not in known


def test_looking_does_not_make_known(known):
    assert Thing(id=7) not in known
    assert Thing(id=7) not in known


def test_content_that_changes_back_is_not_known(known):
    known.remember([Thing(id=7, name="Gear")])
    known.remember([Thing(id=7, name="Bear")])

    assert Thing(id=7, name="Gear") not in known


def test_items_of_two_kinds_with_one_key_are_apart(known):
    known.remember([Thing(id=7)])

    assert Creator(id=7, username="7") not in known


def test_memory_is_bounded_and_forgets_the_oldest():
    known = KnownItems(6)
    for number in range(1, 21):
        known.remember([Thing(id=number)])
        found = [other for other in range(1, 21) if Thing(id=other) in known]
        least = range(max(1, number - 2), number + 1)  # half of six
        assert set(least) <= set(found) <= set(range(max(1, number - 5), number + 1))


def test_what_is_stored_again_counts_as_new():
    known = KnownItems(4)
    for number in (1, 2, 1, 3, 1, 4, 1, 5):
        known.remember([Thing(id=number)])

    assert Thing(id=1) in known


def test_the_newer_of_two_contents_counts_when_both_are_remembered():
    known = KnownItems(4)
    known.remember([Thing(id=1, name="Gear"), Thing(id=2)])
    known.remember([Thing(id=1, name="Bear")])

    assert Thing(id=1, name="Gear") not in known
    assert Thing(id=1, name="Bear") in known


def test_digests_that_the_register_has_made_are_taken():
    ours, theirs = KnownItems(4), KnownItems(4)
    things = [Thing(id=1, name="Gear"), Thing(id=2)]
    ours.remember(things)
    theirs.remember(things, [digest(thing) for thing in things])

    assert all(thing in ours and thing in theirs for thing in things)
    with pytest.raises(ValueError, match="shorter"):
        theirs.remember(things, [digest(things[0])])
