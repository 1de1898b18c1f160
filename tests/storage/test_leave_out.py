"""What is stored passes one place, where people who were forgotten are taken out of it."""

import json

import pytest
from sqlalchemy import select

from tests.support.making import answer, asked, at, commit, lease, met, open_crawl, queue, row, rows, unit
from tvspiders import items
from tvspiders.errors import StorageProblem
from tvspiders.items import Creator, Edge, Thing
from tvspiders.storage import tables
from tvspiders.storage.answer_codec import unpack
from tvspiders.storage.commit import commit_units
from tvspiders.storage.people.forgotten import Forgotten
from tvspiders.storage.queue.crawls import open_crawl as open_any_crawl
from tvspiders.storage.units import NewRequest, Unit

NUMBER, NAME, FULL = 4711, "pia_p", "Pia Quill"


@pytest.fixture
def people(connection):
    """Pia is forgotten, and keeps her things."""
    return remember(connection, "keep")


def remember(connection, things):
    found = Forgotten.load_or_begin(connection)
    found.remember(connection, [NUMBER], [NAME], [NAME, FULL], things, "2026-11-30T00:00:00+00:00")
    return found


def brought(connection, *found, path="/things/7", document=None, requests=()):
    """What is stored of an answer with these items."""
    crawl = open_crawl(connection)
    queue(connection, crawl, NewRequest(path, "parse"))
    (leased,) = lease(connection, crawl, 1)
    body = json.dumps(document if document is not None else {}).encode()
    changes = {"answer": answer(1, body), "raw_json": body.decode(), "requests": list(requests)}
    return commit(connection, crawl, unit(leased.id, *found, **changes))[0]


def stored_body(connection):
    found = row(connection, tables.answers, "codec", "body")
    return None if found[1] is None else json.loads(unpack(*found))


THEIRS = [
    Creator(id=NUMBER, username="renamed"),
    Creator(username=NAME.upper()),
    items.Make(id=5, thing_id=7, maker_id=NUMBER, maker="renamed"),
    items.Like(user_id=NUMBER, username=NAME, thing_id=7),
    items.Follow(follower_id=NUMBER, followed_id=9, follower=NAME, followed="bob"),
    items.Follow(follower_id=9, followed_id=NUMBER, follower="bob", followed=NAME),
    items.Comment(id=8, thing_id=7, user_id=NUMBER, user=NAME, body="Mine"),
    items.Collection(id=6, name="Gears", creator=NAME, creator_id=NUMBER),
    items.ListRead(subject="user", subject_id=NAME, name="likes"),
    items.Tombstone(subject="user", subject_id=str(NUMBER), reason="gone"),
]
OTHERS = [
    Creator(id=9, username=NAME),
    Creator(id=9, username="bob"),
    items.Comment(id=8, thing_id=7, user_id=9, user="bob", body="Mine"),
    items.ListRead(subject="thing", subject_id="7", name="likes"),
    Edge(parent_id=1, child_id=7, seen_from="child"),
]


@pytest.mark.parametrize("item", THEIRS, ids=lambda item: item.kind)
def test_what_is_theirs_is_not_stored(connection, people, item):
    assert brought(connection, item).items == []


@pytest.mark.parametrize("item", OTHERS, ids=lambda item: item.kind)
def test_what_is_of_others_is_stored_though_a_name_is_used_again(connection, people, item):
    assert brought(connection, item).items == [item]


def test_while_nobody_is_forgotten_units_come_back_as_they_are(connection):
    assert brought(connection, *THEIRS).items == THEIRS


def theirs(**changes):
    return Thing(
        **({"id": 7, "name": "Gear", "creator": NAME, "creator_id": NUMBER, "like_count": 3} | changes)
    )


def test_their_things_are_kept_without_creator_and_texts(connection, people):
    found = [theirs(tags=["gear"]), items.Tag(name="gear"), items.File(thing_id=7, name="gear.stl")]

    brought(connection, *found, Edge(parent_id=1, child_id=7, seen_from="child"))

    assert row(connection, tables.things, "id", "name", "creator", "creator_id", "tags", "like_count") == (
        7, None, None, None, None, 3,
    )  # fmt: skip
    assert rows(connection, tables.files) == rows(connection, tables.tags) == []
    assert rows(connection, tables.remix_edges, "parent_id", "child_id") == [(1, 7)]


def test_files_that_come_with_another_answer_are_known_by_their_thing(connection, people):
    brought(connection, theirs())

    files = [items.File(thing_id=7, name="gear.stl"), items.File(thing_id=8, name="a.stl")]
    brought(connection, *files, path="/things/7/files", document=[{"name": "gear.stl"}])

    assert rows(connection, tables.files, "name") == ["a.stl"]
    assert rows(connection, tables.answers, "body")[1] is None


