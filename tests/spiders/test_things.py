"""Searches: their things, their slices, and what hangs off a thing."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.walking import World
from tvspiders.api.known_categories import KNOWN
from tvspiders.api.lists import paging
from tvspiders.spiders.base import search_spider as searching


@pytest.fixture(scope="module")
def world():
    return World()


def test_a_search_stores_each_thing_from_its_own_page(world):
    walked = world.walk("things", query="planters")

    expected = world.oracle.search("planters")
    assert walked.ids("thing") == sorted(expected["visible"])
    assert all(thing.detail for thing in walked.of("thing"))
    assert len(walked.of("tombstone")) == len(expected["gone"]) + len(expected["hidden"])
    assert walked.twice == []


def test_without_details_the_rows_are_enough(world):
    walked = world.walk("things", query="planters", details="false")

    assert walked.ids("thing") == sorted(world.oracle.search("planters")["ids"])
    assert len(walked.asked) == 1


@pytest.mark.parametrize("oddity", ["short", "empty", "repeat", "drift", "moving"])
def test_searches_that_lie_about_their_end_lose_nothing_and_do_not_loop(oddity):
    world = World(things=2000, oddities=frozenset({oddity}))

    walked = world.walk("things", query="useful", details="false")

    expected = world.oracle.search("useful")["ids"]
    missing = set(expected) - set(walked.ids("thing"))
    # without a Link and with a total that was never told too high, a last row cannot be known of
    assert len(missing) <= (oddity == "moving")
    assert len(walked.asked) <= len(expected) // 29 + 4


# -- what hangs off a thing -----------------------------------------------------------------------


def test_files_that_the_detail_names_cost_no_request(world):
    walked = world.walk("things", query="planters", files="true")

    expected = {
        (thing, world.site.things.files.file_name(thing, place))
        for thing in walked.ids("thing")
        for place in range(world.site.things.files.file_count(thing))
    }
    assert walked.count("/files") == 0
    assert {(file.thing_id, file.name) for file in walked.of("file")} == expected


def test_full_files_are_asked_even_where_the_detail_names_them(world):
    walked = world.walk("things", query="planters", files="full")

    assert len(walked.of("file")) == sum(thing.file_count for thing in walked.of("thing"))
    assert all(
        file.size and file.hash and file.hash_encoding in ("hex", "base64") for file in walked.of("file")
    )
    assert walked.twice == []


def test_before_2025_files_are_asked_where_there_are_any():
    world = World(vintage=2022)

    walked = world.walk("things", query="planters", files="true")

    counts = {thing.id: thing.file_count for thing in walked.of("thing")}
    assert walked.count("/files") == sum(count > 0 for count in counts.values())
    assert len(walked.of("file")) == sum(counts.values())
    assert all(file.size and file.date for file in walked.of("file"))
    assert walked.twice == []


def test_an_incomplete_list_of_files_in_the_detail_gives_way_to_the_real_one():
    world = World()
    detail = {"id": 1, "name": "one", "file_count": 2, "zip_data": {"files": [{"name": "a.stl"}, None]}}
    rows = [{"id": 5, "name": "a.stl", "size": 9}, {"id": 6, "name": "b.stl", "size": 8}]
    answers = {"/things/1": detail, "/things/1/files?page=1&per_page=30": rows}

    def own(path):
        if path.startswith("/search"):
            return 200, {"total": 1, "hits": [{"id": 1, "name": "one"}]}, {}
        return 200, answers[path], {}

    world.own = own
    walked = world.walk("things", query="x", files="true")

    assert [(file.name, file.size) for file in walked.of("file")] == [("a.stl", 9), ("b.stl", 8)]


@pytest.mark.parametrize(
    ("name", "kind", "counter"),
    [("comments", "comment", "comment_count"), ("makes", "make", "make_count")],
)
def test_comments_and_makes_are_asked_where_the_detail_counts_any(world, name, kind, counter):
    walked = world.walk("things", query="planters", **{name: "true"})

    counts = [getattr(thing, counter) for thing in walked.of("thing")]
    path = "/copies" if name == "makes" else "/comments"
    assert walked.count(path) == sum(-(-count // 30) for count in counts)
    assert len(walked.of(kind)) == sum(counts)
    assert all(thing.detail for thing in walked.of("thing"))
    assert walked.twice == []


@pytest.mark.parametrize(("vintage", "spared"), [(2026, True), (2022, False)])
def test_pictures_that_the_detail_proves_cost_no_request(vintage, spared):
    world = World(vintage=vintage, things=3000)

    walked = world.walk("things", query="planters", images="true")

    things, files = walked.ids("thing"), world.site.things.files
    shown = {number: files.image_count(number) for number in things}
    single = [number for number in things if shown[number] == 1]
    proved = [number for number in things if shown[number] <= 1]
    assert walked.count("/images") == len(things) - (len(proved) if spared else 0)
    assert single
    listed = {number: files.image(number, 0) for number in single}
    found = {image.thing_id: image for image in walked.of("image") if image.thing_id in listed}
    assert {n: (image.id, image.name) for n, image in found.items()} == {
        n: (image["id"], image["name"]) for n, image in listed.items()
    }
    assert len(walked.of("image")) == sum(shown.values())
    assert walked.twice == []


def test_categories_of_each_thing_are_asked_on_request(world):
    walked = world.walk("things", query="planters", categories="true", images="true")

    things = walked.ids("thing")
    assert walked.count("/categories") == len(things)
    assert {item.thing_id: item.category_slug for item in walked.of("thing_category")} == {
        thing: world.oracle.thing(thing)["category_slug"] for thing in things
    }


def test_categories_that_the_page_names_cost_no_request():
    world = World(guide=True)

    walked = world.walk("things", query="planters", categories="true")

    filed = {thing: world.oracle.thing(thing)["category_slug"] for thing in walked.ids("thing")}
    assert walked.count("/categories") == 0
    assert {item.thing_id: item.category_slug for item in walked.of("thing_category")} == filed
    assert {item.slug for item in walked.of("category") if item.thing_count} == set(filed.values())
    assert walked.twice == []


def test_downloads_that_rows_state_are_kept():
    world = World(guide=True)

    walked = world.walk("things", query="planters", details="false")

    things = walked.of("thing")
    assert things
    for thing in things:
        known = world.oracle.thing(thing.id)
        assert (thing.download_count, thing.added) == (known.get("download_count"), known.get("added"))


@pytest.mark.parametrize("oddity", ["short", "empty", "repeat", "drift", "moving"])
def test_comments_and_makes_survive_lies_about_the_end_of_their_lists(oddity):
    world = World(page_cap=3, oddities=frozenset({oddity}))

    walked = world.walk(
        "remixes", thing=",".join(map(str, world.oracle.hubs(12))), depth=0, comments="true", makes="true"
    )

    things = walked.of("thing")
    for kind, counter in (("comment", "comment_count"), ("make", "make_count")):
        numbers = [item.id for item in walked.of(kind)]
        stated = [getattr(thing, counter) for thing in things]
        assert len(set(numbers)) == sum(stated)
        assert max(stated) > 9  # else no page is in the middle
    assert len(walked.asked) <= 6 * sum(thing.comment_count + thing.make_count for thing in things)


# -- the window -----------------------------------------------------------------------------------


@pytest.fixture(params=[3_000, pytest.param(10_000, marks=pytest.mark.long)])
def window(request, monkeypatch):
    """How much a search serves: the site's 10,000, or less, because each row that is read takes its time."""
    for owner in (paging, searching):
        monkeypatch.setattr(owner, "WINDOW", request.param)
    return request.param


