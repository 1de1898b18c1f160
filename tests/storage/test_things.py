"""A thing's row, its snapshots and its categories."""

import threading
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.support.making import at, met, row, rows
from tvspiders.items import Category, Item, Thing, ThingCategory
from tvspiders.storage.catalogue.things import Written, write_category_names, write_things
from tvspiders.storage.catalogue.to_rows import add_rows
from tvspiders.storage.database.engine import writing
from tvspiders.storage.database.upserts import upsert
from tvspiders.storage.tables import download_snapshots, thing_tags, things

COUNTS = ("recorded_at", "download_count", "like_count", "make_count")


def write(connection, *found: Item, raw_json: str | None = None) -> Written:
    """Write items and, last, their things."""
    by_table: dict[Any, list[dict[str, Any]]] = {}
    for item in found:
        add_rows(item, by_table, raw_json)
    of_things = by_table.pop(things, [])
    for table, entries in by_table.items():
        upsert(connection, table, entries)
    return write_things(connection, of_things, crawl_id=1)


def detail(second: int, number: int = 7, **fields) -> Thing:
    return met(second, Thing(id=number, detail=True, **fields))


def listed(second: int, number: int = 7, **fields) -> Thing:
    return met(second, Thing(id=number, **fields))


def snapshots(connection) -> list[tuple[Any, ...]]:
    return sorted(rows(connection, download_snapshots, *COUNTS))


def test_a_first_answer_with_counts_makes_a_snapshot(connection):
    write(connection, detail(1, download_count=10, like_count=2, make_count=0, view_count=99))

    assert snapshots(connection) == [(at(1), 10, 2, 0)]
    assert row(connection, download_snapshots, "thing_id", "view_count", "crawl_id") == (7, 99, 1)


def test_an_answer_without_counts_makes_none(connection):
    write(connection, listed(1, name="Gear"))

    assert snapshots(connection) == []


@pytest.mark.parametrize("name", ["download_count", "like_count", "make_count"])
def test_a_changed_count_makes_a_snapshot(connection, name):
    counts = {"download_count": 10, "like_count": 2, "make_count": 1}
    write(connection, detail(1, **counts))

    write(connection, detail(2, **counts | {name: 11}))

    assert len(snapshots(connection)) == 2


def test_equal_counts_make_none(connection):
    write(connection, detail(1, download_count=10, like_count=2, make_count=1))

    write(connection, detail(2, download_count=10, like_count=2, make_count=1, view_count=500))

    assert snapshots(connection) == [(at(1), 10, 2, 1)]


def test_counts_that_a_list_does_not_carry_are_no_change(connection):
    write(connection, detail(1, download_count=10, like_count=2, make_count=1))

    write(connection, listed(2, like_count=2, make_count=1))
    write(connection, listed(3, like_count=3))

    assert snapshots(connection) == [(at(1), 10, 2, 1), (at(3), None, 3, None)]
    assert row(connection, things, "download_count", "like_count", "make_count") == (10, 3, 1)


def test_a_count_that_becomes_known_is_a_change(connection):
    write(connection, listed(1, like_count=2))

    write(connection, detail(2, download_count=0, like_count=2))

    assert snapshots(connection) == [(at(1), None, 2, None), (at(2), 0, 2, None)]


def test_a_known_count_that_is_given_up_is_no_change(connection):
    write(connection, detail(1, download_count=10))

    write(connection, detail(2, download_count=None, name="Gear"))

    assert snapshots(connection) == [(at(1), 10, None, None)]


def test_a_thing_of_which_only_the_name_was_known_gets_its_first_snapshot(connection):
    write(connection, listed(1, name="Gear"))

    write(connection, detail(2, download_count=0))

    assert snapshots(connection) == [(at(2), 0, None, None)]


def test_an_older_answer_makes_no_snapshot(connection):
    write(connection, detail(5, download_count=10))

    write(connection, detail(3, download_count=8))

    assert snapshots(connection) == [(at(5), 10, None, None)]
    assert row(connection, things, "download_count") == 10


