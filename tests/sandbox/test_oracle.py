import pytest

from tests.sandbox.sites import api_of
from tvspiders.sandbox import Oracle, SandboxConfig
from tvspiders.sandbox.catalogue.lifecycle import State


@pytest.fixture(scope="module")
def oracle(api):
    return Oracle(api.site.config, site=api.site)


def hub(api):
    visible = api.catalogue.visible(range(1, 2000), 0)
    return max(visible, key=lambda thing: len(api.catalogue.children(thing, 0)))


def test_the_oracle_needs_no_server():
    assert Oracle(SandboxConfig(things=100), 3).search("planters")["ids"]


def test_a_search_holds_what_the_api_lists(api, oracle):
    wanted = oracle.search("planters", sort="newest")
    listed = [hit["id"] for hit in api.walk("/search/planters?sort=newest", per_page=30)]

    assert wanted["ids"] == listed
    assert wanted["total"] == len(listed)
    assert oracle.search("planters", sort="newest", limit=60)["ids"] == listed[:60]


def test_states_are_what_a_request_meets(api, oracle):
    wanted = oracle.search("box")
    statuses = {thing: api.answer(f"/things/{thing}").status for thing in wanted["ids"]}

    assert wanted["visible"] == [thing for thing in wanted["ids"] if statuses[thing] == 200]
    assert wanted["gone"] == [thing for thing in wanted["ids"] if statuses[thing] == 404]
    assert wanted["hidden"] == [thing for thing in wanted["ids"] if statuses[thing] == 403]
    assert wanted["gone"] or wanted["hidden"]


def test_edges_of_a_search_are_those_the_details_name(api, oracle):
    wanted = oracle.search("planters")
    named = [
        [row["id"], thing] for thing in wanted["visible"] for row in api.get(f"/things/{thing}")["ancestors"]
    ]

    assert wanted["edges"] == named
    assert len(named) > 20


def test_the_columns_of_a_thing_are_those_of_its_detail(api, oracle):
    for thing in api.catalogue.visible(range(1, 400), 0):
        wanted, detail = oracle.thing(thing), api.get(f"/things/{thing}")
        same = {name for name in wanted.keys() & detail.keys() if not isinstance(detail[name], (dict, list))}
        same -= {"url", "is_wip"}

        assert len(same) >= 13
        assert {name: wanted[name] for name in same} == {name: detail[name] for name in same}
        assert wanted["url"] == detail["public_url"]
        assert wanted["api_url"] == detail["url"]
        assert wanted["tags"] == [tag["name"] for tag in detail["tags"]]
        assert wanted["ancestors"] == [row["id"] for row in detail["ancestors"]]
        assert wanted["creator"] == (detail["creator"] or {"name": None})["name"]
        assert [wanted["category_slug"]] == [c["slug"] for c in api.get(f"/things/{thing}/categories")]


def test_of_what_cannot_be_seen_only_the_state_is_known(api, oracle):
    hidden = next(t for t in range(1, 20_001) if api.catalogue.state(t, 0) is State.PRIVATE)

    assert oracle.thing(hidden) == {"id": hidden, "state": "hidden"}
    assert oracle.thing(99_999_999) == {"id": 99_999_999, "state": "gone"}


def crawl(api, root, direction, depth):
    """What a spider does: details and derivatives, level by level."""
    seen, edges, level = {root: 0}, set(), [root]
    for far in range(depth + 1):
        following = []
        for thing in level:
            answer = api.answer(f"/things/{thing}")
            if answer.status != 200:
                continue
            pairs = []
            if direction != "children":
                pairs += [(row["id"], thing) for row in api.get(f"/things/{thing}")["ancestors"]]
            if direction != "parents":
                pairs += [(thing, row["id"]) for row in api.walk(f"/things/{thing}/derivatives")]
            for edge in pairs:
                edges.add(edge)
                other = edge[0] if edge[1] == thing else edge[1]
                if far < depth and other not in seen:
                    seen[other] = far + 1
                    following.append(other)
        level = following
    inside = {edge for edge in edges if edge[0] in seen and edge[1] in seen}
    return seen, inside, edges - inside


@pytest.mark.parametrize("direction", ["both", "children", "parents"])
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_remix_walk_is_what_a_crawl_finds(api, oracle, direction, depth):
    roots = [hub(api), api.catalogue.children(hub(api), 0)[0]]
    for root in roots:
        seen, edges, beyond = crawl(api, root, direction, depth)
        wanted = oracle.remixes([root], direction=direction, depth=depth)

        assert {int(thing): node["distance"] for thing, node in wanted["nodes"].items()} == seen
        assert {tuple(edge) for edge in wanted["edges"]} == edges
        assert {tuple(edge) for edge in wanted["beyond"]} == beyond


def test_a_whole_component_ends_in_spite_of_cycles(api, oracle):
    wanted = oracle.remixes([hub(api)])
    states = {node["state"] for node in wanted["nodes"].values()}

    assert len(wanted["nodes"]) > 200
    assert wanted["beyond"] == []
    assert states == {"visible", "gone", "hidden"} or states == {"visible", "gone"}


@pytest.mark.parametrize("things", [100, 1000, 20_000])
def test_hubs_are_the_things_with_the_most_derivatives(things):
    oracle, api = Oracle(SandboxConfig(things=things)), api_of(things=things)
    best, counts = oracle.hubs(3), {t: oracle.thing(t).get("remix_count", 0) for t in range(1, things + 1)}

    assert counts[best[0]] == max(counts.values())
    assert api.answer(f"/things/{best[0]}").status == 200


def test_a_user_holds_what_the_lists_hold(api, oracle):
    wanted = oracle.user("makerbot")

    assert wanted["username"] == "MakerBot"
    for below, key in (
        ("things", "things"),
        ("likes", "likes"),
        ("copies", "makes"),
        ("collections", "collections"),
    ):
        assert wanted[key] == [row["id"] for row in api.walk(f"/users/MakerBot/{below}")]
    assert wanted["thing_count"] == api.get("/users/MakerBot")["count_of_designs"]
    assert oracle.user("nobody") == {"username": "nobody", "state": "gone"}


def test_a_category_holds_what_the_list_holds(api, oracle):
    assert oracle.category("robotics")["ids"] == [
        row["id"] for row in api.walk("/categories/robotics/things")
    ]
    assert oracle.category("nope")["ids"] == []


def test_another_day_is_another_expectation(api):
    today, later = Oracle(api.site.config, 0, site=api.site), Oracle(api.site.config, 60, site=api.site)

    assert today.search("box")["ids"] != later.search("box")["ids"]
    assert later.thing(2)["download_count"] > today.thing(2)["download_count"]


@pytest.mark.parametrize("kind", ["newest", "popular", "featured", "verified"])
def test_lists_of_the_site_are_what_the_api_lists(api, oracle, kind):
    assert oracle.listed(kind, limit=60)["ids"] == [
        row["id"] for page in (1, 2) for row in api.get(f"/{kind}?page={page}&per_page=30")
    ]


def test_tags_and_collections_are_what_the_api_lists(api, oracle):
    tagged = [row["id"] for row in api.walk("/tags/planters/things", per_page=30)]
    number = oracle.user("MakerBot")["collections"][0]
    kept = [row["id"] for row in api.walk(f"/collections/{number}/things", per_page=30)]

    assert oracle.tag("planters")["ids"] == tagged
    assert oracle.collection(number)["ids"] == kept
    assert oracle.tag("zzq")["ids"] == oracle.collection(99_999_999)["ids"] == []
