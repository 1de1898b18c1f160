"""What a crawl was asked for by name and the site does not show."""

from __future__ import annotations

import pytest

from tests.support.making import FACTS, at, close_crawl, store
from tvspiders.items import Thing, Tombstone
from tvspiders.storage.queries.missing_subjects import missing_subjects
from tvspiders.storage.queue import crawls


def begun(connection, second, **arguments):
    crawl = crawls.open_crawl(connection, "any", arguments, None, at(second), FACTS)
    assert not crawl.resumed
    return crawl


def missing(connection, crawl):
    return [(one.subject, one.name, one.standing) for one in missing_subjects(connection, crawl.id)]


def gone(subject, name):
    return Tombstone(subject=subject, subject_id=name, reason="gone", status=404)


@pytest.mark.parametrize(
    ("arguments", "subject", "name"),
    [
        ({"username": ["Pia", "Nobody"]}, "user", "nobody"),
        ({"thing": [1, 404404]}, "thing", "404404"),
        ({"collection": [404404]}, "collection", "404404"),
        ({"tag": ["no-such"]}, "tag", "no-such"),
        ({"category": ["art", "drones"]}, "category", "drones"),
        ({"category": ["slug:drones"]}, "category", "drones"),
        ({"username": ["Pia"]}, "list", "user/Pia/likes"),
        ({"kind": "verified"}, "list", "site/verified/things"),
    ],
)
def test_every_kind_of_subject_that_an_argument_names_is_missed(connection, arguments, subject, name):
    crawl = begun(connection, 0, **arguments)

    store(connection, crawl, gone(subject, name), second=1)

    numbered = subject in ("thing", "collection", "list")
    assert missing(connection, crawl) == [(subject, name, numbered)]


@pytest.mark.parametrize("stone", [gone("thing", "7"), gone("user", "amber"), gone("list", "thing/7/files")])
def test_what_a_crawl_only_met_on_its_way_is_not_missed(connection, stone):
    crawl = begun(connection, 0, thing=[1], include=["things"])

    store(connection, crawl, stone, second=1)

    assert missing(connection, crawl) == []


def test_what_was_missed_in_two_earlier_rounds_is_standing(connection):
    seen = []
    for number in range(4):
        crawl = begun(connection, number * 10, username=["pia", "amber"])
        store(connection, crawl, gone("user", "pia"), second=number * 10 + 1)
        close_crawl(connection, crawl, crawls.COMPLETE)
        seen += [standing for *_, standing in missing(connection, crawl)]

    assert seen == [False, False, True, True]


def test_what_came_back_is_not_missed(connection):
    crawl = begun(connection, 0, thing=[1])
    store(connection, crawl, gone("thing", "1"), second=1)

    store(connection, crawl, Thing(id=1, detail=True), second=2)

    assert missing(connection, crawl) == []
