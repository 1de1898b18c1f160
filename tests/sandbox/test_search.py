import json
from collections import Counter
from urllib.parse import quote

import pytest

from tests.sandbox.sites import api_of
from tvspiders.sandbox.catalogue.categories import CATEGORIES
from tvspiders.sandbox.catalogue.search import WINDOW
from tvspiders.sandbox.catalogue.vocabulary import BROAD, LABELS, MODIFIERS, MODIFIERS_NARROW, NARROW
from tvspiders.sandbox.catalogue.words import normal
from tvspiders.sandbox.oracle import Oracle

ODD_TERMS = [
    "чаша",
    "花瓶",
    "🐙",
    "a/b?c#d&e",
    "100%",
    "%2e%2e",
    "x" * 300,
    "e\u0301",
    "' OR 1=1 --",
    "+",
    ".",
]


def total(api, target):
    return api.get(target)["total"]


def test_planters_are_found_by_a_few_hundred(api):
    assert 150 <= total(api, "/search/planters") <= 300


def test_planters_in_the_big_catalogue_stay_inside_the_window():
    big = api_of(things=6_000_000)

    assert 2000 < total(big, "/search/planters") < WINDOW
    assert 2000 < total(big, "/search/flexi") < WINDOW
    assert 500 < total(big, "/search/gothic%20architecture") < WINDOW


@pytest.mark.parametrize("term", ["box", ""])
def test_broad_words_run_into_the_window(term):
    big = api_of(things=6_000_000)

    assert total(big, f"/search/{term}") == WINDOW
    assert len(big.get(f"/search/{term}?page=333&per_page=30")["hits"]) == 30
    assert len(big.get(f"/search/{term}?page=334&per_page=30")["hits"]) == 10
    assert big.get(f"/search/{term}?page=335&per_page=30")["hits"] == []


@pytest.mark.parametrize("term", ODD_TERMS)
def test_any_word_finds_a_stable_set(api, term):
    found = api.walk(f"/search/{quote(term, safe='')}", per_page=30)
    again = type(api)(things=20_000).walk(f"/search/{quote(term, safe='')}/", per_page=30)

    ids = [hit["id"] for hit in found]
    assert 0 < len(ids) < 2000
    assert len(set(ids)) == len(ids) == total(api, f"/search/{quote(term, safe='')}")
    assert ids == [hit["id"] for hit in again]


def test_a_term_is_decoded_exactly_once(api):
    slashed = api.get("/search/a%2Fb%3Fc%23d%26e")
    twice = api.get("/search/a%252Fb%253Fc%2523d%2526e")

    assert slashed != twice
    assert slashed == api.get("/search/a%2fb%3fc%23d%26e/")


def test_nonsense_finds_nothing(api):
    assert api.get("/search/zzqxw") == {"total": 0, "hits": []}
    assert api.get("/search/zzqxw?type=users") == {"total": 0, "hits": []}


@pytest.mark.parametrize(
    "term", ["planters", "flexi", "gothic architecture", "чаша", "box", "low poly", "PLA"]
)
def test_a_hit_carries_the_word_in_its_name_or_tags(api, term):
    for hit in api.walk(f"/search/{quote(term)}", per_page=30):
        tags = {normal(tag["name"]) for tag in hit["tags"]}
        assert normal(term) in normal(hit["name"]) or normal(term) in tags or not tags


def test_several_known_words_narrow_the_search(api):
    both = set(api.ids("/search/modular%20box"))
    modular = set(api.ids("/search/modular"))
    boxes = set(api.ids("/search/box"))

    assert both
    assert both == modular & boxes


def test_singular_and_plural_and_case_are_one_word(api):
    assert api.get("/search/Planter") == api.get("/search/PLANTERS")


def test_a_few_hits_are_gone_or_hidden(api):
    states = Counter(api.answer(f"/things/{thing}").status for thing in api.ids("/search/box"))

    assert states[200] > 500
    assert 0 < states[403] + states[404] < 30


def test_no_word_stands_for_two_things():
    nouns = [word for words in BROAD.values() for word in words]
    nouns += [word for words in NARROW.values() for word, _ in words]
    others = [word for word, _ in (*MODIFIERS, *MODIFIERS_NARROW, *LABELS)]

    assert max(Counter(map(normal, nouns + others)).values()) == 1
    assert {category.slug for category in CATEGORIES} == set(BROAD)


@pytest.mark.parametrize("sort", ["relevant", "text", "popular", "makes", "newest", "nonsense"])
def test_sorting_reorders_the_same_hits(api, sort):
    found, plain = api.ids(f"/search/planters?sort={sort}"), api.ids("/search/planters")

    assert sorted(found) == sorted(plain)
    assert (found == plain) is (sort in ("relevant", "text", "nonsense"))


