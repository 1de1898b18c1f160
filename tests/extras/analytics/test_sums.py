from __future__ import annotations

import networkx as nx
import pytest

from tests.extras.analytics.book import values
from tvspiders.errors import UsageProblem
from tvspiders.extras.analytics.measures.licences import read_terms, reasons
from tvspiders.storage import tables


def test_a_thing_in_two_categories_counts_once_in_the_total(book):
    book.things(1, download_count=1000, make_count=5).things(2, download_count=500, make_count=1)
    book.things(3, download_count=None, make_count=9).edges((1, 2))
    book.rows(
        tables.categories,
        {"slug": "home", "name": "Home", "parent_slug": None, "thing_count": 77},
        {"slug": "pots", "name": "Pots", "parent_slug": "home"},
        {"slug": "art", "name": "Art", "parent_slug": None},
    )
    filed = ((1, "pots"), (1, "home"), (1, "art"), (2, "pots"), (3, "art"))
    book.rows(tables.thing_categories, *({"thing_id": t, "category_slug": c} for t, c in filed))

    found = book.report("categories")["categories"]

    total = values(found["totals"])
    assert (total["things"], total["downloads"], total["makes"]) == (3, 1500, 15)
    assert total["makes_per_1000"] == 4
    rows = {row["category"]: row for row in found["sums"]}
    assert {name: (row["things"], row["downloads"]) for name, row in rows.items()} == {
        "home": (2, 1500), "pots": (2, 1500), "art": (2, 1000),
    }  # fmt: skip
    assert rows["home"]["stated"] == 77
    assert rows["pots"]["remix_share"] == 50
    assert "once in the total" in found["tables"]["sums"]["notes"][0]


def test_uploads_and_gains_are_told_by_month(book):
    book.things(1, 2, added="2026-10-05T00:00:00+00:00")
    book.rows(tables.thing_tags, {"thing_id": 1, "tag": "box"}, {"thing_id": 2, "tag": "box"})
    book.snapshots(1, ("2026-10-20", 10), ("2026-11-05", 25)).snapshots(
        2, ("2026-01-01", 1), ("2026-11-05", 90)
    )

    assert book.report("tags")["tags"]["by_month"] == [
        {"tag": "box", "month": "2026-10", "uploads": 2, "gain": None, "measured": 0},
        {"tag": "box", "month": "2026-11", "uploads": 0, "gain": 15, "measured": 1},
    ]


def test_things_without_a_date_belong_to_no_month(book):
    book.things(1, added=None).rows(tables.thing_tags, {"thing_id": 1, "tag": "box"})

    assert book.report("tags")["tags"]["by_month"] == []


def test_a_cycle_among_categories_ends(book):
    book.things(1)
    book.rows(tables.categories, {"slug": "a", "parent_slug": "b"}, {"slug": "b", "parent_slug": "a"})
    book.rows(tables.thing_categories, {"thing_id": 1, "category_slug": "a"})

    assert {row["category"]: row["things"] for row in book.report("categories")["categories"]["sums"]} == {
        "a": 1, "b": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parent", "child", "expected"),
    [
        (
            "Creative Commons - Attribution - No Derivatives",
            "Creative Commons - Attribution",
            ("no-derivatives parent",),
        ),
        (
            "Creative Commons - Attribution - Share Alike",
            "Creative Commons - Attribution",
            ("share-alike dropped",),
        ),
        ("Creative Commons - Attribution - Share Alike", "Creative Commons - Attribution - Share Alike", ()),
        (
            "Creative Commons - Attribution - Non-Commercial - Share Alike",
            "Creative Commons - Attribution",
            ("share-alike dropped", "non-commercial dropped"),
        ),
        ("Creative Commons - Attribution - Non-Commercial", "All Rights Reserved", ()),
        ("GNU - GPL", "BSD License", ("share-alike dropped",)),
        ("Public Domain", "All Rights Reserved", ()),
    ],
)
def test_licence_pairs_are_read_from_their_words(parent, child, expected):
    assert reasons(read_terms(parent), read_terms(child)) == expected


def test_edges_whose_licences_do_not_fit_need_a_look(book):
    book.things(1, license="Creative Commons - Attribution - No Derivatives").things(2, license="BSD License")
    book.things(3).edges((1, 2), (1, 3))

    found = book.report("licences")["licences"]

    assert [(row["parent_id"], row["child_id"], row["look_at"]) for row in found["edges"]] == [
        (1, 2, "no-derivatives parent")
    ]
    assert "both licences known for 1 of 2 edges" in found["tables"]["edges"]["coverage"]
    assert "never a verdict" in found["tables"]["edges"]["notes"][0]


def test_reciprocity_agrees_with_networkx(family):
    theirs = nx.DiGraph([("ann", "bob"), ("ann", "cy"), ("bob", "ann"), ("bob", "cy"), ("cy", "bob")])

    network = values(family.report("creators")["creators"]["network"])

    assert network["ties"] == theirs.number_of_edges()
    assert network["reciprocity"] == pytest.approx(100 * nx.overall_reciprocity(theirs))


