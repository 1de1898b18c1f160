"""Which round of a crawl a command continues, and when it begins the next."""

import json

import pytest

from tests.support.making import FACTS, answer, at, close_crawl, commit, leased, open_crawl, row, rows, unit
from tvspiders.storage import tables
from tvspiders.storage.queue import crawls
from tvspiders.storage.queue.crawls import crawl_identity, find_crawl, rounds_of


def test_a_first_command_begins_the_first_round(connection):
    crawl = open_crawl(connection, second=5, facts={"owner": "process 1", "version": "1.0", "api_url": "x"})

    assert (crawl.round, crawl.resumed, crawl.previous) == (1, False, None)
    kept = row(connection, tables.crawls)
    assert (kept["spider"], kept["verdict"], kept["runs"], kept["started_at"]) == (
        "things",
        "running",
        1,
        at(5),
    )
    assert (kept["owner"], kept["version"], kept["api_url"]) == ("process 1", "1.0", "x")
    assert json.loads(kept["arguments"]) == {"query": "gear"}


@pytest.mark.parametrize("verdict", ["running", "paused", "interrupted", "failed", "partial"])
def test_the_same_command_continues_what_is_not_finished(connection, verdict):
    first = open_crawl(connection)
    close_crawl(connection, first, verdict)

    again = open_crawl(connection)

    assert (again.id, again.round, again.resumed, again.previous) == (first.id, 1, True, verdict)
    assert row(connection, tables.crawls, "runs", "verdict", "ended_at", "reason") == (
        2,
        "running",
        None,
        None,
    )


def test_the_same_command_after_a_complete_round_begins_the_next(connection):
    first = open_crawl(connection)
    close_crawl(connection, first, "complete")

    again = open_crawl(connection)

    assert (again.round, again.resumed) == (2, False)
    assert again.id != first.id


def test_a_partial_round_is_tried_once_more_and_then_left(connection):
    first = open_crawl(connection)
    close_crawl(connection, first, "partial")
    second = open_crawl(connection)
    close_crawl(connection, second, "partial", idle=True)

    third = open_crawl(connection)

    assert (first.round, second.round, third.round) == (1, 1, 2)


def test_a_partial_round_that_brought_something_is_tried_again(connection):
    for _ in range(3):
        crawl = open_crawl(connection)
        close_crawl(connection, crawl, "partial", idle=False)

    assert open_crawl(connection).round == 1


def test_a_worker_that_does_not_know_leaves_open_whether_a_round_is_tried_again(connection):
    for _ in range(2):
        crawl = open_crawl(connection)
        close_crawl(connection, crawl, "partial", idle=None)
    assert open_crawl(connection).round == 1
    close_crawl(connection, crawl, "partial", idle=True)
    close_crawl(connection, crawl, "partial", idle=None)

    assert open_crawl(connection).round == 2


def test_an_interrupted_round_is_continued_however_little_it_brings(connection):
    for _ in range(3):
        close_crawl(connection, open_crawl(connection), "interrupted", idle=True)

    assert open_crawl(connection).round == 1


def test_other_arguments_are_another_crawl(connection):
    assert open_crawl(connection, "gear").id != open_crawl(connection, "bear").id


def test_a_name_makes_another_crawl_of_the_same_arguments(connection):
    plain, named = open_crawl(connection), open_crawl(connection, name="weekly")

    assert plain.identity != named.identity
    assert open_crawl(connection, name="weekly").id == named.id


def test_the_order_of_arguments_does_not_matter():
    assert crawl_identity("things", {"a": 1, "b": 2}, None) == crawl_identity(
        "things", {"b": 2, "a": 1}, None
    )
    assert crawl_identity("things", {"a": 1}, None) != crawl_identity("users", {"a": 1}, None)
    assert crawl_identity("things", {"a": 1}, None) != crawl_identity("things", {"a": "1"}, None)


def test_an_identity_is_fit_for_a_file_name():
    assert crawl_identity("things", {"query": "../чаша\ud800"}, "a/b").isalnum()