def test_newest_means_the_highest_id_first(api):
    found = [hit["id"] for hit in api.walk("/search/planters?sort=newest", per_page=30)]

    assert found == sorted(found, reverse=True)
    assert api.get("/search/?type=things&sort=newest&per_page=1")["hits"][0]["id"] > 19_900


def test_popular_puts_the_liked_first(api):
    likes = [hit["like_count"] for hit in api.walk("/search/planters?sort=popular", per_page=30)]

    assert sum(likes[:20]) > 5 * sum(likes[-20:])


@pytest.mark.parametrize(
    ("parameter", "holds"),
    [
        ("category_id=146", lambda want: want["category_slug"] == "containers"),
        ("license=cc-nc-sa", lambda want: want["license"].endswith("Non-Commercial - Share Alike")),
        ("license=ccsa", lambda want: want["license"] == "Creative Commons - Attribution - Share Alike"),
        ("has_makes=1", lambda want: want["make_count"] > 0),
        ("has_makes=0", lambda want: want["make_count"] == 0),
        ("is_featured=1", lambda want: want["is_featured"]),
        ("is_derivative=1", lambda want: want["ancestors"]),
        ("is_derivative=0", lambda want: not want["ancestors"]),
    ],
)
@pytest.mark.parametrize("term", ["", "box", "modular"])
def test_a_filter_keeps_what_it_says(api, parameter, holds, term):
    oracle = Oracle(api.site.config, site=api.site)
    plain, kept = api.ids(f"/search/{term}"), api.ids(f"/search/{term}?{parameter}")

    if not term:  # too many to look at each
        kept = kept[:800]
    visible = [want for want in oracle.things(kept) if want["state"] == "visible"]
    assert all(holds(want) for want in visible)
    if term:
        expected = {w["id"] for w in oracle.things(plain) if w["state"] == "visible" and holds(w)}
        assert {want["id"] for want in visible} == expected


def test_filters_of_a_root_category_take_its_children_along(api):
    models = total(api, "/search/?category_id=70")
    vehicles = total(api, "/search/?category_id=116")

    assert 0 < vehicles < models


def test_unknown_categories_and_licences_find_nothing(api):
    assert total(api, "/search/?category_id=9999") == 0
    assert total(api, "/search/?license=nonsense") == 0
    assert total(api, "/search/?category_id=0") > 0


def test_dead_and_unknown_parameters_are_ignored(api):
    plain = api.get("/search/planters")

    assert api.get("/search/planters?posted_after=now-30d&posted_before=2020-01-01&whatever=1") == plain


def test_pages_show_what_the_finder_finds(api):
    rows = [hit["id"] for hit in api.walk("/search/box?has_makes=1&sort=newest", per_page=30)]

    assert rows == api.ids("/search/box?has_makes=1&sort=newest")
    assert len(rows) > 30


def test_customized_things_are_left_out_unless_asked_for(api):
    plain = total(api, "/search/box")
    shown = total(api, "/search/box?show_customized=1")
    only = total(api, "/search/box?customizable=1")

    assert plain + only == shown
    assert only > 0


def test_liked_by_and_made_by_take_a_user_id(api):
    catalogue = api.catalogue
    user = catalogue.people.rank_of_name("MakerBot")
    number = catalogue.people.id(user)

    liked = {hit["id"] for hit in api.walk(f"/search/?liked_by={number}&show_customized=1", per_page=30)}
    made = {hit["id"] for hit in api.walk(f"/search/?made_by={number}&show_customized=1", per_page=30)}

    assert liked == set(catalogue.liked(user, 0))
    assert made == {catalogue.made_thing(make)[0] for make in catalogue.copies(user, 0)}
    assert total(api, "/search/?liked_by=999999999") == 0


def test_users_makes_and_collections_are_searched_too(api):
    users = api.get("/search/?type=users&sort=followers&per_page=20")
    makes = api.get("/search/planters?type=makes")
    collections = api.get("/search/planters?type=collections")

    assert len(users["hits"]) == 20
    assert users["hits"][0]["name"] == "prolific_Pia"
    assert "maker" in makes["hits"][0]
    assert "absolute_url" in collections["hits"][0]
    assert api.get("/search/makerbot?type=users")["hits"][0]["name"] == "MakerBot"


def test_a_search_below_a_user_stays_with_the_user(api):
    hits = api.walk("/users/makerbot/search/?type=things&sort=newest", per_page=20)

    assert {hit["creator"]["name"] for hit in hits} == {"MakerBot"}
    assert [hit["id"] for hit in hits] == sorted((hit["id"] for hit in hits), reverse=True)
    some = api.walk("/users/makerbot/search/box", per_page=20)
    assert 0 < len(some) < len(hits)


def test_searches_move_with_the_days(api):
    before = total(api, "/search/planters")
    after = api.get("/search/planters", day=200)["total"]

    assert before != after


def test_json_is_compact_as_recorded(api):
    assert api.answer("/search/zzqx").body == json.dumps({"total": 0, "hits": []}).replace(" ", "").encode()