class Shop:
    """A search over things that have all filters; it serves ``window`` and applies the filters given."""

    CATEGORIES = tuple(known.id for known in KNOWN.values() if known.id is not None)

    def __init__(self, number: int, heeded: set[str], window: int = paging.WINDOW) -> None:
        self.number = number
        self.heeded = heeded
        self.window = window
        self.known: dict[str, list[int]] = {}

    def holds(self, thing: int, query: dict[str, str]) -> bool:
        day = f"20{10 + thing % 15}-0{1 + thing % 9}-1{thing // 9 % 10}"
        checks = {
            "is_derivative": lambda value: thing % 3 % 2 == int(value),
            "has_makes": lambda value: thing // 3 % 2 == int(value),
            "category_id": lambda value: self.CATEGORIES[thing // 6 % len(self.CATEGORIES)] == int(value),
            "posted_after": lambda value: day > value,
            "posted_before": lambda value: day < value,
        }
        return all(
            checks[name](value) for name, value in query.items() if name in self.heeded and name in checks
        )

    def row(self, thing: int):
        day = f"20{10 + thing % 15}-0{1 + thing % 9}-1{thing // 9 % 10}"
        return {"id": thing, "name": str(thing), "created_at": f"{day}T00:00:00+00:00"}

    def __call__(self, path: str):
        if path.startswith("/categories"):
            return 200, [{"id": 1, "name": "Art", "slug": "art"}], {}
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        first = (int(query.pop("page")) - 1) * 30
        key = str(sorted((name, value) for name, value in query.items() if name in self.heeded))
        if key not in self.known:
            things = range(1, self.number + 1)
            self.known[key] = [thing for thing in things if self.holds(thing, query)][: self.window]
        found = self.known[key]
        return (
            200,
            {"total": len(found), "hits": [self.row(thing) for thing in found[first : first + 30]]},
            {},
        )


@pytest.mark.parametrize(
    ("heeded", "wasted"),
    [
        ({"posted_after", "posted_before"}, 30),
        ({"is_derivative", "has_makes"}, 20),
        pytest.param({"category_id"}, 120, marks=pytest.mark.long),
        ({"is_derivative", "category_id"}, 160),
    ],
    ids=lambda value: "+".join(sorted(value)) if isinstance(value, set) else None,
)
def test_a_search_beyond_the_window_is_read_in_slices(heeded, wasted, window, caplog):
    things = window * 3 // 2
    world = World()
    world.own = Shop(things, heeded, window)
    caplog.set_level("INFO")

    walked = world.walk("things", query="x", details="false", beyond_window="true")

    assert set(walked.ids("thing")) == set(range(1, things + 1))
    assert len(walked.asked) <= things // 30 + wasted
    assert walked.lists()["search 'x' sort=relevant", "things"].ended == "split"
    assert ("ignores the filter posted" in caplog.text) is ("posted_after" not in heeded)
    assert ("ignores the filter is_derivative" in caplog.text) is (heeded == {"category_id"})


def test_hits_that_happen_to_be_old_do_not_prove_that_dates_work(caplog):
    world = World()
    shop = Shop(15_000, {"is_derivative", "has_makes"})
    shop.row = lambda thing: {"id": thing, "name": "old", "created_at": "2015-05-08T00:00:00+00:00"}
    world.own = shop
    caplog.set_level("INFO")

    walked = world.walk("things", query="x", sort="popular", details="false", beyond_window="true")

    assert "ignores the filter posted" in caplog.text
    assert set(walked.ids("thing")) == set(range(1, 15_001))
    assert len(walked.asked) <= 500 + 20


def test_a_slice_that_is_answered_404_because_it_is_empty_does_not_lose_the_others(window):
    things = window * 3 // 2
    world = World()
    shop = Shop(things, {"category_id"}, window)
    empty = Shop.CATEGORIES[0]

    def own(path):
        missing = f"category_id={empty}&" in path + "&"
        return (404, {"error": "Not Found"}, {}) if missing else shop(path)

    world.own = own
    walked = world.walk("things", query="x", details="false", beyond_window="true")

    lost = {thing for thing in range(1, things + 1) if shop.holds(thing, {"category_id": str(empty)})}
    assert set(range(1, things + 1)) - lost <= set(walked.ids("thing"))
    [noted] = [item for item in walked.of("list") if f"category_id={empty} " in item.subject_id + " "]
    assert (noted.received, noted.ended, noted.complete) == (0, "empty", True)


def test_rows_refused_in_the_first_slice_along_a_filter_are_counted(window):
    world = World()
    shop = Shop(window * 3 // 2, {"is_derivative", "has_makes"}, window)

    def own(path):
        status, document, headers = shop(path)
        if path.startswith("/search") and "page=1&" in path and path.endswith("&is_derivative=0"):
            document["hits"].append({"name": "no number"})
        return status, document, headers

    world.own = own
    walked = world.walk("things", query="x", details="false", beyond_window="true")

    assert walked.lists()["search 'x' is_derivative=0 sort=relevant", "things"].refused == 1


def test_what_no_filter_can_cut_is_read_in_each_order_and_the_rest_is_reported(window, caplog):
    world = World()
    world.own = Shop(window + 50, set(), window)

    walked = world.walk("things", query="x", details="false", beyond_window="true")

    ends = {item.ended for item in walked.of("list")}
    assert ends == {"split", "window"}
    assert set(walked.ids("thing")) == set(range(1, window + 1))
    assert "stayed out of reach" in caplog.text
    assert len(walked.asked) <= 5 * (window // 30 + 1) + 20


def test_without_beyond_window_the_log_says_that_it_would_help(caplog):
    world = World()
    world.own = Shop(10_050, set())

    walked = world.walk("things", query="x", details="false")

    assert len(walked.asked) == 334
    assert "beyond_window=true reaches further" in caplog.text
    assert walked.of("list")[0].ended == "window"


def test_a_user_s_limit_of_pages_is_not_split(caplog):
    world = World()
    world.own = Shop(10_050, {"is_derivative"})

    walked = world.walk("things", query="x", details="false", beyond_window="true", pages=2)

    assert len(walked.asked) == 2


def test_the_most_popular_of_a_category_are_a_search_without_words():
    walked = World().walk("things", category_id=96, sort="popular", pages=1, details="false")

    assert walked.asked == ["/search/?type=things&page=1&per_page=30&sort=popular&category_id=96"]
    assert walked.of("thing")
