"""Events and orders in the tables of both databases."""

from __future__ import annotations

import threading

from sqlalchemy import select

from tvspiders.extras.webhooks.storage import record_events
from tvspiders.storage.database.engine import writing
from tvspiders.storage.tables import order_events, orders

NOON, LATER = "2026-11-21T12:00:00+00:00", "2026-11-21T12:00:05+00:00"


def event(number, name="order_created", key=None):
    return {"key": key or f"{number}:{name}", "event": name, "order_id": number, "payload": "{}"}


def merge(number, events):
    row = dict.fromkeys(
        ("thing_id", "amount", "status", "is_shipped", "note", "charges", "fees", "dates", "address")
    )
    return row | {"id": number, "state": ",".join(sorted(name for name, _ in events))}


def rows(connection, table, *names):
    return connection.execute(select(*(table.c[name] for name in names)).order_by(table.c[names[0]])).all()


def test_an_event_that_comes_again_is_counted_and_keeps_its_first_payload(connection):
    assert record_events(connection, [event(1)], NOON, merge) == [True]

    again = event(1) | {"payload": '{"other": 1}'}
    assert record_events(connection, [again, again], LATER, merge) == [False, False]

    names = ("payload", "received_at", "last_received", "deliveries")
    assert rows(connection, order_events, *names) == [("{}", NOON, LATER, 3)]


def test_twice_in_one_batch_is_once_in_the_table(connection):
    assert record_events(connection, [event(1), event(2), event(1)], NOON, merge) == [True, True, False]

    assert rows(connection, orders, "id") == [(1,), (2,)]


def test_an_order_is_merged_from_all_its_events(connection):
    record_events(connection, [event(1, "b")], NOON, merge)
    record_events(connection, [event(1, "a"), event(2, "c")], LATER, merge)

    names = ("id", "state", "first_seen", "last_received")
    assert rows(connection, orders, *names) == [(1, "a,b", NOON, LATER), (2, "c", LATER, LATER)]


def test_events_without_an_order_make_none(connection):
    record_events(
        connection, [event(None, "ping", key="ping"), event(None, "news", key="news:1")], NOON, merge
    )

    assert rows(connection, orders, "id") == []
    assert len(rows(connection, order_events, "key")) == 2


def test_two_receivers_at_once_lose_no_event_of_an_order(engine):
    def receive(name):
        for number in range(20):
            with writing(engine) as connection:
                record_events(connection, [event(number, name)], NOON, merge)

    threads = [threading.Thread(target=receive, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with engine.connect() as connection:
        assert rows(connection, orders, "id", "state") == [(number, "a,b") for number in range(20)]
