"""A unit of work is visible whole or not at all, and only while its lease is ours."""

import dataclasses
import json
import time
from typing import get_args

import pytest
from sqlalchemy import Engine, func, select, update

from storage.making import (
    OWNER,
    answer,
    asked,
    at,
    by,
    commit,
    lease,
    leased,
    met,
    open_crawl,
    queue,
    row,
    rows,
    store,
    unit,
)
from tvspiders import items
from tvspiders.items import AnyItem, Category, Creator, Edge, Item, Tag, Thing, ThingCategory, Tombstone
from tvspiders.storage import tables
from tvspiders.storage.answer_codec import unpack
from tvspiders.storage.engine import writing
from tvspiders.storage.frontier import reclaim
from tvspiders.storage.tables import metadata
from tvspiders.storage.trouble import Trouble, trouble_of
from tvspiders.storage.units import NewRequest, Unit, commit_units, digest, key_text, write_again

LATER = float(round(time.time()) + 1800)
"""A moment that no test reaches."""


def full(number: int) -> list[Item]:
    """One item of every kind, and a second parent."""
    return [
        Thing(id=number, name="Gear", download_count=3, tags=["gear"], ancestors=[1, 2], detail=True),
        Creator(id=number, username=f"maker{number}"),
        Edge(parent_id=1, child_id=number, seen_from="child"),
        Edge(parent_id=2, child_id=number, seen_from="child"),
        Tag(name="gear"),
        Category(slug="art", id=3, name="Art"),
        ThingCategory(thing_id=number, category_slug="art", category_name="Art"),
        items.File(thing_id=number, name="gear.stl", size=5),
        items.Image(thing_id=number, id=4),
        items.Make(id=5, thing_id=number),
        items.Like(username="amber", user_id=4, thing_id=number),
        items.Collection(id=6, name="Gears"),
        items.CollectionMember(collection_id=6, thing_id=number),
        items.Follow(follower="amber", follower_id=4, followed="maker", followed_id=number),
        items.Comment(id=8, thing_id=number, body="Nice"),
        items.PageSnapshot(thing_id=number, taken_at=at(1), outcome="stored"),
        items.ListRead(subject="thing", subject_id="7", name="likes"),
        Tombstone(subject="thing", subject_id="999", reason="gone"),
    ]


def filled(connection) -> dict[str, int]:
    """Number of rows of each table that has any."""
    found = {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in metadata.tables.items()
    }
    return {name: number for name, number in found.items() if number}


