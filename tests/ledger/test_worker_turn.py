"""A worker knows its database by the number of its last transaction."""

import pytest
from sqlalchemy import delete, update

from tests.support.making import open_crawl
from tvspiders.errors import DatabaseChanged
from tvspiders.ledger.writing.worker_watch import WorkerWatch
from tvspiders.storage import tables
from tvspiders.storage.database.engine import writing
from tvspiders.storage.queue import workers

NUMBER = tables.crawl_workers


@pytest.fixture
def turn(engine):
    with writing(engine) as connection:
        crawl = open_crawl(connection)
        workers.enter(connection, crawl.id, "me")
    return WorkerWatch(crawl.id, "me")


def take(engine, turn: WorkerWatch) -> bool:
    with writing(engine) as connection:
        there = turn.begin(connection)
        turn.tried()
    turn.committed()
    return there


def set_number(engine, number: int) -> None:
    with writing(engine) as connection:
        connection.execute(update(NUMBER).values(turn=number))


def test_one_transaction_follows_the_other(engine, turn):
    assert [take(engine, turn) for _ in range(3)] == [False, False, False]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_another_number_is_another_state_of_the_database(engine, turn, number):
    take(engine, turn)
    take(engine, turn)
    set_number(engine, number)

    with pytest.raises(DatabaseChanged, match="does not hold what this process wrote last"):
        take(engine, turn)


def test_a_database_without_the_row_is_another_one(engine, turn):
    with writing(engine) as connection:
        connection.execute(delete(NUMBER))

    with pytest.raises(DatabaseChanged):
        take(engine, turn)


def test_a_database_without_the_table_is_another_one(engine, turn):
    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE crawl_workers RENAME TO away")
        with pytest.raises(DatabaseChanged, match="does not hold the rows of this crawl"):
            turn.begin(connection)
        connection.rollback()


def test_a_commit_that_nobody_heard_of_is_known_by_the_next_transaction(engine, turn):
    with writing(engine) as connection:
        turn.begin(connection)
        turn.tried()

    assert take(engine, turn) is True
    assert take(engine, turn) is False


def test_a_commit_that_did_not_come_to_pass_is_known_as_well(engine, turn):
    with engine.connect() as connection:
        turn.begin(connection)
        turn.tried()
        connection.rollback()

    assert take(engine, turn) is False


def test_another_server_is_another_database_although_the_number_is_right(engine, turn, monkeypatch):
    servers = iter(("1/00000001", "", "1/00000001", "1/00000002"))
    monkeypatch.setattr(workers, "server_identity", lambda connection: next(servers))

    assert [take(engine, turn) for _ in range(3)] == [False, False, False]
    with pytest.raises(DatabaseChanged, match="another database server"):
        take(engine, turn)
