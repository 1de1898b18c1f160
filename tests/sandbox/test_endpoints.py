import json

import pytest

from tests.sandbox.sites import api_of
from tvspiders.sandbox.catalogue.categories import CATEGORIES


@pytest.fixture(scope="module")
def busy(api):
    """A well-known thing that is visible, has makes, comments, likes and derivatives."""
    ranked = (api.catalogue.families.at_rank(rank) for rank in range(200))
    return next(t for t in ranked if api.catalogue.life.visible(t, 0) and api.catalogue.children(t, 0))


def test_the_counts_of_a_detail_are_the_lengths_of_its_lists(api, busy):
    detail = api.get(f"/things/{busy}")
    lengths = {
        "remix_count": len(api.walk(f"/things/{busy}/derivatives")),
        "make_count": len(api.walk(f"/things/{busy}/copies")),
        "comment_count": len(api.walk(f"/things/{busy}/comments")),
        "root_comment_count": len(api.walk(f"/things/{busy}/root-comments")),
        "file_count": len(api.get(f"/things/{busy}/files")),
    }

    assert {name: detail[name] for name in lengths} == lengths
    assert lengths["root_comment_count"] < lengths["comment_count"]
    likes = len(api.walk(f"/things/{busy}/likes"))
    assert likes <= detail["like_count"] <= likes * 1.3
    assert detail["download_count"] > detail["like_count"] > detail["make_count"] > 0


def test_remix_count_is_the_number_of_derivatives_everywhere(api):
    for thing in api.catalogue.visible(range(1, 300), 0):
        rows = api.walk(f"/things/{thing}/derivatives")
        assert api.get(f"/things/{thing}")["remix_count"] == len(rows)


def test_a_child_names_its_parent_and_the_parent_its_child(api, busy):
    for child in api.walk(f"/things/{busy}/derivatives"):
        assert busy in [row["id"] for row in api.get(f"/things/{child['id']}")["ancestors"]]
        assert busy in [row["id"] for row in api.get(f"/things/{child['id']}/ancestors")]


def test_derivatives_come_newest_first(api, busy):
    ids = [row["id"] for row in api.walk(f"/things/{busy}/derivatives")]

    assert ids == sorted(ids, reverse=True)


def test_a_thing_is_filed_in_one_category_and_found_there(api, busy):
    (category,) = api.get(f"/things/{busy}/categories")
    rows = api.walk(f"/categories/{category['slug']}/things")

    assert busy in [row["id"] for row in rows]
    assert len({row["id"] for row in rows}) == len(rows)


def test_categories_have_the_real_ids_and_slugs(api):
    roots = api.walk("/categories")
    by_slug = {root["slug"]: root["id"] for root in roots}

    assert len(roots) == 11
    assert by_slug["other"] == 0
    assert by_slug["toys-and-games"] == 72
    children = api.get("/categories/hobby")["children"]
    assert {"rc-vehicles": 95, "sports-and-outdoors": 140}.items() <= {
        c["slug"]: c["id"] for c in children
    }.items()
    assert len({category.id for category in CATEGORIES}) == len(CATEGORIES)


def test_every_visible_thing_is_in_exactly_one_root(api):
    found = [row for slug in by_root(api) for row in api.site.finder.category(slug, 0)]

    assert sorted(found) == api.catalogue.visible(range(1, 20_001), 0)


def by_root(api):
    return [root["slug"] for root in api.walk("/categories")]


def test_a_tag_leads_to_the_things_that_have_it(api):
    tag = api.get("/tags/low_poly")
    rows = api.walk("/tags/low_poly/things")

    assert tag["name"] == "low poly"
    assert tag["url"].endswith("/tags/low_poly")
    assert abs(tag["count"] - len(rows)) < len(rows) / 10
    assert all("low_poly" in [t["tag"] for t in row["tags"]] or not row["tags"] for row in rows)
    assert api.answer("/tags/never-heard-of").status == 404


def test_a_user_answers_in_the_canonical_case(api):
    assert api.get("/users/mAkErBoT")["name"] == "MakerBot"
    assert api.get("/users/mAkErBoT") == api.get("/users/MakerBot")


@pytest.mark.parametrize(
    ("below", "stated"),
    [
        ("things", "count_of_designs"),
        ("likes", "like_count"),
        ("copies", "make_count"),
        ("collections", "collection_count"),
        ("following", "count_of_following"),
        ("followers", "count_of_followers"),
    ],
)
@pytest.mark.parametrize("name", ["MakerBot", "prolific_Pia", "Brisk.Anvil"])
def test_a_profile_states_how_long_its_lists_are(api, name, below, stated):
    name = name if api.answer(f"/users/{name}").status == 200 else api.catalogue.people.name(30)
    rows = api.walk(f"/users/{name}/{below}")
    profile = api.get(f"/users/{name}")

    if below.startswith("follow"):  # gone and repeated accounts are counted but not listed
        assert len(rows) <= profile[stated] <= len(rows) * 1.4 + 2
    elif below == "things":  # hidden things are counted but not listed
        assert len(rows) <= profile[stated] <= len(rows) * 1.03 + 2
    else:
        assert len(rows) == profile[stated]


