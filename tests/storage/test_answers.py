"""Answers are kept as they came, each with its request."""

import json

from tests.support.making import (
    OWNER,
    answer,
    at,
    by,
    commit,
    lease,
    leased,
    open_crawl,
    row,
    rows,
    unit,
)
from tvspiders.items import Thing
from tvspiders.storage import tables
from tvspiders.storage.answer_codec import unpack
from tvspiders.storage.commit import commit_units
from tvspiders.storage.units import Unit


def test_a_refused_answer_keeps_its_raw_body_and_the_reason(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    body = bytes(range(256))

    commit(
        connection,
        crawl,
        Unit(
            number,
            "quarantined",
            "not-json: at 0",
            5,
            answer=answer(3, body, refused="not-json", headers={"Link": "x"}, scrubbed=True),
        ),
    )

    kept = row(connection, tables.answers)
    assert unpack(kept["codec"], kept["body"]) == body
    assert (kept["refused"], kept["received_at"], kept["status"]) == ("not-json", at(3), 200)
    assert (json.loads(kept["headers"]), kept["scrubbed"]) == ({"Link": "x"}, True)
    assert row(connection, tables.requests, "state", "reason") == ("quarantined", "not-json: at 0")


def test_a_newer_answer_stands_beside_a_refused_one(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    commit(connection, crawl, Unit(number, "queued", "html", 1, answer=answer(1, b"<html>", refused="html")))
    lease(connection, crawl)

    commit(connection, crawl, unit(number, Thing(id=7), second=2))

    assert rows(connection, tables.answers, "refused", "received_at") == [("html", at(1)), (None, at(2))]


def test_answers_are_joined_to_their_own_units(connection):
    crawl = open_crawl(connection)
    numbers = leased(connection, crawl, 5)
    units = [unit(number, Thing(id=number * 10), answer=answer(number, b"%d" % number)) for number in numbers]

    done = commit_units(connection, crawl.id, OWNER, units[::-1])

    kept = by(rows(connection, tables.answers), "id")
    for committed in done:
        stored = kept[committed.answer_id]
        assert stored["request_id"] == committed.unit.request_id
        assert unpack(stored["codec"], stored["body"]) == b"%d" % committed.unit.request_id
    register = dict(rows(connection, tables.crawl_items, "key", "answer_id"))
    assert {key: kept[number]["request_id"] * 10 for key, number in register.items()} == {
        str(number * 10): number * 10 for number in numbers
    }
