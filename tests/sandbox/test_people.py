import pytest

from tests.sandbox.sites import api_of


def test_a_name_is_found_again_in_any_case(catalogue):
    people = catalogue.people
    names = [people.name(user) for user in range(people.count)]

    assert len({name.casefold() for name in names}) == people.count
    for user in range(0, people.count, 7):
        assert people.rank_of_name(names[user]) == user
        assert people.rank_of_name(names[user].upper()) == user


@pytest.mark.parametrize(
    "name", ["", "nobody", "amber", "amberAnvil99999999", "aMbEr__Anvil", "a/b?c#d&e", "😀", "me "]
)
def test_other_names_are_nobodys(catalogue, name):
    assert catalogue.people.rank_of_name(name) is None


def test_an_id_is_found_again(catalogue):
    people = catalogue.people

    assert sorted(people.id(user) for user in range(people.count)) == list(range(1, people.count + 1))
    assert people.rank_of_id(people.id(5)) == 5
    assert people.rank_of_id(0) is None
    assert people.rank_of_id(people.count + 1) is None


def test_every_thing_has_one_creator(catalogue):
    published = [thing for user in range(catalogue.people.count) for thing in catalogue.people.designed(user)]

    assert sorted(published) == list(range(1, catalogue.capacity + 1))
    for user in (0, 1, 2, 500):
        assert {catalogue.people.creator(thing) for thing in catalogue.people.designed(user)} == {user}


def test_one_creator_has_about_1100_things_and_most_have_few(catalogue):
    counts = sorted((catalogue.design_count(user, 0) for user in range(catalogue.people.count)), reverse=True)

    assert 1000 < counts[0] < 1300
    assert counts[len(counts) // 2] <= 2


def test_the_big_catalogue_has_such_a_creator_too():
    big = api_of(things=6_000_000).catalogue

    assert 1000 < big.design_count(0, 0) < 1300


def test_makerbot_has_something_to_show(catalogue):
    user = catalogue.people.rank_of_name("makerbot")

    assert catalogue.people.name(user) == "MakerBot"
    assert catalogue.design_count(user, 0) > 100
    assert catalogue.liked(user, 0)
    assert catalogue.copies(user, 0)


def test_some_accounts_are_gone(catalogue):
    gone = [user for user in range(catalogue.people.count) if catalogue.people.gone(user)]

    assert 5 < len(gone) < 100
    thing = next(t for user in gone for t in catalogue.people.designed(user))
    assert catalogue.creator(thing) is None
