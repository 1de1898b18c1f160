"""docs/database.md names every table and column of things, and its SQL runs."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, text

from tests.support.reading import blocks, document, names, rows, section
from tvspiders.storage.tables import metadata, things

PAGE = document("docs/database.md")
GUIDE = {
    "things": (
        "id name creator creator_url added modified license download_count like_count make_count remix_count "
        "collect_count comment_count tags categories ancestors is_featured url last_scraped raw_json"
    ),
    "remix_edges": "parent_id child_id",
    "creators": (
        "username name follower_count following_count thing_count make_count skill_level registered location "
        "last_scraped"
    ),
    "download_snapshots": "id thing_id download_count like_count make_count recorded_at",
}
"""Columns of the scraping guide that many users start from."""


def listed(heading):
    return {name for row in rows(section(PAGE, heading)) for name in names(row[0])}


def test_every_table_is_listed_and_every_one_listed_exists(engine):
    assert listed("Data") | listed("The ledger") == set(inspect(engine).get_table_names())


def test_keys_are_those_of_the_tables():
    for row in rows(section(PAGE, "Data")):
        for table, key in zip(names(row[0]), row[2].split(";"), strict=False):
            if names(key) and "unique" not in key:
                assert [column.name for column in metadata.tables[table].primary_key] == names(key), table


def test_every_column_of_things_is_named():
    said = section(PAGE, "Data").partition("Columns of `things`")[2]

    assert {column.name for column in things.c} - set(names(said)) == set()


@pytest.mark.parametrize("table", GUIDE)
def test_the_guides_columns_are_there(engine, table):
    columns = {column["name"] for column in inspect(engine).get_columns(table)}

    assert set(GUIDE[table].split()) <= columns


def test_the_queries_run(connection):
    (block,) = blocks(PAGE, "sql")
    queries = [query for query in block.split(";") if query.strip()]

    assert len(queries) == 3
    for query in queries:
        assert connection.execute(text(query)).all() == []
