"""The inbox answers only when the database has the event."""

from __future__ import annotations

import os
import queue
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from tvspiders.extras.webhooks import inbox as inbox_module
from tvspiders.extras.webhooks.inbox import Inbox, Outcome
from tvspiders.extras.webhooks.orders import OrderEvent
from tvspiders.storage.database import engine as engine_module
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.tables import order_events

PATIENCE = 60


@pytest.fixture
def answers():
    return queue.Queue()


@pytest.fixture
def make(database_url):
    made = []

    def build(**options):
        made.append(Inbox(open_engine(database_url), **options))
        return made[-1]

    yield build
    for one in made:
        one.close()


def event(number, name="order_created"):
    return OrderEvent(f"{number}:{name}", name, number, '{"order": {}}')


def stored(engine):
    with engine.connect() as connection:
        return set(connection.execute(select(order_events.c.key)).scalars())


def test_an_answer_comes_after_the_commit(make, engine, answers):
    inbox = make()

    assert inbox.put(event(1), lambda outcome: answers.put((outcome, stored(engine))))

    assert answers.get(timeout=PATIENCE) == (Outcome.STORED, {"1:order_created"})


def test_a_second_delivery_is_known(make, answers):
    inbox = make()
    for _ in range(2):
        inbox.put(event(1), answers.put)

    assert [answers.get(timeout=PATIENCE) for _ in range(2)] == [Outcome.STORED, Outcome.KNOWN]


def test_closing_stores_what_waits(make, engine, answers):
    inbox = make()
    for number in range(1, 301):
        inbox.put(event(number), answers.put)

    inbox.close()

    assert len(stored(engine)) == answers.qsize() == 300


def test_a_locked_database_is_waited_for(make, engine, answers, monkeypatch):
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.02)
    inbox = make(patience=PATIENCE)
    with writing(engine) as connection:
        connection.execute(order_events.delete())
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE order_events")
        inbox.put(event(1), answers.put)
        with pytest.raises(queue.Empty):
            answers.get(timeout=0.3)

    assert answers.get(timeout=PATIENCE) is Outcome.STORED


def test_a_database_that_stays_locked_is_told_as_later(make, engine, answers, monkeypatch):
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.02)
    monkeypatch.setattr(inbox_module, "PAUSE", 0.01)
    inbox = make(patience=0.1)
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE order_events")
        inbox.put(event(1), answers.put)
        assert answers.get(timeout=PATIENCE) is Outcome.LATER
    assert stored(engine) == set()


def test_an_event_that_the_database_refuses_takes_no_other_with_it(make, engine, answers):
    inbox = make()
    spoilt = OrderEvent("2:x", "x", 2**70, '{"order": {}}')
    with writing(engine) as connection:  # so that all three are taken in one batch
        connection.execute(order_events.delete())
        for one in (event(1), spoilt, event(3)):
            inbox.put(one, answers.put)

    outcomes = [answers.get(timeout=PATIENCE) for _ in range(3)]

    assert sorted(outcome.name for outcome in outcomes) == ["REFUSED", "STORED", "STORED"]
    assert stored(engine) == {"1:order_created", "3:order_created"}


def test_too_many_are_turned_away(make, engine, answers):
    inbox = make(limit=1)
    with writing(engine) as connection:
        connection.execute(order_events.delete())
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE order_events")
        taken = [inbox.put(event(number), answers.put) for number in range(1, 6)]

    assert False in taken
    assert [answers.get(timeout=PATIENCE) for _ in range(sum(taken))] == [Outcome.STORED] * sum(taken)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_file_that_is_replaced_is_written_from_then_on(make, engine, answers, sqlite_template):
    inbox, path = make(), Path(str(engine.url.database))
    inbox.put(event(1), answers.put)
    first = answers.get(timeout=PATIENCE)
    shutil.copy(sqlite_template, path.with_suffix(".new"))
    os.replace(path.with_suffix(".new"), path)

    inbox.put(event(2), answers.put)

    assert (first, answers.get(timeout=PATIENCE)) == (Outcome.STORED, Outcome.STORED)
    now = open_engine(f"sqlite:///{path}")
    with now.connect() as connection:
        kept = set(connection.execute(select(order_events.c.key)).scalars())
    now.dispose()
    assert kept == {"2:order_created"}
