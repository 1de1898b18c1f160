"""How the lists of a crawl ended."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection

from tvspiders.items import ListRead, Source
from tvspiders.storage.catalogue.list_ends import MAX_SHOWN, Difference, ListEnds, differences_of, list_ends
from tvspiders.storage.commit import commit_units
from tvspiders.storage.queue import crawls, leases
from tvspiders.storage.queue.requests import add_requests
from tvspiders.storage.units import NewRequest, Unit

AT = "2026-01-02T00:00:00+00:00"


def crawl(connection: Connection, name: str, *found: ListRead) -> int:
    """A crawl that has read these lists."""
    number = crawls.open_crawl(connection, name, {}, None, "2026-01-01T00:00:00+00:00", {"owner": "me"}).id
    add_requests(connection, number, [(None, NewRequest("/users/Pia/things", "parse_list"))])
    [leased] = leases.lease(connection, number, "me", 5, 60)
    for item in found:
        item.stamp(Source(leased.id, AT))
    commit_units(connection, number, "me", [Unit(leased.id, items=list(found))])
    return number


def read(subject: str, name: str, stated: int | None, received: int | None, ended: str = "total") -> ListRead:
    return ListRead(
        subject=subject,
        subject_id=name,
        name="things",
        stated=stated,
        received=received,
        ended=ended,
        complete=ended not in ("limit", "window"),
    )


def test_ends_and_differences_are_counted_for_one_crawl(connection: Connection) -> None:
    number = crawl(
        connection,
        "users",
        read("user", "Pia", 1138, 1124),
        read("user", "Tom", 3, 4, "last-page"),
        read("user", "Ann", 5, 5),
        read("user", "Bob", None, 5),
        read("user", "Eve", 90, 60, "limit"),
        read("thing", "7", 9, 8),
        read("search", "search 'x'", None, 10_000, "window"),
    )
    other = crawl(connection, "categories", read("category", "art", 9, 8))

    assert list_ends(connection, number) == ListEnds(
        {"last-page": 1, "limit": 1, "total": 4, "window": 1},
        5,
        ("search 'x'",),
        3,
        (
            Difference("user", "Pia", "things", 1138, 1124),
            Difference("thing", "7", "things", 9, 8),
            Difference("user", "Tom", "things", 3, 4),
        ),
    )
    assert list_ends(connection, other).read == 1


def test_remixes_are_named_before_larger_differences(connection: Connection) -> None:
    remixes = replace(read("thing", "8", 5, 4), name="derivatives")
    comments = replace(read("thing", "9", 90, 4), name="comments")

    found = differences_of(connection, crawl(connection, "remixes", comments, remixes))

    assert found.lists == 2
    assert [str(one) for one in found.named] == [
        "remixes of thing 8: 5 stated, 4 listed (-1)",
        "comments of thing 9: 90 stated, 4 listed (-86)",
    ]


@pytest.mark.parametrize("ended", ["total", "window"])
def test_many_lists_are_counted_and_only_some_are_named(connection: Connection, ended: str) -> None:
    found = [read("user", f"user-{n}", 10, 9 - n % 9, ended) for n in range(MAX_SHOWN + 4)]

    ends = list_ends(connection, crawl(connection, "users", *found))

    assert ends.read == MAX_SHOWN + 4
    assert len(ends.differences) + len(ends.out_of_reach) == MAX_SHOWN


def test_a_crawl_without_lists_has_no_ends(connection: Connection) -> None:
    assert list_ends(connection, crawl(connection, "remixes")) == ListEnds()
