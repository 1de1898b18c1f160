"""The remix tree: exactly the oracle's nodes and edges, nearest first, for no request too many."""

from __future__ import annotations

import pytest

from tests.support.walking import Walked, World, repeated


@pytest.fixture(scope="module")
def world():
    return World()


def roots_of_all_kinds(world: World) -> list[int]:
    """A hub, a long chain, a diamond, cycles, self-edges, deleted and missing parents, hidden children."""
    catalogue, state = world.site.catalogue, world.oracle.state
    seen = [thing for thing in range(1, catalogue.capacity) if state(thing) == "visible"]
    parents = {thing: catalogue.parents(thing, 0) for thing in seen}
    children = {thing: catalogue.families.children(thing) for thing in seen}

    def first(number, wanted):
        return [thing for thing in seen if wanted(thing)][:number]

    found = [
        *sorted(seen, key=lambda thing: -len(catalogue.children(thing, 0)))[:3],
        *sorted(seen, key=lambda thing: -ancestors(parents, thing))[:3],
        *first(3, lambda thing: len(parents[thing]) > 1),
        *first(2, lambda thing: thing in parents[thing]),
        *first(3, lambda thing: any(thing in parents.get(p, ()) for p in parents[thing] if p != thing)),
        *first(3, lambda thing: any(state(p) == "gone" for p in parents[thing])),
        *first(3, lambda thing: any(p > catalogue.capacity for p in parents[thing])),
        *first(4, lambda thing: any(state(c) == "hidden" for c in children[thing])),
        next(thing for thing in range(1, 999) if state(thing) == "gone"),
        next(thing for thing in range(1, 999) if state(thing) == "hidden"),
    ]
    assert ancestors(parents, found[3]) >= 20
    return list(dict.fromkeys(found))


def ancestors(parents, thing):
    walked = []
    while parents.get(thing) and thing not in walked:
        walked.append(thing)
        thing = parents[thing][0]
    return len(walked)


def edges(walked: Walked) -> set[tuple[int, int]]:
    return {(edge.parent_id, edge.child_id) for edge in walked.of("edge")}


def compare(world: World, walked: Walked, roots, **walk) -> None:
    """Nodes, tombstones and edges are the oracle's, no more and no less."""
    expected = world.oracle.remixes(roots, **walk)
    states = {int(thing): node["state"] for thing, node in expected["nodes"].items()}
    inside = {tuple(edge) for edge in expected["edges"]}
    beyond = {tuple(edge) for edge in expected["beyond"]}
    assert set(walked.ids("thing")) == {thing for thing, state in states.items() if state == "visible"}
    assert {int(stone.subject_id): stone.reason for stone in walked.of("tombstone")} == {
        thing: state for thing, state in states.items() if state != "visible"
    }
    assert inside <= edges(walked)
    assert edges(walked) <= inside | beyond