def test_a_profile_puts_what_was_crawled_beside_what_is_stated(family):
    family.rows(tables.creators, {"id": 11, "username": "ann", "thing_count": 40, "follower_count": 7})

    found = family.report("creators", creator="ANN")["creators"]

    profile = values(found["profile"])
    assert (profile["things"], profile["things_stated"], profile["followers_stated"]) == (3, 40, 7)
    assert [row["creator"] for row in found["remixed_by"]] == ["bob", "cy"]
    assert [row["creator"] for row in found["remixes_whom"]] == ["bob"]
    assert "3 of 40 things crawled" in found["tables"]["profile"]["coverage"]


def test_counts_that_nothing_states_are_not_summed_to_zero(book):
    book.things(1, creator="ann", like_count=3).things(2, creator="bob", download_count=0)

    found = book.report("creators", creator="ann")["creators"]

    sums = [(row["creator"], row["downloads"], row["likes"]) for row in found["totals"]]
    assert sums == [("bob", 0, None), ("ann", None, 3)]
    assert values(found["profile"])["downloads"] is None
    assert "1 state download_count" in found["tables"]["totals"]["coverage"]


def test_as_of_no_count_is_told_that_was_stated_later(book):
    before, after = "2026-11-01T00:00:00.000+00:00", "2026-11-20T00:00:00.000+00:00"
    book.things(1, creator="ann").things(2, creator="bob")
    book.rows(
        tables.creators,
        {"username": "ann", "thing_count": 40, "last_scraped": before},
        {"username": "bob", "thing_count": 50, "last_scraped": after},
    )
    book.rows(
        tables.categories,
        {"slug": "art", "thing_count": 60, "last_scraped": before},
        {"slug": "toys", "thing_count": 70, "last_scraped": after},
    )
    filed = ((1, "art"), (2, "toys"))
    book.rows(tables.thing_categories, *({"thing_id": t, "category_slug": c} for t, c in filed))

    report = book.report("creators", "categories", as_of="2026-11-09", as_of_given="2026-11-08")

    stated = {row["creator"]: row["things_stated"] for row in report["creators"]["totals"]}
    assert stated == {"ann": 40, "bob": None}
    stated = {row["category"]: row["stated"] for row in report["categories"]["sums"]}
    assert stated == {"art": 60, "toys": None}


def test_a_creator_who_is_not_stored_is_told_so(family):
    with pytest.raises(UsageProblem, match="'nobody' has no thing in this database"):
        family.report("creators", creator="nobody")


def test_a_renamed_creator_stays_one(book):
    book.things(1, creator="old", creator_id=5).things(2, creator="new", creator_id=5).things(
        3, creator="new"
    )
    book.rows(tables.creators, {"id": 5, "username": "new"})

    rows = book.report("creators")["creators"]["totals"]

    assert [(row["creator"], row["things"]) for row in rows] == [("new", 3)]


def test_a_profile_says_what_the_guides_profile_says(family):
    seen = {"first_seen": "2026-01-01T00:00:00+00:00", "detail_scraped": "2026-01-01T00:00:00+00:00"}
    known = {"creator": "dee", "creator_id": 14, "url": "https://www.thingiverse.com/thing:100"} | seen
    family.things(100, added="2025-01-01T00:00:00+00:00", download_count=90, remix_count=4, **known)
    family.things(101, added="2025-07-01T00:00:00+00:00", download_count=10, remix_count=None, **known)
    family.things(102, added=None, download_count=None, remix_count=3, **known)
    stated = {"following_count": 12, "skill_level": "Advanced", "url": "https://www.thingiverse.com/dee"}
    family.rows(tables.creators, {"id": 14, "username": "dee"} | stated)

    found = family.report("creators", creator="dee")["creators"]

    profile = values(found["profile"])
    assert (profile["following_stated"], profile["skill_level"], profile["url"]) == (
        12,
        "Advanced",
        stated["url"],
    )
    assert (profile["remixes_received"], profile["mean_downloads"]) == (7, 50)
    assert profile["uploads_per_month"] == pytest.approx(2 / 12, abs=0.01)
    assert found["top_things"][0]["url"] == known["url"]


def test_nothing_is_made_up_for_a_creator_without_dates_and_counts(family):
    family.things(100, creator="dee", creator_id=14, remix_count=None)

    profile = values(family.report("creators", creator="dee")["creators"]["profile"])

    assert (profile["remixes_received"], profile["mean_downloads"], profile["uploads_per_month"]) == (
        None,
    ) * 3


def test_categories_have_the_mean_and_the_median_of_what_is_stated(family):
    for number, downloads in ((100, 1), (101, 2), (102, 9), (103, None)):
        family.things(number, download_count=downloads)
    family.rows(tables.thing_categories, *({"thing_id": n, "category_slug": "art"} for n in range(100, 104)))

    (row,) = family.report("categories")["categories"]["sums"]

    assert (row["things"], row["downloads"], row["mean_downloads"], row["median_downloads"]) == (4, 12, 4, 2)