def test_the_same_answer_twice_makes_one_snapshot(connection):
    write(connection, detail(1, download_count=10))

    write(connection, detail(1, download_count=10))

    assert len(snapshots(connection)) == 1


def test_two_answers_in_one_batch_leave_what_they_would_leave_one_by_one(connection):
    answers = [detail(1, download_count=10, like_count=2), listed(2, like_count=3), listed(3, like_count=3)]

    write(connection, *answers)
    for second, answer in enumerate(answers, 1):
        write(connection, met(second, Thing(**{**vars_of(answer), "id": 8})))

    both = {
        number: sorted(rows(connection, download_snapshots, *COUNTS, thing_id=number)) for number in (7, 8)
    }
    assert both[7] == both[8] == [(at(1), 10, 2, None), (at(2), None, 3, None)]


def vars_of(thing: Thing) -> dict[str, Any]:
    return {name: value for name, value in vars(thing).items() if name not in ("kind", "_source")}


def test_new_things_are_told_apart_from_known_ones(connection):
    first = write(connection, detail(1, 7), detail(1, 8))

    second = write(connection, detail(2, 8), detail(2, 9))

    assert (first.new, second.new) == ({7, 8}, {9})


def test_a_list_row_keeps_what_a_detail_said(connection):
    write(connection, detail(1, name="Gear", license="CC", download_count=10), raw_json='{"id":7}')

    write(connection, listed(2, name="Gear 2"))

    kept = row(
        connection, things, "name", "license", "raw_json", "detail_scraped", "first_seen", "last_scraped"
    )
    assert kept == ("Gear 2", "CC", '{"id":7}', at(1), at(1), at(2))


def test_tags_that_a_thing_has_lost_are_taken_off_it(connection):
    write(connection, detail(1, tags=["gear", "old"]))

    write(connection, detail(2, tags=["gear", "new"]))
    write(connection, listed(3))

    assert rows(connection, thing_tags, "tag") == ["gear", "new"]
    assert row(connection, things, "tags") == '["gear", "new"]'


def test_an_older_answer_does_not_change_the_tags(connection):
    write(connection, detail(5, tags=["new"]))

    write(connection, detail(3, tags=["old"]))

    assert rows(connection, thing_tags, "tag") == ["new"]
    assert row(connection, things, "tags") == '["new"]'


def test_a_thing_may_lose_all_of_its_tags(connection):
    write(connection, detail(1, tags=["gear"]), detail(1, 8, tags=["gear"]))

    write(connection, detail(2, tags=[]))

    assert rows(connection, thing_tags, "thing_id", "tag") == [(8, "gear")]


def test_categories_are_named_in_the_thing(connection):
    write(
        connection,
        detail(1),
        met(1, Category(slug="art", name="Kunst & Ж")),
        met(1, ThingCategory(thing_id=7, category_slug="art")),
        met(1, ThingCategory(thing_id=7, category_slug="toys")),
    )

    write_category_names(connection, {7, 8})

    assert row(connection, things, "categories") == '["Kunst & Ж", "toys"]'


@pytest.mark.parametrize("backend", ["postgresql"])
def test_two_writers_of_one_new_thing_make_one_snapshot(engine: Engine):
    first_wrote, second_may_end = threading.Event(), threading.Event()
    new: list[Written] = []

    def first():
        with writing(engine) as connection:
            new.append(write(connection, detail(1, download_count=10)))
            first_wrote.set()
            second_may_end.wait(0.2)

    def second():
        first_wrote.wait(10)
        with writing(engine) as connection:
            new.append(write(connection, detail(2, download_count=10)))

    writers = [threading.Thread(target=target) for target in (first, second)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    with engine.connect() as connection:
        assert snapshots(connection) == [(at(1), 10, None, None)]
    assert [written.new for written in new] == [{7}, set()]


def test_the_most_downloaded_things_are_found_by_an_index(connection):
    query = "SELECT id FROM things ORDER BY download_count DESC LIMIT 50"
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {query}").all()
    else:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()

    assert "ix_things_download_count" in str(plan)
    assert "sort" not in str(plan).lower().replace("b-tree for order by", "sort")