def test_their_things_are_left_out_where_they_were_to_be_deleted(connection):
    remember(connection, "delete")

    brought(connection, theirs(), Edge(parent_id=1, child_id=7, seen_from="child"), document={"id": 7})

    assert rows(connection, tables.things) == []
    assert stored_body(connection) is None
    assert rows(connection, tables.crawl_items, "kind") == ["edge"]


@pytest.mark.parametrize(
    ("policy", "path", "kwargs", "is_asked"),
    [
        ("keep", "/users/Pia_P", None, False),
        ("keep", f"/users/{NUMBER}/likes?page=2", None, False),
        ("keep", "/search/pia_p", None, False),
        ("keep", "/collections/5/things", '{"of":"pia_p"}', False),
        ("keep", "/users/pia_px", None, True),
        ("keep", "/things/7", None, True),
        ("delete", "/things/7", None, False),
        ("delete", "/things/8", None, True),
    ],
)
def test_requests_for_them_are_not_asked(connection, policy, path, kwargs, is_asked):
    people = remember(connection, policy)
    people.remember_things(connection, {7: policy}, "2026")
    crawl = open_crawl(connection)

    queue(connection, crawl, NewRequest(path, "parse", kwargs))

    assert rows(connection, tables.requests, "path") == [path] * is_asked


def test_an_answer_about_them_keeps_no_body(connection, people):
    crawl = open_crawl(connection)
    queue(connection, crawl, NewRequest("/users/other", "parse"))
    (leased,) = lease(connection, crawl, 1)
    connection.execute(tables.requests.update().values(path=f"/users/{NAME}"))

    commit(connection, crawl, unit(leased.id, answer=answer(1, b'{"id":1}'), raw_json='{"id":1}'))

    assert rows(connection, tables.answers, "body") == [None]


def test_an_answer_about_others_loses_them_and_nothing_else(connection, people):
    user = {"id": NUMBER, "name": NAME, "first_name": "Pia", "url": "https://x/users/pia_p"}
    bob = {"id": 9, "name": "bob", "first_name": "Bob"}
    document = [
        {"id": 1, "name": "Gear", "creator": bob, "description": f"by {FULL} (@{NAME}); not pia_px"},
        {
            "id": 2,
            "name": "Box",
            "creator": user,
            "like_count": 3,
            "added": "2020",
            "tags": [{"name": "box"}],
        },
        {"id": 3, "maker": user, "thing": {"id": 1, "name": "Gear", "creator": bob}},
        {"id": 4, "body": "Nice", "user": user},
        user,
    ]

    brought(connection, document=document)

    assert stored_body(connection) == [
        {"id": 1, "name": "Gear", "creator": bob, "description": "by [forgotten] (@[forgotten]); not pia_px"},
        {"id": 2, "name": None, "creator": None, "like_count": 3, "added": "2020", "tags": None},
    ]


def test_what_pipelines_made_of_an_item_is_not_exported_either(connection, people):
    thing = met(1, theirs())
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(7))
    (leased,) = lease(connection, crawl, 1)
    made = Unit(leased.id, items=[thing], exported={id(thing): {"name": "Gear"}}, answer=answer(1))

    (committed,) = commit_units(connection, crawl.id, "worker", [made])

    (fresh,) = committed.fresh
    assert fresh.name is None
    assert id(fresh) not in committed.unit.exported
    assert fresh.last_scraped == at(1)


@pytest.mark.parametrize(
    "arguments",
    [
        {"username": ["bob", "PIA_P"]},
        {"username": [str(NUMBER)]},
        {"query": "pia_p"},
        {"query": "by pia quill"},
    ],
)
def test_a_crawl_that_names_them_is_refused_and_nothing_is_noted(connection, people, arguments):
    with pytest.raises(StorageProblem, match="asked to forget"):
        open_any_crawl(connection, "users", arguments, None, at(1), {})

    assert rows(connection, tables.crawls) == []


def test_neither_names_nor_numbers_can_be_read_in_what_is_kept(connection, people):
    said = " ".join(str(value) for found in connection.execute(select(tables.forgotten)) for value in found)

    assert not any(part in said.lower() for part in ("pia", "quill", str(NUMBER)))


def test_a_text_loses_whole_words_in_any_case(people):
    assert people.redact("Pia Quill's box, by PIA QUILL.") == "[forgotten]'s box, by [forgotten]."
    assert people.redact("pia quills and a quill") == "pia quills and a quill"
    assert (
        people.redact(f"/users/{NUMBER}/likes of /things/{NUMBER}")
        == f"/users/[forgotten]/likes of /things/{NUMBER}"
    )
