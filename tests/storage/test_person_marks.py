"""Each column of the schema says whether it names a person."""

import pytest

from tvspiders.storage import person_marks, tables
from tvspiders.storage.person_marks import KEY, MARKS, Role, mark_of, marked, roles


def test_every_column_carries_a_mark():
    columns = [column for table in tables.metadata.sorted_tables for column in table.c]

    assert [str(column) for column in columns if KEY not in column.info] == []
    assert {column.info[KEY].partition(":")[0] for column in columns} <= MARKS


def test_number_and_name_of_a_user_stand_together():
    assert list(roles(tables.follows)) == [Role("follower_id", "follower"), Role("followed_id", "followed")]
    assert list(roles(tables.remix_edges)) == []


def test_a_mark_of_a_column_that_does_not_exist_is_noticed(monkeypatch):
    monkeypatch.setitem(person_marks._BY_TABLE, "tags", {"text": "colour"})

    with pytest.raises(KeyError, match="colour"):
        person_marks.mark_columns(tables.metadata)


def test_columns_are_found_by_their_marks():
    assert marked(tables.creators, "full name") == ["name"]
    assert marked(tables.creators, "part of name") == ["first_name", "last_name"]
    assert mark_of(tables.things, "creator") == "name"
