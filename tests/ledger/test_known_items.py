"""What is on disk is known, and nothing else."""

import pytest
from storage.making import met

from tvspiders.items import Creator, Thing
from tvspiders.ledger.known_items import KnownItems


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


def test_memory_is_bounded_and_forgets_the_oldest(known):
    known.remember([Thing(id=1), Thing(id=2), Thing(id=3)])
    known.remember([Thing(id=1)])
    known.remember([Thing(id=4)])

    assert [number for number in (1, 2, 3, 4) if Thing(id=number) in known] == [1, 3, 4]
