"""How far a feed file is, and what it still lacks."""

import pytest
from sqlalchemy import update

from tests.support.making import OWNER, answer, asked, at, commit, leased, open_crawl, queue, rows, unit
from tvspiders.items import Thing
from tvspiders.storage import tables
from tvspiders.storage.commit import commit_units
from tvspiders.storage.queue import feeds
from tvspiders.storage.units import Unit

HERE = "/data/things.jsonl"


def test_a_feed_begins_after_what_was_in_the_file(connection):
    crawl = open_crawl(connection)

    position = feeds.begin_feed(connection, crawl.id, HERE, 100)

    assert (position.base, position.offset, position.answer_id) == (100, 100, 0)
    assert feeds.find_feed(connection, crawl.id, HERE) == position


def test_the_place_of_a_feed_is_kept(connection):
    crawl = open_crawl(connection)
    position = feeds.begin_feed(connection, crawl.id, HERE, 100)

    feeds.record_feed(connection, position.id, 250, 7)

    assert feeds.find_feed(connection, crawl.id, HERE) == feeds.FeedPosition(position.id, 100, 250, 7)


def test_a_feed_may_begin_anew(connection):
    crawl = open_crawl(connection)
    position = feeds.begin_feed(connection, crawl.id, HERE, 100)
    feeds.record_feed(connection, position.id, 250, 7)

    again = feeds.begin_feed(connection, crawl.id, HERE, 0)

    assert again == feeds.FeedPosition(position.id, 0, 0, 0)


def test_feeds_of_other_files_and_crawls_are_apart(connection):
    first, second = open_crawl(connection), open_crawl(connection, "bear")
    feeds.begin_feed(connection, first.id, HERE, 100)

    assert feeds.find_feed(connection, first.id, "/data/other.jsonl") is None
    assert feeds.find_feed(connection, second.id, HERE) is None


def test_the_last_unfinished_crawl_in_a_file_tells_how_far_it_is_whole(connection):
    first, second = open_crawl(connection), open_crawl(connection, "bear")
    assert feeds.unfinished_end(connection, second.id, HERE) is None

    feeds.begin_feed(connection, first.id, HERE, 100)

    assert feeds.unfinished_end(connection, second.id, HERE) == 100
    assert feeds.unfinished_end(connection, first.id, HERE) is None
    connection.execute(update(tables.crawls).values(verdict="complete"))
    assert feeds.unfinished_end(connection, second.id, HERE) is None


def test_a_crawl_that_takes_over_a_file_displaces_others_or_removes_them(connection):
    first, second = open_crawl(connection), open_crawl(connection, "bear")
    begun = feeds.begin_feed(connection, first.id, HERE, 0)
    feeds.record_feed(connection, begun.id, 250, 7)

    feeds.take_over(connection, second.id, HERE, overwrite=False)

    found = feeds.find_feed(connection, first.id, HERE)
    assert (found.displaced, found.answer_id) == (True, 7)
    assert feeds.unfinished_end(connection, second.id, HERE) is None
    feeds.take_over(connection, second.id, HERE, overwrite=True)
    assert feeds.find_feed(connection, first.id, HERE) is None


def test_answers_come_in_the_order_of_their_commits(connection):
    crawl = open_crawl(connection)
    numbers = leased(connection, crawl, 3)
    for number in reversed(numbers):
        commit(connection, crawl, unit(number, answer=answer(number, b"%d" % number, headers={"Link": "x"})))

    found = feeds.answers_after(connection, crawl.id, 0, 10)

    assert [stored.body for stored in found] == [b"%d" % number for number in reversed(numbers)]
    last = found[-1]
    assert (last.path, last.callback, last.kwargs) == ("/things/1", "parse_thing", '{"thing_id":1}')
    assert (last.status, last.received_at, last.headers, last.depth) == (
        200,
        at(numbers[0]),
        '{"Link": "x"}',
        0,
    )


def test_only_what_follows_a_place_is_given(connection):
    crawl = open_crawl(connection)
    for number in leased(connection, crawl, 5):
        commit(connection, crawl, unit(number))
    every = [stored.id for stored in feeds.answers_after(connection, crawl.id, 0, 10)]

    assert [stored.id for stored in feeds.answers_after(connection, crawl.id, every[1], 2)] == every[2:4]
    assert feeds.answers_after(connection, crawl.id, every[-1], 10) == []
    assert feeds.newest_answer(connection, crawl.id) == every[-1]


def test_a_crawl_without_answers_has_none(connection):
    crawl = open_crawl(connection)

    assert feeds.newest_answer(connection, crawl.id) == 0
    assert feeds.answers_after(connection, crawl.id, 0, 10) == []
    assert feeds.fresh_in(connection, crawl.id, []) == set()


@pytest.mark.parametrize(("refused_too", "count"), [(False, 1), (True, 2)])
def test_refused_answers_are_given_to_those_who_ask_for_them(connection, refused_too, count):
    crawl = open_crawl(connection)
    good, bad = leased(connection, crawl, 2)
    commit(connection, crawl, unit(good), Unit(bad, "quarantined", answer=answer(2, refused="html")))

    assert len(feeds.answers_after(connection, crawl.id, 0, 10, refused_too=refused_too)) == count


def test_an_answer_whose_body_is_not_kept_is_left_out(connection):
    crawl = open_crawl(connection)
    commit(connection, crawl, unit(*leased(connection, crawl, 1)))
    connection.execute(update(tables.answers).values(body=None))

    assert feeds.answers_after(connection, crawl.id, 0, 10) == []


def test_workers_that_share_a_crawl_have_answers_of_their_own(connection):
    crawl = open_crawl(connection)
    first, second = leased(connection, crawl, 2)
    commit_units(connection, crawl.id, OWNER, [unit(first)], feed_id=1)
    commit_units(connection, crawl.id, OWNER, [unit(second)], feed_id=2)

    (found,) = feeds.answers_after(connection, crawl.id, 0, 10, feed_id=2)

    assert found.request_id == second


def test_an_item_belongs_to_the_answer_that_brought_its_newest_content(connection):
    crawl = open_crawl(connection)
    first, second = leased(connection, crawl, 2)
    commit(connection, crawl, unit(first, Thing(id=7), Thing(id=8)))
    commit(connection, crawl, unit(second, Thing(id=7, name="Gear"), Thing(id=8), second=2))
    one, two = rows(connection, tables.answers, "id")

    assert feeds.fresh_in(connection, crawl.id, [one, two]) == {(two, "thing", "7"), (one, "thing", "8")}
    assert feeds.fresh_in(connection, crawl.id, [two]) == {(two, "thing", "7")}


def test_answers_of_another_crawl_are_not_ours(connection):
    first, second = open_crawl(connection), open_crawl(connection, "bear")
    commit(connection, first, unit(*leased(connection, first, 1)))
    queue(connection, second, asked(1))

    assert feeds.answers_after(connection, second.id, 0, 10) == []
    assert feeds.newest_answer(connection, second.id) == 0