def bound(world: World, walked: Walked) -> int:
    """Nodes and pages of remixes, of nodes that have any."""
    remixes = [world.oracle.thing(thing)["remix_count"] for thing in walked.ids("thing")]
    return (
        len(walked.ids("thing")) + len(walked.of("tombstone")) + sum(-(-number // 30) for number in remixes)
    )


def test_all_kinds_of_trees_are_walked_whole(world):
    roots = roots_of_all_kinds(world)
    assert len(roots) >= 20

    walked = world.walk("remixes", thing=",".join(map(str, roots)), depth="all")

    compare(world, walked, roots)
    assert walked.twice == []
    assert len(walked.asked) <= bound(world, walked)


@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("vintage", [2021, 2026])
def test_a_large_component_costs_its_nodes_and_the_pages_of_its_parents(seed, vintage):
    world = World(things=3000, seed=seed, vintage=vintage)
    hub = max(range(1, 3000), key=lambda thing: len(world.site.catalogue.children(thing, 0)))
    assert len(world.site.catalogue.children(hub, 0)) > 90

    walked = world.walk("remixes", thing=hub, depth="all")

    compare(world, walked, [hub])
    assert len(walked.asked) == bound(world, walked)
    assert repeated(walked.asked) == []


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
@pytest.mark.parametrize("pick", [min, max], ids=["in order", "in the worst order"])
def test_a_depth_holds_whatever_the_order_of_the_answers(world, depth, pick):
    roots = roots_of_all_kinds(world)[:6]

    walked = world.walk("remixes", thing=",".join(map(str, roots)), depth=depth, pick=pick)

    compare(world, walked, roots, depth=depth)
    if pick is min:
        assert len(walked.asked) <= bound(world, walked)


def test_only_parents_are_walked(world):
    roots = roots_of_all_kinds(world)

    walked = world.walk("remixes", thing=",".join(map(str, roots)), depth="all", direction="parents")

    compare(world, walked, roots, direction="parents")
    assert walked.count("derivatives") == 0


def test_only_children_are_walked_and_no_edge_that_a_child_names_is_dropped(world):
    roots = roots_of_all_kinds(world)

    walked = world.walk("remixes", thing=",".join(map(str, roots)), depth="all", direction="children")

    expected = world.oracle.remixes(roots, direction="children")
    assert set(walked.ids("thing")) <= set(map(int, expected["nodes"]))
    assert {tuple(edge) for edge in expected["edges"]} <= edges(walked)
    named = {(parent, thing.id) for thing in walked.of("thing") for parent in thing.ancestors}
    assert named <= edges(walked)


@pytest.mark.parametrize("most", [5, 40, 120, 200])
def test_a_crawl_that_is_cut_holds_whole_inner_generations(world, most):
    hub = roots_of_all_kinds(world)[0]
    far = {int(t): node["distance"] for t, node in world.oracle.remixes([hub])["nodes"].items()}

    walked = world.walk("remixes", thing=hub, depth="all", most=most)

    reached = {*walked.ids("thing"), *(int(stone.subject_id) for stone in walked.of("tombstone"))}
    farthest = max(far[thing] for thing in reached)
    assert {thing for thing in far if far[thing] < farthest} <= reached


@pytest.mark.parametrize("oddity", ["short", "empty", "repeat", "drift", "moving"])
def test_lists_that_lie_about_their_end_lose_nothing_and_do_not_loop(oddity):
    world = World(things=3000, oddities=frozenset({oddity}))
    hub = max(range(1, 3000), key=lambda thing: len(world.site.catalogue.children(thing, 0)))

    walked = world.walk("remixes", thing=hub, depth=1, direction="children")

    expected = world.oracle.remixes([hub], direction="children", depth=1)
    assert {tuple(edge) for edge in expected["edges"]} <= edges(walked)
    assert walked.count("derivatives") <= len(expected["nodes"]) // 15 + 4


def test_where_derivatives_do_not_exist_remixes_are_asked():
    world = World(guide=True)
    hub = max(range(1, 1000), key=lambda thing: len(world.site.catalogue.children(thing, 0)))

    walked = world.walk("remixes", thing=hub, depth=1)

    compare(world, walked, [hub], depth=1)
    assert (walked.count("derivatives"), walked.count("remixes")) == (1, 1)


def detail(number, **fields):
    return {"id": number, "name": f"thing {number}", **fields}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"ancestors": None},
        {"is_derivative": True, "ancestors": []},
        {"is_derivative": False, "ancestors": [{"id": 2, "name": "thing 2"}]},
    ],
)
def test_a_detail_that_is_silent_or_contradicts_itself_makes_us_ask_for_the_parents(fields):
    world = World()
    answers = {
        "/things/1": detail(1, remix_count=0, **fields),
        "/things/1/ancestors": [{"id": 2, "name": "thing 2"}],
        "/things/2": detail(2, remix_count=0, is_derivative=False, ancestors=[]),
    }
    world.own = lambda path: (200, answers[path], {})

    walked = world.walk("remixes", thing=1, depth=1)

    assert walked.asked == ["/things/1", "/things/1/ancestors", "/things/2"]
    assert edges(walked) == {(2, 1)}


def test_a_thing_without_a_stated_number_of_remixes_is_asked_for_them():
    world = World()
    answers = {
        "/things/1": detail(1, is_derivative=False, ancestors=[]),
        "/things/1/derivatives?page=1&per_page=30": [],
    }
    world.own = lambda path: (200, answers[path], {})

    walked = world.walk("remixes", thing=1)

    assert len(walked.asked) == 2


