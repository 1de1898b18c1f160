"""The newest answer wins, missing never overwrites known, and each key is one row."""

import random
import threading

import pytest
from sqlalchemy import Column, Engine, MetaData, Table, Text, select

from tests.support.making import at, row, rows
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.errors import DatabaseError, classify
from tvspiders.storage.database.upserts import merge_rows, upsert
from tvspiders.storage.tables import collections, remix_edges, thing_tags, things


def collection(number: int, second: int, **columns):
    empty = {"name": None, "creator": None, "thing_count": None}
    return {"id": number, "last_scraped": at(second)} | empty | columns


def edge(parent: int, child: int, second: int, side: str = "child"):
    seen = {"seen_from_child": None, "seen_from_parent": None, f"seen_from_{side}": at(second)}
    return {
        "parent_id": parent,
        "child_id": child,
        "first_seen": at(second),
        "last_scraped": at(second),
    } | seen


def test_a_missing_value_does_not_overwrite_a_known_one(connection):
    upsert(connection, collections, [collection(5, 1, name="Gears", thing_count=0)])

    upsert(connection, collections, [collection(5, 2, creator="Amber")])

    assert row(connection, collections, "name", "creator", "thing_count") == ("Gears", "Amber", 0)


def test_a_table_of_one_column_is_written_too(connection):
    alone = Table("alone", MetaData(), Column("name", Text, primary_key=True), prefixes=["TEMPORARY"])
    alone.create(connection)

    upsert(connection, alone, [{"name": "Gears"}, {"name": "Amber"}])
    upsert(connection, alone, [{"name": "Gears"}])

    assert rows(connection, alone, "name") == ["Amber", "Gears"]


def test_zero_and_empty_text_are_values(connection):
    upsert(connection, collections, [collection(5, 1, name="Gears", thing_count=9)])

    upsert(connection, collections, [collection(5, 2, name="", thing_count=0)])

    assert row(connection, collections, "name", "thing_count") == ("", 0)


def test_an_older_answer_only_fills_what_is_missing(connection):
    upsert(connection, collections, [collection(5, 9, name="New")])

    upsert(connection, collections, [collection(5, 3, name="Old", creator="Amber")])

    assert row(connection, collections, "name", "creator") == ("New", "Amber")


def test_the_time_of_the_newest_answer_stays(connection):
    upsert(connection, collections, [collection(5, 9)])

    upsert(connection, collections, [collection(5, 3)])

    assert row(connection, collections, "last_scraped") == at(9)


def test_an_answer_of_the_same_moment_may_correct(connection):
    upsert(connection, collections, [collection(5, 3, name="Old")])

    upsert(connection, collections, [collection(5, 3, name="New")])

    assert row(connection, collections, "name") == "New"


def test_a_batch_may_name_a_key_twice(connection):
    upsert(
        connection,
        collections,
        [collection(5, 2, name="New"), collection(5, 1, name="Old", creator="Amber"), collection(4, 1)],
    )

    assert rows(connection, collections, "id", "name", "creator") == [(4, None, None), (5, "New", "Amber")]


def test_the_first_sighting_stays_and_the_latest_moves_on(connection):
    upsert(connection, remix_edges, [edge(1, 2, 1, "child")])

    upsert(connection, remix_edges, [edge(1, 2, 5, "parent")])
    upsert(connection, remix_edges, [edge(1, 2, 3, "parent")])

    names = ("first_seen", "seen_from_child", "seen_from_parent", "last_scraped")
    assert row(connection, remix_edges, *names) == (at(1), at(1), at(5), at(5))


def test_a_table_of_keys_only_keeps_each_key_once(connection):
    upsert(connection, thing_tags, [{"thing_id": 1, "tag": "gear"}, {"thing_id": 1, "tag": "gear"}])

    upsert(connection, thing_tags, [{"thing_id": 1, "tag": "gear"}])

    assert rows(connection, thing_tags, "thing_id", "tag") == [(1, "gear")]


def test_no_rows_are_no_statement(connection):
    upsert(connection, things, [])

    assert rows(connection, things) == []


@pytest.mark.parametrize("seed", range(20))
def test_one_batch_gives_what_single_writes_in_order_of_time_give(sqlite_template, tmp_path, seed):
    dice = random.Random(seed)
    answers = [
        collection(
            dice.randint(1, 3),
            second,
            **{name: dice.choice([None, 0, 1, 2]) for name in ("thing_count",)},
            name=dice.choice([None, "a", "b"]),
        )
        for second in range(12)
    ]
    shuffled = dice.sample(answers, len(answers))
    found = []
    for batches in ([shuffled], [[answer] for answer in answers]):
        path = tmp_path / f"{len(batches)}.db"
        path.write_bytes(sqlite_template.read_bytes())
        engine = open_engine(f"sqlite:///{path}")
        with writing(engine) as connection:
            for batch in batches:
                upsert(connection, collections, batch)
            found.append(rows(connection, collections))
        engine.dispose()

    assert found[0] == found[1]


def test_merged_rows_are_in_the_order_of_their_keys():
    merged = merge_rows(["id"], [collection(3, 1), collection(1, 1), collection(2, 1)])

    assert [entry["id"] for entry in merged] == [1, 2, 3]


@pytest.mark.parametrize("backend", ["postgresql"])
def test_two_writers_in_opposite_order_do_not_deadlock(engine: Engine):
    forth = [collection(number, 1, name="x" * 500) for number in range(400)]
    troubles: list[Exception] = []
    start = threading.Barrier(2)

    def write(batch):
        start.wait(10)
        for _ in range(5):
            try:
                with writing(engine) as connection:
                    upsert(connection, collections, batch)
            except Exception as error:
                troubles.append(error)

    writers = [threading.Thread(target=write, args=(batch,)) for batch in (forth, forth[::-1])]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    assert troubles == []
    with engine.connect() as connection:
        assert len(rows(connection, collections, "id")) == 400


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_deadlock_of_others_is_worth_waiting_for(engine: Engine):
    troubles: list[DatabaseError] = []
    both = threading.Barrier(2)

    def lock(first: int, second: int) -> None:
        try:
            with writing(engine) as connection:
                connection.execute(
                    select(collections.c.id).where(collections.c.id == first).with_for_update()
                )
                both.wait(10)
                connection.execute(
                    select(collections.c.id).where(collections.c.id == second).with_for_update()
                )
        except Exception as error:
            troubles.append(classify(error))

    with writing(engine) as connection:
        upsert(connection, collections, [collection(1, 1), collection(2, 1)])
    pair = [threading.Thread(target=lock, args=order) for order in ((1, 2), (2, 1))]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join(60)

    assert troubles == [DatabaseError.WAIT]
