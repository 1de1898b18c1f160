"""What tells of people goes when no answer has told it for so many days."""

from sqlalchemy import func, insert, select, update

from tests.support.making import (
    asked,
    at,
    close_crawl,
    commit,
    full,
    lease,
    open_crawl,
    queue,
    row,
    rows,
    store,
    unit,
)
from tvspiders import items
from tvspiders.storage import tables
from tvspiders.storage.forgetting.retention import expire_people
from tvspiders.storage.queries.audit import audit_crawl
from tvspiders.storage.queue import crawls
from tvspiders.storage.units import NewRequest


def told(connection, crawl, number, second):
    """One item of every kind, of an answer received at that second."""
    queue(connection, crawl, asked(number))
    (request,) = lease(connection, crawl, 1)
    creator = items.Creator(id=number + 1000, username=f"person{number}", name="In Life")
    thing = items.Thing(
        id=number, name="Gear", creator_id=number + 1000, creator=f"person{number}", like_count=3
    )
    others = [item for item in full(number) if not isinstance(item, items.Thing | items.Creator)]
    commit(connection, crawl, unit(request.id, thing, creator, *others, second=second))


def people(connection):
    """How many rows tell of people, by table."""
    names = ("creators", "makes", "likes", "follows", "comments", "collections")
    count = func.count()
    return {
        name: connection.execute(select(count).select_from(tables.metadata.tables[name])).scalar()
        for name in names
    }


def test_rows_about_people_go_by_the_age_of_the_answer_that_told_them(connection):
    crawl = open_crawl(connection)
    told(connection, crawl, 7, second=1)
    told(connection, crawl, 8, second=100)

    assert expire_people(connection, at(50)) > 0

    assert people(connection) == dict.fromkeys(people(connection), 1) | {"follows": 1, "likes": 1}
    assert rows(connection, tables.creators, "username") == ["person8"]
    assert rows(connection, tables.things, "id", "creator", "name", "like_count") == [
        (7, None, None, 3),
        (8, "person8", "Gear", 3),
    ]
    assert rows(connection, tables.thing_tags, "thing_id") in ([], [8])
    assert len(rows(connection, tables.remix_edges)) == 4
    assert expire_people(connection, at(50)) == 0


def test_what_only_others_name_goes_by_the_age_of_their_answers(connection):
    crawl = open_crawl(connection)
    for parent, child, second in ((1, 7, 1), (2, 8, 1), (2, 9, 100)):
        edge = items.Edge(parent_id=parent, child_id=child, seen_from="child")
        edge.tell(items.Thing(id=parent, name="Gear", creator="pia", creator_id=4, like_count=3))
        store(connection, crawl, edge, second=second)

    expire_people(connection, at(50))

    assert rows(connection, tables.things, "id", "creator", "name", "like_count") == [
        (1, None, None, 3),
        (2, "pia", "Gear", 3),
    ]


def test_rounds_that_were_over_lose_answers_addresses_and_arguments(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, NewRequest("/users/pia/things", "parse_list", '{"of":"pia"}'), asked(7))
    for request in lease(connection, crawl, 2):
        commit(connection, crawl, unit(request.id, *([items.Thing(id=7)] if "7" in request.path else [])))
    close_crawl(connection, crawl, crawls.COMPLETE)
    connection.execute(update(tables.crawls).values(arguments='{"username": ["pia"], "details": true}'))

    expire_people(connection, at(2999))
    assert rows(connection, tables.answers, "body") != [None, None]
    expire_people(connection, at(3001))

    assert rows(connection, tables.answers, "body") == [None, None]
    assert rows(connection, tables.requests, "path", "kwargs") == [
        ("/users/forgotten", None),
        ("/things/7", '{"thing_id":7}'),
    ]
    assert row(connection, tables.crawls, "arguments") == '{"details": true, "username": ["forgotten"]}'
    assert audit_crawl(connection, crawls.find_crawl(connection, None)).flaws == []


def test_what_buyers_wrote_goes_and_their_orders_stay(connection):
    moments = {"first_seen": at(1), "last_received": at(1)}
    order = {"id": 1, "note": "to Pia", "address": "Pia, Lane 1", "amount": "5"}
    event = {"key": "k", "event": "paid", "payload": "{}", "received_at": at(1), "deliveries": 1}
    connection.execute(insert(tables.orders), order | moments)
    connection.execute(insert(tables.order_events), event | {"last_received": at(1)})

    expire_people(connection, at(2))

    assert row(connection, tables.orders, "note", "address", "amount") == (None, None, "5")
    assert rows(connection, tables.order_events) == []


def test_a_round_that_goes_on_keeps_what_it_owes(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, NewRequest("/users/pia/things", "parse_list"))

    expire_people(connection, at(3001))

    assert row(connection, tables.requests, "path", "state") == ("/users/pia/things", "queued")


def test_what_was_sent_for_an_account_stays(connection):
    like = {"user_id": 4, "thing_id": 7, "username": "me", "action": "like", "state": "done", "attempts": 1}
    connection.execute(insert(tables.likes_sent), like)

    expire_people(connection, at(3001))

    assert row(connection, tables.likes_sent, "username") == "me"