def test_the_end_is_written_down(connection):
    crawl = open_crawl(connection)

    close_crawl(connection, crawl, "partial")

    kept = row(connection, tables.crawls)
    assert (kept["verdict"], kept["ended_at"], kept["idle_runs"]) == ("partial", at(3000), 0)
    assert json.loads(kept["counts"])["queued"] == 0


def test_two_that_begin_at_once_begin_the_same_round(connection):
    values = {"spider": "things", "arguments": "{}", "verdict": "running", "started_at": at(0)}
    identity = crawl_identity("things", {"query": "gear"}, None)
    first = open_crawl(connection)
    close_crawl(connection, first, "complete")
    connection.execute(
        tables.crawls.insert().values(identity=identity, round=2, runs=1, idle_runs=0, **values)
    )

    assert open_crawl(connection).round == 2
    assert len(rows(connection, tables.crawls, "id")) == 2


@pytest.mark.parametrize("how", ["id", "name", "identity", "spider", "latest"])
def test_a_crawl_is_found_by_what_a_person_knows_of_it(connection, how):
    open_crawl(connection, "bear")
    crawl = open_crawl(connection, name="weekly")
    wanted = {
        "id": str(crawl.id),
        "name": "weekly",
        "identity": crawl.identity,
        "spider": "things",
        "latest": None,
    }

    found = find_crawl(connection, wanted[how])

    assert found is not None
    assert found["id"] == crawl.id


@pytest.mark.parametrize("wanted", ["0", "nothing", "9" * 30, "٣", ""])
def test_what_is_not_there_is_not_found(connection, wanted):
    open_crawl(connection)

    assert find_crawl(connection, wanted) is None
    assert rounds_of(connection, wanted) == []


def test_a_crawl_may_be_named_like_a_number(connection):
    crawl = open_crawl(connection, name="2026")

    found = find_crawl(connection, "2026")

    assert found is not None
    assert found["id"] == crawl.id


def test_all_rounds_are_named_oldest_first(connection):
    close_crawl(connection, open_crawl(connection), "complete")
    open_crawl(connection)
    open_crawl(connection, "bear")

    found = rounds_of(connection, None)

    assert [json.loads(entry.arguments)["query"] for entry in found] == ["gear", "gear", "bear"]
    assert rounds_of(connection, str(found[1].id)) == [found[1]]


@pytest.mark.parametrize(
    ("verdict", "goes_on"),
    [
        (crawls.PAUSED, False),
        (crawls.PARTIAL, False),
        (crawls.INTERRUPTED, True),
        (crawls.FAILED, True),
        (crawls.RUNNING, True),
    ],
)
def test_a_crawl_that_chooses_anew_continues_only_what_was_cut_short(connection, verdict, goes_on):
    def begin(second: int) -> crawls.Crawl:
        return crawls.open_crawl(connection, "refresh", {}, None, at(second), FACTS)

    first = begin(0)
    close_crawl(connection, first, verdict)

    assert [standing.goes_on for standing in crawls.round_states(connection, first.identity)] == [goes_on]
    assert begin(1).resumed is goes_on


@pytest.mark.parametrize(
    ("verdict", "followed", "forgotten"),
    [
        (crawls.COMPLETE, False, True),
        (crawls.PARTIAL, True, True),
        (crawls.PARTIAL, False, False),
        (crawls.INTERRUPTED, False, False),
    ],
)
def test_bodies_of_answers_go_once_their_round_is_over(connection, verdict, followed, forgotten):
    crawl = open_crawl(connection)
    good, bad = leased(connection, crawl, 2)
    refused = answer(2, refused="shape")
    commit(connection, crawl, unit(good), unit(bad, state="quarantined", answer=refused))
    close_crawl(connection, crawl, verdict, idle=followed)
    if followed:
        assert open_crawl(connection).round == 2

    assert crawls.drop_old_answers(connection, at(2999)) == 0
    assert crawls.drop_old_answers(connection, at(3001)) == int(forgotten)

    bodies = rows(connection, tables.answers, "body")
    assert [body is None for body in bodies] == [forgotten, False]
