"""Lists of the whole site: through searches, and at their old addresses where a search is of no use."""

from __future__ import annotations

import pytest

from tests.support.bench import bench
from tests.support.walking import World


@pytest.fixture
def world():
    return World()


@pytest.mark.parametrize(
    ("kind", "filters"),
    [("popular", {"sort": "popular"}), ("newest", {"sort": "newest"}), ("featured", {"is_featured": 1})],
)
def test_a_list_is_what_the_search_in_its_place_finds(world, kind, filters):
    walked = world.walk("listings", kind=kind, pages=4, details="false")

    expected = world.oracle.search("", limit=120, **filters)["ids"]
    assert [item.id for item in walked.of("thing")] == expected
    assert all(path.startswith("/search/?") for path in walked.asked)
    assert walked.twice == []


def test_verified_has_no_search_and_is_asked_at_its_address(world):
    walked = world.walk("listings", kind="verified", pages=2, details="false")

    assert [item.id for item in walked.of("thing")] == world.oracle.listed("verified", limit=60)["ids"]
    assert walked.asked[0].startswith("/verified?")
    assert walked.lists()["verified", "things"].ended == "limit"


def test_each_thing_is_asked_for_its_own_page(world):
    walked = world.walk("listings", kind="newest", pages=1)

    assert walked.ids("thing") == sorted(world.oracle.search("", sort="newest", limit=30)["visible"])
    assert len(walked.asked) == 31
    assert all(thing.detail for thing in walked.of("thing"))


@pytest.mark.parametrize(
    "useless",
    [
        (404, {"error": "Not Found"}, {}),
        (400, {"error": "Bad Request"}, {}),
        (502, {"error": "gateway"}, {}),
        (200, {"total": 0, "hits": []}, {}),
        (200, {"total": 0, "hits": None}, {}),
    ],
)
@pytest.mark.parametrize("kind", ["popular", "newest", "featured"])
def test_the_old_address_is_asked_when_the_search_is_of_no_use(world, kind, useless, caplog):
    world.own = lambda path: useless if path.startswith("/search/") else None

    walked = world.walk("listings", kind=kind, details="false", pages=2)

    assert [item.id for item in walked.of("thing")] == world.oracle.listed(kind, limit=60)["ids"]
    assert "requesting the old list" in caplog.text


def test_a_filter_that_is_not_heeded_is_found_out(world):
    everything = [{"id": 1, "is_featured": 1}, {"id": 2, "is_featured": 0}]
    world.own = lambda path: (200, {"total": 2, "hits": everything}, {}) if "/search/" in path else None

    walked = world.walk("listings", kind="featured", details="false")

    assert {item.id for item in walked.of("thing")} == set(world.oracle.listed("featured")["ids"])


def test_rows_that_say_nothing_of_being_featured_are_believed(world):
    rows = [{"id": 1, "is_featured": None}, {"id": 2}]
    world.own = lambda path: (200, {"total": 2, "hits": rows}, {}) if "/search/" in path else None

    assert world.walk("listings", kind="featured", details="false").ids("thing") == [1, 2]


def test_a_later_page_that_fails_does_not_begin_the_old_list(world):
    world.own = lambda path: (502, {"error": "x"}, {}) if "page=2&" in path else None

    walked = world.walk("listings", kind="popular", details="false")

    assert len(walked.of("thing")) == 30
    assert len(walked.refused) == 1
    assert walked.count("/popular") == 0


def test_chance_draws_five_each_time(world):
    walked = world.walk("listings", kind="random", pages=3)

    assert walked.count("/random") == 3
    assert 5 <= len(walked.of("thing")) <= 15
    assert all(thing.detail for thing in walked.of("thing"))


@pytest.mark.parametrize("rows", [[3, 5], [{"id": 3}, {"id": "5"}]])
def test_a_draw_may_bring_numbers_or_rows(world, rows):
    world.own = lambda path: (200, rows, {}) if "/random" in path else None

    assert set(world.walk("listings", kind="random").asked[1:]) == {"/things/3", "/things/5"}


@pytest.mark.parametrize("rows", [["x"], [0], [None], {"total": 1, "hits": [{"name": "a"}]}])
def test_a_draw_that_is_not_understood_is_refused(world, rows):
    world.own = lambda path: (200, rows, {}) if "/random" in path else None

    assert world.walk("listings", kind="random").refused == ["/things/0/random: no-id"]


def test_a_list_is_crawled_by_a_real_process_and_again(tmp_path):
    with bench(tmp_path) as crawls:
        first = crawls.crawl("listings", kind="popular", pages=2)
        second = crawls.crawl("listings", kind="popular", pages=2)
        expected = crawls.sandbox.oracle.search("", sort="popular", limit=60)

        assert (first.code, second.code) == (0, 0), first.log
        assert set(crawls.column("SELECT id FROM things WHERE detail_scraped IS NOT NULL")) == set(
            expected["visible"]
        )
        assert crawls.column("SELECT count(*) FROM crawls") == [2]


def test_a_search_that_is_broken_for_good_gives_way_in_a_real_crawl(tmp_path):
    with bench(tmp_path, rate_null=1.0) as crawls:
        settings = {"TV_RETRY_BASE": 0.01, "TV_MAX_ATTEMPTS": 2}
        ended = crawls.crawl("listings", settings, kind="newest", pages=1, details="false")

        assert ended.code == 3, ended.log
        assert sorted(crawls.rows("SELECT substr(path, 1, 7), state FROM requests")) == [
            ("/newest", "quarantined"),
            ("/search", "done"),
        ]
