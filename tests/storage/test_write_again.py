"""Stored answers that are read again settle what was not understood."""

from sqlalchemy import update

from tests.support.making import (
    answer,
    asked,
    commit,
    leased,
    met,
    open_crawl,
    rows,
)
from tvspiders.items import Thing
from tvspiders.storage import tables
from tvspiders.storage.commit import write_again
from tvspiders.storage.units import Unit


def test_reading_again_settles_what_was_quarantined(connection):
    crawl = open_crawl(connection)
    good, bad = leased(connection, crawl, 2)
    commit(
        connection,
        crawl,
        Unit(good, items=[met(1, Thing(id=7))], answer=answer(1)),
        Unit(bad, "quarantined", "shape", 5, answer=answer(2, refused="shape")),
    )

    first, second = rows(connection, tables.answers, "id")
    again = [
        (first, Unit(good, items=[met(1, Thing(id=7, name="Gear"))], requests=[asked(98)])),
        (second, Unit(bad, items=[met(2, Thing(id=8))], requests=[asked(99)])),
    ]
    connection.execute(update(tables.crawls).values(idle_runs=1))

    understood = write_again(connection, crawl.id, again)

    assert understood == 1
    assert rows(connection, tables.crawls, "idle_runs") == [0]  # so that its command goes on with it
    assert rows(connection, tables.things, "id", "name") == [(7, "Gear"), (8, None)]
    assert rows(connection, tables.requests, "path", "state")[-2:] == [
        ("/things/2", "done"),
        ("/things/99", "queued"),
    ]
    assert rows(connection, tables.answers, "refused") == [None, None]
    assert rows(connection, tables.crawl_items, "key", "answer_id") == [("7", first), ("8", second)]
