"""One row for each person: found by number, then by name."""

import random
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.making import at, met, row, rows
from tvspiders.items import Creator
from tvspiders.storage.catalogue.creators import write_creators
from tvspiders.storage.catalogue.to_rows import add_rows
from tvspiders.storage.tables import creator_names, creators


def write(connection, *found: Creator) -> None:
    by_table: dict[Any, list[dict[str, Any]]] = {}
    for item in found:
        add_rows(item, by_table)
    write_creators(connection, by_table[creators])


def person(second: int, number: int | None, username: str, **fields) -> Creator:
    return met(second, Creator(id=number, username=username, **fields))


def names(connection) -> dict[int | None, str | None]:
    return {row.id: row.username for row in connection.execute(select(creators.c.id, creators.c.username))}


def test_a_summary_does_not_empty_a_profile(connection):
    write(connection, person(1, 5, "Amber", follower_count=0, location="Graz", profile=True))

    write(connection, person(2, 5, "Amber", thing_count=3))

    found = row(connection, creators)
    assert (found["follower_count"], found["thing_count"], found["location"]) == (0, 3, "Graz")
    assert (found["profile_scraped"], found["last_scraped"]) == (at(1), at(2))


def test_a_rename_keeps_the_row_and_the_history(connection):
    write(connection, person(1, 5, "Amber", location="Graz"))

    write(connection, person(2, 5, "Bernstein"))

    assert row(connection, creators, "id", "username", "location") == (5, "Bernstein", "Graz")
    assert rows(connection, creator_names, "creator_id", "username", "first_seen") == [
        (5, "Amber", at(1)),
        (5, "Bernstein", at(2)),
    ]


def test_a_name_that_somebody_else_took_stays_in_the_history(connection):
    write(connection, person(1, 5, "Amber"))
    write(connection, person(2, 6, "Amber"))

    write(connection, person(3, 5, "Bernstein"))

    assert names(connection) == {5: "Bernstein", 6: "Amber"}
    assert rows(connection, creator_names, "creator_id", "username", "first_seen") == [
        (5, "Amber", at(1)),
        (5, "Bernstein", at(3)),
    ]


def test_an_older_answer_does_not_undo_a_rename(connection):
    write(connection, person(5, 5, "Bernstein"))

    write(connection, person(1, 5, "Amber"))

    assert names(connection) == {5: "Bernstein"}


def test_a_name_belongs_to_whoever_was_seen_with_it_last(connection):
    write(connection, person(1, 5, "Amber", location="Graz"))

    write(connection, person(2, 6, "Amber"))

    assert names(connection) == {5: None, 6: "Amber"}


def test_an_older_answer_takes_no_name_away(connection):
    write(connection, person(5, 5, "Amber"))

    write(connection, person(1, 6, "Amber", location="Linz"))

    assert names(connection) == {5: "Amber", 6: None}


def test_a_former_holder_gets_a_name_when_met_again(connection):
    write(connection, person(1, 5, "Amber"))
    write(connection, person(2, 6, "Amber"))

    write(connection, person(3, 5, "Bernstein"))

    assert names(connection) == {5: "Bernstein", 6: "Amber"}


def test_two_people_may_swap_names_in_one_batch(connection):
    write(connection, person(1, 5, "Amber"), person(1, 6, "Bernstein"))

    write(connection, person(2, 5, "Bernstein"), person(2, 6, "Amber"))

    assert names(connection) == {5: "Bernstein", 6: "Amber"}


@pytest.mark.parametrize(("first", "second"), [(5, 6), (6, 5)])
def test_a_name_that_moves_within_one_batch_goes_to_the_later_answer(connection, first, second):
    write(connection, person(1, first, "Amber"), person(2, second, "Amber"))

    assert names(connection) == {first: None, second: "Amber"}


def test_a_known_person_may_lose_the_name_within_the_batch_that_renames_somebody_else(connection):
    write(connection, person(1, 5, "Amber"), person(1, 6, "Bernstein"))

    write(connection, person(2, 5, "Bernstein"), person(3, 6, "Bernstein"))

    assert names(connection)[6] == "Bernstein"
    assert names(connection)[5] in (None, "Amber")


def test_somebody_met_by_name_is_one_with_the_number_met_later(connection):
    write(connection, person(1, None, "Amber", location="Graz"))

    write(connection, person(2, 5, "Amber", follower_count=3))

    assert row(connection, creators, "id", "username", "location", "follower_count") == (
        5,
        "Amber",
        "Graz",
        3,
    )


def test_somebody_known_by_number_may_be_met_by_name(connection):
    write(connection, person(1, 5, "Amber", follower_count=3))

    write(connection, person(2, None, "Amber", location="Graz"))

    assert row(connection, creators, "id", "location", "follower_count") == (5, "Graz", 3)


def test_name_and_number_may_meet_in_one_batch(connection):
    write(connection, person(2, None, "Amber", location="Graz"), person(1, 5, "Amber", follower_count=3))

    assert row(connection, creators, "id", "location", "follower_count") == (5, "Graz", 3)


def test_a_renamed_person_takes_over_what_was_known_under_the_new_name_only(connection):
    write(connection, person(1, 5, "Amber"), person(1, None, "Bernstein", location="Graz"))

    write(connection, person(2, 5, "Bernstein"))

    assert row(connection, creators, "id", "username", "location") == (5, "Bernstein", "Graz")


def test_spellings_are_kept_apart(connection):
    write(connection, person(1, 5, "Amber"), person(1, 6, "amber"))

    assert names(connection) == {5: "Amber", 6: "amber"}


def test_a_person_twice_in_a_batch_is_one_row(connection):
    write(
        connection, person(2, 5, "Amber", location="Linz"), person(1, 5, "Amber", location="Graz", name="A")
    )

    assert row(connection, creators, "location", "name", "last_scraped", "first_seen") == (
        "Linz",
        "A",
        at(2),
        at(1),
    )


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("backend", ["sqlite"])
def test_whatever_is_met_no_number_and_no_name_is_there_twice_and_nobody_without_both(connection, seed):
    dice = random.Random(seed)
    for second in range(1, 30, 3):
        batch = [
            person(second + dice.randint(0, 2), dice.choice([None, 1, 2, 3, 4]), dice.choice("abcd"))
            for _ in range(dice.randint(1, 5))
        ]
        write(connection, *batch)

    found = rows(connection, creators, "id", "username")
    assert len({number for number, _ in found if number}) == len([number for number, _ in found if number])
    assert len({name for _, name in found if name}) == len([name for _, name in found if name])
    assert [entry for entry in found if entry == (None, None)] == []