def test_a_remix_found_first_by_a_longer_way_is_walked_on_from_when_the_shorter_one_is_found():
    # 1 -> 2 -> 3 -> 4, and 1 -> 3 only on a later page
    world = World()
    row = {number: {"id": number, "name": f"thing {number}"} for number in range(1, 5)}
    answers = {
        "/things/1": detail(1, remix_count=2, ancestors=[]),
        "/things/2": detail(2, remix_count=1, ancestors=[row[1]]),
        "/things/3": detail(3, remix_count=1, ancestors=[row[2]]),
        "/things/4": detail(4, remix_count=0, ancestors=[row[3]]),
        "/things/1/derivatives?page=1&per_page=30": [row[2]],
        "/things/1/derivatives?page=2&per_page=30": [row[3]],
        "/things/1/derivatives?page=3&per_page=30": [],
        "/things/2/derivatives?page=1&per_page=30": [row[3]],
        "/things/2/derivatives?page=2&per_page=30": [],
        "/things/3/derivatives?page=1&per_page=30": [row[4]],
        "/things/3/derivatives?page=2&per_page=30": [],
    }
    world.own = lambda path: (200, answers[path], {})

    def details_first(queue, key):
        return min(queue, key=lambda path: (path == "/things/1/derivatives?page=2&per_page=30", key(path)))

    walked = world.walk("remixes", thing=1, depth=2, direction="children", pick=details_first)

    assert sorted(set(walked.ids("thing"))) == [1, 2, 3, 4]
    assert repeated(walked.asked) == ["/things/3"]
    assert edges(walked) == {(1, 2), (2, 3), (1, 3), (3, 4)}


def test_what_hangs_off_each_node_is_asked_too(world):
    walked = world.walk("remixes", thing=1, depth=1, images="true", comments="true")

    assert walked.count("/images") == len(walked.ids("thing"))
    assert len({image.thing_id for image in walked.of("image")}) == len(walked.ids("thing"))


@pytest.mark.parametrize(("total", "linked", "asked"), [(1, 1, 3), (1, 0, 3), (0, 1, 3), (0, 0, 4)])
def test_all_pages_are_read_whatever_the_headers_tell(total, linked, asked):
    world = World()

    def own(path):
        if path == "/things/1":
            return 200, detail(1, remix_count=65, ancestors=[], is_derivative=False), {}
        if "/derivatives" not in path:
            return 404, {"error": "Thing does not exist"}, {}
        page = int(path.partition("page=")[2].partition("&")[0])
        rows = [{"id": number} for number in range(2, 67)][30 * page - 30 : 30 * page]
        headers = {"total-count": "65"} if total else {}
        if linked:
            headers["Link"] = f'<x?page={page + 1}>; rel="next"' if page < 3 else '<x>; rel="first"'
        return 200, rows, headers

    world.own = own
    walked = world.walk("remixes", thing=1, depth=1)

    assert {child for _, child in edges(walked)} == set(range(2, 67))
    assert walked.count("derivatives") == asked
    noted = walked.lists()["1", "derivatives"]
    assert (noted.stated, noted.total, noted.complete) == (65, 65 if total else None, True)


@pytest.mark.parametrize("depth", [1, 2])
def test_without_details_the_last_generation_is_what_its_rows_say(world, depth):
    roots = world.oracle.hubs(3)
    expected = world.oracle.remixes(roots, direction="children", depth=depth)
    visible = {int(n): node for n, node in expected["nodes"].items() if node["state"] == "visible"}
    inner = {thing for thing, node in visible.items() if node["distance"] < depth}

    walked = world.walk("remixes", thing=numbers(roots), direction="children", depth=depth, details="false")

    assert set(walked.ids("thing")) == set(visible)
    assert {thing.id for thing in walked.of("thing") if thing.detail} == inner
    assert edges(walked) >= {tuple(edge) for edge in expected["edges"]}
    assert walked.count("/derivatives") == len(walked.asked) - len(inner)


def test_a_leaf_that_its_row_does_not_spare_is_asked_with_the_row_at_hand(world):
    (root,) = world.oracle.hubs(1)

    walked = world.walk("remixes", thing=root, direction="children", depth=1, details="changed")

    leaves = {child for _, child in edges(walked)} - {root}
    asked = {int(path.removeprefix("/things/")) for path in walked.asked if path.count("/") == 2}
    assert leaves <= asked
    assert leaves <= {thing.id for thing in walked.of("thing") if not thing.detail}


def numbers(things) -> str:
    return ",".join(map(str, things))


@pytest.mark.parametrize(
    ("document", "headers"), [([], {"total-count": "0"}), ({"total": 0, "hits": None}, {})]
)
def test_a_list_that_holds_none_of_the_remixes_stated_says_both_numbers(document, headers):
    world = World()
    page = {"id": 40705, "name": "Hub", "remix_count": 2754, "is_derivative": False, "ancestors": []}
    world.own = lambda path: (200, document, headers) if "derivatives" in path else (200, page, {})

    walked = world.walk("remixes", thing=40705, depth=1)

    read = walked.lists()["40705", "derivatives"]
    assert (read.stated, read.total, read.received, read.complete) == (2754, 0, 0, True)