def test_a_unit_brings_rows_of_every_kind(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    commit(connection, crawl, unit(number, *full(7)))

    assert {type(item) for item in full(7)} == set(get_args(AnyItem))
    written_elsewhere = {"feeds", "quota_windows", "likes_sent", "orders", "order_events"}
    expected = set(metadata.tables) - {"creator_names"} - written_elsewhere
    assert set(filled(connection)) == expected
    assert row(connection, tables.things, "categories", "tags", "ancestors") == (
        '["Art"]',
        '["gear"]',
        "[1, 2]",
    )


def test_a_committed_request_is_done_and_free(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    commit(connection, crawl, unit(number, attempts=2, second=9))

    names = ("state", "status", "answered_at", "attempts", "lease_owner", "lease_until", "reason")
    assert row(connection, tables.requests, *names) == ("done", 200, at(9), 2, None, None, None)


def test_the_same_answer_again_changes_no_number_of_rows(connection):
    crawl = open_crawl(connection)
    first, second = leased(connection, crawl, 2)
    commit(connection, crawl, unit(first, *full(7), second=1))
    before = filled(connection)

    commit(connection, crawl, unit(second, *full(7), second=2))

    assert filled(connection) == before | {"answers": 2}


def test_an_item_is_fresh_once(connection):
    crawl = open_crawl(connection)
    first, second, third = leased(connection, crawl, 3)

    done = commit_units(
        connection,
        crawl.id,
        OWNER,
        [
            unit(first, Thing(id=7), Thing(id=8)),
            unit(second, Thing(id=7), second=2),
            unit(third, Thing(id=8, name="Gear"), second=3),
        ],
    )

    assert [[key_text(item) for item in committed.fresh] for committed in done] == [[], ["7"], ["8"]]


def test_an_item_of_the_last_crawl_is_fresh_in_this_one(connection):
    for query in ("gear", "bear"):
        crawl = open_crawl(connection, query)
        (number,) = leased(connection, crawl, 1)
        (done,) = commit_units(connection, crawl.id, OWNER, [unit(number, Thing(id=7))])
        assert len(done.fresh) == 1


def test_tags_by_themselves_are_no_news(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    (done,) = commit_units(connection, crawl.id, OWNER, [unit(number, Tag(name="gear"))])

    assert done.fresh == []
    assert rows(connection, tables.tags, "name") == ["gear"]


def test_a_lost_lease_writes_nothing(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    before = filled(connection)
    reclaim(connection, crawl.id, everything=True)
    lease(connection, crawl, owner="another")

    done = commit(connection, crawl, unit(number, *full(7), requests=[asked(99)]))

    assert done == []
    assert filled(connection) == before
    assert row(connection, tables.requests, "state", "lease_owner") == ("leased", "another")


def test_a_lease_that_was_given_back_writes_nothing(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    reclaim(connection, crawl.id, everything=True)

    assert commit(connection, crawl, unit(number, Thing(id=7))) == []


def test_of_two_units_the_one_still_held_is_written(connection):
    crawl = open_crawl(connection)
    first, second = leased(connection, crawl, 2)
    commit(connection, crawl, unit(first))

    done = commit(connection, crawl, unit(first, Thing(id=7)), unit(second, Thing(id=8)))

    assert [entry.request_id for entry in done] == [second]
    assert rows(connection, tables.things, "id") == [8]


def test_a_row_that_the_database_refuses_takes_the_whole_unit_back(engine: Engine):
    with writing(engine) as connection:
        crawl = open_crawl(connection)
        (number,) = leased(connection, crawl, 1)
        before = filled(connection)
    bad = unit(number, *full(7), Thing(id=2**63), requests=[asked(99)])

    with pytest.raises(Exception) as raised, writing(engine) as connection:  # noqa: PT011
        commit(connection, crawl, bad)

    assert trouble_of(raised.value) is Trouble.ROW
    with engine.connect() as connection:
        assert filled(connection) == before
        assert row(connection, tables.requests, "state") == "leased"


def test_new_requests_come_with_their_unit(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    commit(connection, crawl, unit(number, requests=[asked(50, depth=3, priority=10), asked(51)]))

    found = rows(connection, tables.requests, "path", "state", "parent_id", "depth", "rank", state="queued")
    assert found == [("/things/50", "queued", number, 3, -10), ("/things/51", "queued", number, 0, 0)]


def test_a_request_is_queued_once_in_a_crawl(connection):
    crawl = open_crawl(connection)

    queue(connection, crawl, asked(5), asked(6), asked(5))
    queue(connection, crawl, asked(6), asked(7))

    assert rows(connection, tables.requests, "path") == ["/things/5", "/things/6", "/things/7"]


def test_an_answered_request_is_not_queued_again(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    commit(connection, crawl, unit(number))

    queue(connection, crawl, asked(1))

    assert row(connection, tables.requests, "state") == "done"


def test_another_crawl_may_queue_the_same_request(connection):
    first, second = open_crawl(connection, "gear"), open_crawl(connection, "bear")

    queue(connection, first, asked(5))
    queue(connection, second, asked(5))

    assert rows(connection, tables.requests, "crawl_id", "path") == [
        (first.id, "/things/5"),
        (second.id, "/things/5"),
    ]


def test_a_variant_is_another_request(connection):
    crawl = open_crawl(connection)

    queue(connection, crawl, asked(5), asked(5, variant="again"))

    assert rows(connection, tables.requests, "path") == ["/things/5", "/things/5"]


def test_requests_that_ask_the_same_have_one_fingerprint():
    assert NewRequest("/a", "parse").fingerprint != NewRequest("/b", "parse").fingerprint
    assert NewRequest("/a", "parse").fingerprint == NewRequest("/a", "other", "{}", 5, 5).fingerprint


def test_a_nearer_request_takes_over_while_it_is_queued(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(5, priority=-2, kwargs="far", nearer=True))

    queue(connection, crawl, asked(5, priority=-1, kwargs="near", nearer=True))
    queue(connection, crawl, asked(5, priority=-3, kwargs="farther", nearer=True))

    assert row(connection, tables.requests, "rank", "kwargs", "state") == (1, "near", "queued")


def test_a_nearer_request_is_asked_anew_when_it_was_answered(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(5, priority=-2, nearer=True))
    (held,) = lease(connection, crawl)
    commit(connection, crawl, unit(held.id, priority=held.priority))

    queue(connection, crawl, asked(5, priority=-1, nearer=True))

    assert row(connection, tables.requests, "rank", "state") == (1, "queued")


def test_a_request_that_came_nearer_while_it_was_out_is_asked_anew(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(5, priority=-2, nearer=True))
    (held,) = lease(connection, crawl)
    queue(connection, crawl, asked(5, priority=-1, nearer=True))

    commit(connection, crawl, unit(held.id, priority=held.priority))

    assert row(connection, tables.requests, "rank", "state") == (1, "queued")


def test_a_request_put_back_waits_for_its_moment(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    commit(connection, crawl, Unit(number, "queued", "status-502", 2, available_at=LATER))

    names = ("state", "reason", "attempts", "available_at", "lease_owner")
    found = row(connection, tables.requests, *names)
    assert found == ("queued", "status-502", 2, pytest.approx(LATER, abs=5), None)
    assert lease(connection, crawl) == []


def test_a_refused_answer_keeps_its_raw_body_and_the_reason(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    body = bytes(range(256))

    commit(
        connection,
        crawl,
        Unit(
            number,
            "quarantined",
            "not-json: at 0",
            5,
            answer=answer(3, body, refused="not-json", headers={"Link": "x"}, scrubbed=True),
        ),
    )

    kept = row(connection, tables.answers)
    assert unpack(kept["codec"], kept["body"]) == body
    assert (kept["refused"], kept["received_at"], kept["status"]) == ("not-json", at(3), 200)
    assert (json.loads(kept["headers"]), kept["scrubbed"]) == ({"Link": "x"}, True)
    assert row(connection, tables.requests, "state", "reason") == ("quarantined", "not-json: at 0")


def test_a_newer_answer_stands_beside_a_refused_one(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    commit(connection, crawl, Unit(number, "queued", "html", 1, answer=answer(1, b"<html>", refused="html")))
    lease(connection, crawl)

    commit(connection, crawl, unit(number, Thing(id=7), second=2))

    assert rows(connection, tables.answers, "refused", "received_at") == [("html", at(1)), (None, at(2))]


def test_answers_are_joined_to_their_own_units(connection):
    crawl = open_crawl(connection)
    numbers = leased(connection, crawl, 5)
    units = [unit(number, Thing(id=number * 10), answer=answer(number, b"%d" % number)) for number in numbers]

    done = commit_units(connection, crawl.id, OWNER, units[::-1])

    kept = by(rows(connection, tables.answers), "id")
    for committed in done:
        stored = kept[committed.answer_id]
        assert stored["request_id"] == committed.unit.request_id
        assert unpack(stored["codec"], stored["body"]) == b"%d" % committed.unit.request_id
    register = dict(rows(connection, tables.crawl_items, "key", "answer_id"))
    assert {key: kept[number]["request_id"] * 10 for key, number in register.items()} == {
        str(number * 10): number * 10 for number in numbers
    }


def test_the_raw_answer_is_kept_with_the_things_own_page_only(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    commit(connection, crawl, unit(number, Thing(id=7, detail=True), Thing(id=8), raw_json='{"id":7}'))

    assert rows(connection, tables.things, "id", "raw_json") == [(7, '{"id":7}'), (8, None)]


@pytest.mark.parametrize("pairs", [[(1, 7), (2, 7)], [(7, 7)], [(1, 7), (7, 1)], [(404404, 7)]])
def test_every_edge_is_kept(connection, pairs):
    crawl = open_crawl(connection)

    store(connection, crawl, *(Edge(parent_id=p, child_id=c, seen_from="child") for p, c in pairs))

    assert rows(connection, tables.remix_edges, "parent_id", "child_id") == sorted(pairs)


def test_an_edge_seen_from_both_sides_is_one_row(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, Edge(parent_id=1, child_id=7, seen_from="child"), second=1)

    store(connection, crawl, Edge(parent_id=1, child_id=7, seen_from="parent"), second=2)

    seen = row(connection, tables.remix_edges, "seen_from_child", "seen_from_parent")
    assert seen == (at(1), at(2))


def test_two_categories_may_claim_one_number(connection):
    crawl = open_crawl(connection)

    store(connection, crawl, Category(slug="art", id=3), Category(slug="arts", id=3), Thing(id=7))

    assert rows(connection, tables.categories, "slug", "id") == [("art", 3), ("arts", 3)]
    assert rows(connection, tables.things, "id") == [7]


def test_a_category_met_later_is_named_in_its_things(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, ThingCategory(thing_id=7, category_slug="art"), second=1)

    store(connection, crawl, Thing(id=7), second=2)

    assert row(connection, tables.things, "categories") == '["art"]'


def test_what_is_gone_again_after_its_return_is_gone(connection):
    crawl = open_crawl(connection)
    stone = {"subject": "thing", "subject_id": "7", "reason": "gone"}
    store(connection, crawl, Tombstone(**stone), second=1)
    store(connection, crawl, Thing(id=7, name="Gear", detail=True), second=2)
    assert row(connection, tables.tombstones, "back_at") == at(2)

    store(connection, crawl, Tombstone(**stone), second=3)

    assert row(connection, tables.tombstones, "back_at", "first_seen", "last_scraped") == (None, at(1), at(3))
    assert row(connection, tables.things, "name") == "Gear"


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_delay_counts_by_the_clock_of_the_server(connection, monkeypatch):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real + 3000)

    commit(connection, crawl, Unit(number, "queued", "status-502", 1, available_at=real + 3000 + 20))

    assert row(connection, tables.requests, "available_at") == pytest.approx(real + 20, abs=10)


def test_reading_again_settles_what_was_quarantined(connection):
    crawl = open_crawl(connection)
    good, bad = leased(connection, crawl, 2)
    commit(
        connection,
        crawl,
        Unit(good, items=[met(1, Thing(id=7))], answer=answer(1)),
        Unit(bad, "quarantined", "shape", 5, answer=answer(2, refused="shape")),
    )

    first, second = rows(connection, tables.answers, "id")
    again = [
        (first, Unit(good, items=[met(1, Thing(id=7, name="Gear"))], requests=[asked(98)])),
        (second, Unit(bad, items=[met(2, Thing(id=8))], requests=[asked(99)])),
    ]
    connection.execute(update(tables.crawls).values(idle_runs=1))

    understood = write_again(connection, crawl.id, again)

    assert understood == 1
    assert rows(connection, tables.crawls, "idle_runs") == [0]  # so that its command goes on with it
    assert rows(connection, tables.things, "id", "name") == [(7, "Gear"), (8, None)]
    assert rows(connection, tables.requests, "path", "state")[-2:] == [
        ("/things/2", "done"),
        ("/things/99", "queued"),
    ]
    assert rows(connection, tables.answers, "refused") == [None, None]
    assert rows(connection, tables.crawl_items, "key", "answer_id") == [("7", first), ("8", second)]


@pytest.mark.parametrize("kind", get_args(AnyItem))
def test_a_digest_changes_with_the_content_and_not_with_the_time(kind):
    first = next(item for item in full(7) if type(item) is kind)
    later, other = dataclasses.replace(met(1, first)), dataclasses.replace(first)
    met(2, later)
    changed = [f.name for f in dataclasses.fields(kind) if f.name != "last_scraped"][-1]
    setattr(other, changed, "another")

    assert digest(first) == digest(later)
    assert digest(first) != digest(other)


def test_keys_of_all_kinds_are_text():
    assert [key_text(item) for item in full(7)] == [
        "7",
        "7>maker7",
        "1>7>child",
        "2>7>child",
        "gear",
        "art",
        "7>art",
        "7>gear.stl",
        "7>4",
        "5",
        "4>7",
        "6",
        "6>7",
        "4>7",
        "8",
        f"7>{at(1)}",
        "thing>7>likes",
        "thing>999",
    ]
    assert key_text(Creator(username="amber")) == ">amber"


def test_a_commit_tells_what_each_answer_brought_once(connection):
    crawl = open_crawl(connection)
    first, second, third = leased(connection, crawl, 3)

    committed = commit_units(
        connection,
        crawl.id,
        OWNER,
        [
            unit(first, Thing(id=7, detail=True, download_count=3), Thing(id=8), second=1),
            unit(second, Thing(id=7, detail=True, download_count=4), second=2),
            unit(third, Thing(id=7, detail=True, download_count=4), second=3),
        ],
    )

    assert [(found.new_things, found.snapshots) for found in committed] == [(2, 1), (0, 1), (0, 0)]
