"""States of nodes, worked out from what is stored."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection, insert, update

from tvspiders.items import Edge, Item, ListRead, Source, Thing, Tombstone
from tvspiders.storage.commit import commit_units
from tvspiders.storage.queries import remix_nodes
from tvspiders.storage.queue import crawls, leases
from tvspiders.storage.queue.requests import add_requests
from tvspiders.storage.tables import lists, tombstones
from tvspiders.storage.units import NewRequest, Unit

AT = "2026-01-02T00:00:00+00:00"


@pytest.fixture
def crawl(connection: Connection) -> int:
    return crawls.open_crawl(connection, "remixes", {}, None, "2026-01-01T00:00:00+00:00", {"owner": "me"}).id


def store(connection: Connection, crawl: int, thing: int, *items: Item, generation: int = 0) -> None:
    """An answer to the thing's own page."""
    add_requests(
        connection, crawl, [(None, NewRequest(f"/things/{thing}", "parse_thing", priority=-2 * generation))]
    )
    [leased] = leases.lease(connection, crawl, "me", 5, 60)
    for item in items:
        item.stamp(Source(leased.id, AT))
    commit_units(connection, crawl, "me", [Unit(leased.id, items=list(items))])


def thing(number: int, remixes: int | None = 0, derived: bool = False) -> Thing:
    return Thing(id=number, remix_count=remixes, is_derivative=derived, detail=True)


def edge(parent: int, child: int, seen_from: str = "child") -> Edge:
    return Edge(parent_id=parent, child_id=child, seen_from=seen_from)


def told(number: int, total: int) -> ListRead:
    return ListRead(subject="thing", subject_id=str(number), name="derivatives", total=total)


def states(connection: Connection, crawl: int | None = None) -> dict[int, str]:
    return {node.thing_id: node.state for node in remix_nodes.nodes(connection, crawl)}


def test_each_state(connection, crawl):
    store(connection, crawl, 1, thing(1, 3), told(1, 3), edge(1, 2, "parent"), edge(1, 3, "parent"))
    store(connection, crawl, 2, thing(2, 0, derived=True), edge(1, 2), edge(9, 2), generation=1)
    store(connection, crawl, 3, Tombstone(subject="thing", subject_id="3", reason="gone"), generation=1)
    store(connection, crawl, 4, Tombstone(subject="thing", subject_id="4", reason="hidden"))
    store(connection, crawl, 5, thing(5, 0, derived=True))
    store(connection, crawl, 6, thing(6, None))

    assert states(connection, crawl) == {
        1: "partial",
        2: "complete",
        3: "gone",
        4: "hidden",
        5: "partial",
        6: "complete",
        9: "unvisited",
    }
    assert states(connection) == {1: "partial", 2: "complete", 3: "gone", 9: "unvisited"}


def test_the_summary_of_a_crawl(connection, crawl):
    store(connection, crawl, 1, thing(1, 2), told(1, 2), edge(1, 2, "parent"), edge(1, 3, "parent"))
    store(connection, crawl, 2, thing(2, 0, derived=True), edge(1, 2), edge(2, 2), generation=1)

    found = remix_nodes.summary(connection, crawl)

    assert found.nodes == {"unvisited": 1, "partial": 0, "complete": 2, "gone": 0, "hidden": 0}
    assert (found.edges, found.confirmed, found.generations) == (3, 1, 1)
    assert found.share_confirmed == pytest.approx(1 / 3)


def test_generations_are_those_of_the_shortest_way(connection, crawl):
    store(connection, crawl, 1, thing(1, 2), told(1, 2), edge(1, 2, "parent"), edge(1, 3, "parent"))
    store(connection, crawl, 2, thing(2, 1), edge(1, 2), edge(2, 4, "parent"), generation=1)
    # 4 was found by way of 2, before 3, which is asked again and again, could name 5
    store(connection, crawl, 4, thing(4, 1), edge(2, 4), edge(4, 5, "parent"), generation=2)
    store(connection, crawl, 5, thing(5, 0), edge(4, 5), edge(3, 5), generation=3)
    assert remix_nodes.summary(connection, crawl).generations == 3

    store(connection, crawl, 3, thing(3, 1), edge(1, 3), edge(3, 5, "parent"), generation=1)

    assert remix_nodes.summary(connection, crawl).generations == 2


def test_what_the_list_told_counts_more_than_what_the_detail_stated(connection, crawl):
    store(connection, crawl, 1, thing(1, 5), told(1, 1), edge(1, 2, "parent"))

    [node, _] = remix_nodes.nodes(connection, crawl)

    assert (node.state, node.expected, node.found) == ("complete", 1, 1)


@pytest.mark.parametrize(
    ("stated", "received", "state"), [(3, 1, "partial"), (3, 3, "complete"), (0, 1, "complete")]
)
def test_a_list_that_holds_fewer_than_the_page_states_leaves_the_node_partial(
    connection, crawl, stated, received, state
):
    children = [edge(1, number, "parent") for number in range(2, 2 + received)]
    read = replace(told(1, received), stated=stated, received=received, complete=True)
    store(connection, crawl, 1, thing(1, stated), read, *children)

    [node, *_] = remix_nodes.nodes(connection, crawl)

    assert (node.state, node.expected) == (state, max(stated, received))


def test_a_page_that_is_younger_than_the_list_promises_alone(connection, crawl):
    read = replace(told(1, 0), stated=3, received=0, complete=True)
    store(connection, crawl, 1, thing(1, 1), read, edge(1, 2, "parent"))

    connection.execute(update(lists).values(last_scraped="2026-01-01T00:00:00+00:00"))

    assert states(connection)[1] == "complete"


def test_a_thing_that_came_back_is_not_gone(connection, crawl):
    connection.execute(
        insert(tombstones).values(subject="thing", subject_id="1", reason="gone", last_scraped="2026-01-01")
    )
    connection.execute(update(tombstones).values(reappeared_at=AT))
    store(connection, crawl, 1, thing(1, 0), edge(1, 1))

    assert states(connection) == {1: "complete"}


def test_a_crawl_without_edges_has_no_share(connection, crawl):
    store(connection, crawl, 1, thing(1))

    assert remix_nodes.summary(connection, crawl).share_confirmed is None