def test_me_is_a_user_with_a_name_and_an_app(api):
    me = api.get("/users/me")

    assert "current_app" in me
    assert "is_following" not in me
    assert api.get(f"/users/{me['name']}")["id"] == me["id"]
    assert len(api.walk("/users/me/things")) <= me["count_of_designs"]


def test_only_one_s_own_profile_carries_an_address(api):
    assert api.get("/users/me")["email"]
    assert api.get("/users/MakerBot")["email"] == ""


def test_a_collection_counts_its_things(api):
    for number in api.catalogue.collections(1):
        collection = api.get(f"/collections/{number}")
        rows = api.walk(f"/collections/{number}/things")
        assert collection["count"] == len(rows)
        newest = api.walk(f"/collections/{number}/things?sort=newest")
        assert sorted((row["id"] for row in rows), reverse=True) == [row["id"] for row in newest]


def test_files_makes_and_pictures_are_found_by_id(api, busy):
    file = api.get(f"/things/{busy}/files")[-1]
    make = api.get(f"/things/{busy}/copies")[0]
    picture = api.get(f"/things/{busy}/images?type=thumb&size=large")[0]

    assert api.get(f"/files/{file['id']}") == file
    assert api.get(f"/copies/{make['id']}") == make
    assert make["thing"]["id"] == busy
    assert [size["type"] for size in picture["sizes"]] == ["thumb"]
    assert api.answer("/files/1").status == 404
    assert api.answer("/copies/99999999").status == 404


def test_ids_fit_into_32_bits_in_the_biggest_catalogue():
    big = api_of(things=6_000_000)

    assert big.catalogue.capacity * 32 + 31 < 2**31
    assert big.catalogue.people.makes.left.total * 2 < 2**31
    assert big.catalogue.people.count * 16 < 2**31


@pytest.mark.parametrize("name", ["newest", "popular", "featured", "verified"])
def test_the_old_lists_answer_bare_lists(api, name):
    rows = api.get(f"/{name}?per_page=20")

    assert len(rows) == 20
    if name == "newest":
        assert rows[0]["id"] > rows[-1]["id"] > 19_900


def test_random_things_are_five_and_change(api):
    first, second = api.get("/things/0/random", ordinal=1), api.get("/things/0/random", ordinal=2)

    assert len(first) == len(second) == 5
    assert first != second
    assert all(api.answer(f"/things/{thing}").status == 200 for thing in first)


def test_what_the_real_api_ignores_is_heeded_on_demand():
    heeding = api_of(things=1000, heeds=frozenset({"dates", "category-sort"}))
    cut = heeding.get("/search/?sort=popular")["hits"][3]["created_at"][:10]

    after = heeding.get(f"/search/?sort=popular&posted_after={cut}")["hits"]
    before = heeding.get(f"/search/?sort=popular&posted_before={cut}")["hits"]

    assert after
    assert before
    assert all(hit["created_at"][:10] >= cut for hit in after)
    assert all(hit["created_at"][:10] < cut for hit in before)
    newest, popular = (heeding.get(f"/categories/art/things{sort}") for sort in ("", "?sort=popular"))
    assert [row["id"] for row in newest] != [row["id"] for row in popular]


def test_old_listings_can_be_gone_and_the_end_of_the_window_an_error():
    api = api_of(things=1000, old_listings=False, window_status=400)

    assert api.answer("/newest").status == 404
    assert api.answer("/search/?page=335&per_page=30").status == 400
    assert api.answer("/search/?page=30&per_page=30").status == 200


def test_single_words_of_the_guide_can_be_mixed_and_a_field_left_out():
    mixed = api_of(things=1000, vocabulary=frozenset({"remixes", "no-ancestors"}))

    assert mixed.answer("/things/2/remixes").status == 200
    assert mixed.answer("/things/2/derivatives").status == 404
    assert mixed.answer("/things/2/copies").status == 200
    assert "ancestors" not in mixed.get("/things/2")
    assert "categories" not in mixed.get("/things/2")


def test_the_guide_s_vocabulary_replaces_the_real_one():
    guide = api_of(things=1000, guide=True)
    hub = max(guide.catalogue.visible(range(1, 200), 0), key=lambda t: len(guide.catalogue.children(t, 0)))

    assert guide.get(f"/things/{hub}/remixes")
    assert guide.answer(f"/things/{hub}/derivatives").status == 404
    assert isinstance(guide.get("/users/MakerBot/makes"), list)
    assert guide.answer("/users/MakerBot/copies").status == 404
    user = guide.get("/users/MakerBot")
    assert {"follower_count", "following_count", "thing_count"} <= user.keys()
    assert "count_of_followers" not in user
    assert {"added", "download_count"} <= guide.get("/search/box")["hits"][0].keys()
    assert guide.get(f"/things/{hub}")["categories"]


def test_search_can_answer_a_bare_list_and_null_hits():
    plain, null = api_of(things=1000, plain_list=True), api_of(things=1000, null_hits=True)

    assert isinstance(plain.get("/search/box"), list)
    assert null.get("/search/box?page=99")["hits"] is None
    assert null.get("/search/box")["hits"]


def test_addresses_in_bodies_are_those_of_the_real_service(api, busy):
    assert json.dumps(api.get(f"/things/{busy}")).count("http://") == 0
    assert api.get(f"/things/{busy}")["url"] == f"https://api.thingiverse.com/things/{busy}"
