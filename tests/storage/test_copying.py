"""Everything arrives, in one transaction or not at all."""

import pytest
from sqlalchemy import insert, select, text

from tests.support.making import open_crawl
from tvspiders.errors import StorageProblem
from tvspiders.storage import tables
from tvspiders.storage.database.copying import copy_database
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.schema import prepare_schema

HOST = "server-1"


@pytest.fixture
def source(sqlite_url):
    engine = open_engine(sqlite_url)
    prepare_schema(engine)
    with writing(engine) as connection:
        crawl = open_crawl(connection)
        connection.execute(
            insert(tables.things).values(id=7, name="Gear \u20ac", is_featured=True, raw_json="{}")
        )
        connection.execute(insert(tables.creators).values(key=41, id=5, username="maker"))
        for number in (1, 2500):
            connection.execute(
                insert(tables.requests).values(
                    id=number,
                    crawl_id=crawl.id,
                    fingerprint=bytes([0, 255, number % 256]),
                    path="/things/7",
                    callback="parse",
                    rank=0,
                    depth=0,
                    state="queued",
                    attempts=0,
                )
            )
            connection.execute(
                insert(tables.answers).values(
                    request_id=number,
                    crawl_id=crawl.id,
                    received_at="2026-11-21T00:00:00Z",
                    status=200,
                    codec="zstd",
                    body=b"\0\1",
                    scrubbed=False,
                )
            )
        connection.execute(
            insert(tables.feeds).values(
                crawl_id=crawl.id, uri="/data/x.jsonl", base=0, offset=10, answer_id=1
            )
        )
    yield engine
    engine.dispose()


@pytest.fixture
def target(postgresql_url):
    engine = open_engine(postgresql_url)
    prepare_schema(engine)
    yield engine
    engine.dispose()


def rows(engine, table):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]


def test_every_row_of_every_table_arrives_as_it_was(source, target):
    told = {}

    counts = copy_database(source, target, HOST, told.__setitem__)

    assert counts == told
    assert {name for name, number in counts.items() if number} == {
        "things",
        "creators",
        "crawls",
        "requests",
        "answers",
        "feeds",
    }
    assert set(counts) == set(tables.metadata.tables)
    for name in ("things", "creators", "crawls", "requests"):
        assert rows(target, tables.metadata.tables[name]) == rows(source, tables.metadata.tables[name])


def test_new_rows_are_numbered_after_those_that_came(source, target):
    copy_database(source, target, HOST)

    with writing(target) as connection:
        creator = connection.execute(
            insert(tables.creators).values(id=6, username="other").returning(tables.creators.c.key)
        ).scalar()
        crawl = open_crawl(connection, "another")

    assert (creator, crawl.id) == (42, 2)


def test_feeds_and_their_answers_are_named_as_where_workers_share_a_crawl(source, target):
    copy_database(source, target, HOST)

    with target.connect() as connection:
        feed = connection.execute(select(tables.feeds.c.id, tables.feeds.c.uri)).one()
        named = set(connection.execute(select(tables.answers.c.feed_id)).scalars())

    assert feed.uri == "server-1:/data/x.jsonl"
    assert named == {feed.id}


def test_a_database_with_rows_is_left_alone(source, target):
    with writing(target) as connection:
        connection.execute(insert(tables.tags).values(name="gear"))

    with pytest.raises(StorageProblem, match="not empty, its table 'tags' has rows"):
        copy_database(source, target, HOST)

    assert rows(target, tables.things) == []


def test_a_failure_half_way_leaves_nothing(source, target):
    with writing(source) as connection:
        connection.execute(insert(tables.comments).values(id=1, body="a\0b"))

    with pytest.raises(StorageProblem, match="nothing was copied: "):
        copy_database(source, target, HOST)

    assert [name for name, table in tables.metadata.tables.items() if rows(target, table)] == []


def test_a_table_of_somebody_else_is_told(source, target):
    with writing(source) as connection:
        connection.execute(text("CREATE TABLE notes (id INTEGER)"))

    with pytest.raises(StorageProblem, match="'notes' is not one of ours"):
        copy_database(source, target, HOST)
