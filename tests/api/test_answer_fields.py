"""The fields of answers: their names and types, and which of them a stored column depends on."""

import random
from collections import defaultdict

import pytest

from tests.support.recordings import FOLDER, load
from tvspiders.api import parsing
from tvspiders.api.answer_fields import (
    FLAG,
    LIST,
    MAP,
    NUMBER,
    TEXT,
    endpoint_of,
    fields_of,
    is_stored,
    others_for,
)
from tvspiders.errors import AnswerRefused
from tvspiders.ledger.answers.drift import count_answer
from tvspiders.storage.catalogue.answer_fields import Inventory

RECORDED = sorted(
    path.stem
    for path in FOLDER.glob("*.json")
    if not path.stem.startswith(("error", "headers")) and not path.stem.endswith(".headers")
)
KINDS = {
    "thing-detail": ("/things/ID", lambda document: parsing.thing_detail(document, int(document["id"]))),
    "collection-16696069-things": ("/collections/ID/things", parsing.thing_rows),
    "collection": ("/collections/ID", None),
    "categories-list": ("/categories", parsing.categories),
    "search-users": ("/users/ID/followers", parsing.user_rows),
    "user-search": ("/users/ID/things", parsing.thing_rows),
    "user-me": ("/users/me", lambda document: parsing.user_profile(document, "me")),
    "user-": ("/users/ID", lambda document: parsing.user_profile(document, document["name"])),
    "search": ("/search", parsing.thing_rows),
    "newest": ("/newest", parsing.thing_rows),
    "popular": ("/popular", parsing.thing_rows),
}
LISTS = {
    "derivatives": lambda document: parsing.derivatives(document, 7),
    "copies": lambda document: parsing.copies(document, thing_id=7),
    "categories": lambda document: parsing.thing_categories(document, 7),
    "comments": lambda document: parsing.comments(document, 7),
    "files": lambda document: parsing.files(document, 7),
    "images": lambda document: parsing.images(document, 7),
    "tags": parsing.tags,
}


def kind(name):
    """Endpoint of a recording, and what parses it."""
    for last, parse in LISTS.items():
        if name.startswith("things-") and last in name.split("-"):
            return f"/things/ID/{last}", parse
    return next((found for start, found in KINDS.items() if name.startswith(start)), (f"/{name}", None))


DEEP = {
    "creator.id",
    "creator.name",
    "maker.id",
    "user.id",
    "user.name",
    "thing.id",
    "tags.name",
    "ancestors.id",
}
"""Fields of maps that a key depends on; what else such a summary says is in the profile as well."""


class Watched(dict):
    """A map that notes which of its fields are read."""

    def __init__(self, given, read, before=""):
        super().__init__({name: watched(value, read, before, name) for name, value in given.items()})
        self.read, self.before = read, before

    def get(self, name, default=None):
        self.read.add(self.before + name)
        return super().get(name, default)

    def __getitem__(self, name):
        self.read.add(self.before + name)
        return super().__getitem__(name)


def watched(value, read, before="", name=""):
    if isinstance(value, dict):
        return Watched(value, read, f"{before}{name}." if name else before)
    if isinstance(value, list):
        return [watched(one, read, before, name) for one in value]
    return value


@pytest.mark.parametrize("name", RECORDED)
def test_a_column_depends_on_every_field_that_a_parser_reads(name):
    endpoint, parse = kind(name)
    document, read = load(name), set()
    if parse is None:
        return
    try:
        parse(watched(document, read))
    except AnswerRefused:
        return
    looked_at = {field for field in read if "." not in field or (field.count(".") == 1 and field in DEEP)}

    spare = {"url"} if endpoint.endswith("derivatives") else set()  # for a row without its number

    assert {field for field in looked_at if not is_stored(endpoint, field)} == spare


def test_recordings_of_all_years_show_no_drift():
    documents = defaultdict(list)
    for name in RECORDED:
        documents[kind(name)[0]].append(load(name))

    for seed in range(20):
        for endpoint, found in documents.items():
            inventory, order = Inventory(), found * (1 + seed % 6)
            random.Random(seed).shuffle(order)
            for document in order:
                if fields := fields_of(document):
                    assert count_answer(inventory, endpoint, fields) == []


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/things/763622", "/things/ID"),
        ("/things/763622/derivatives?page=3&per_page=30", "/things/ID/derivatives"),
        ("/search/hot%2Fend/?type=things&page=1", "/search"),
        ("/search/?type=things", "/search"),
        ("/search/hot_end/tag?page=1", "/search/ID/tag"),
        ("/users/me", "/users/me"),
        ("/users/MakerBot", "/users/ID"),
        ("/users/MakerBot/things?page=1", "/users/ID/things"),
        ("/categories?page=1", "/categories"),
        ("/popular?page=1", "/popular"),
    ],
)
def test_an_endpoint_is_an_address_without_its_subject(path, endpoint):
    assert endpoint_of(path) == endpoint


@pytest.mark.parametrize(
    ("value", "types"),
    [
        (None, 0),
        ("", 0),
        ("a", TEXT),
        ("12", TEXT | NUMBER),
        ("0", TEXT | NUMBER | FLAG),
        (7, NUMBER),
        (1, NUMBER | FLAG),
        (True, FLAG),
        (2.5, NUMBER),
        ([], LIST | MAP),
        ({}, LIST | MAP),
        ([1], LIST),
        ({"a": 1}, MAP),
    ],
)
def test_a_value_has_the_types_that_it_may_be_read_as(value, types):
    assert fields_of({"field": value}) == {("field", types)}


@pytest.mark.parametrize("document", [[], {}, {"hits": []}, {"total": 0, "hits": None}, [1, 2], "a", 7])
def test_an_answer_without_a_row_says_nothing_of_its_fields(document):
    assert fields_of(document) == frozenset()


def test_rows_inner_maps_and_the_envelope_are_looked_at():
    rows = [{"id": 1, "creator": {"name": "a"}}, {"id": 2, "extra": "x"}, {"id": 3}]

    names = {name for name, _ in fields_of({"total": 3, "hits": rows})}

    assert names == {"total", "hits", "id", "creator", "creator.name", "extra"}


def test_keys_that_are_no_names_of_fields_are_left_out():
    document = {"anna@example.org": 1, "7": 2, "a b": 3, "ok": 4} | {f"k{n}": n for n in range(5)}

    assert {name for name, _ in fields_of(document)} == {"ok", *(f"k{n}" for n in range(5))}
    assert fields_of({f"k{n}": n for n in range(1000)}) == frozenset()


def test_names_of_one_value_stand_for_each_other():
    assert others_for("follower_count") == ("count_of_followers",)
    assert others_for("edit_url") == ()
