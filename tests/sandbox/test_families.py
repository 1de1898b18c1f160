import pytest

from tests.sandbox.sites import api_of


@pytest.fixture(scope="module", params=[100, 20_000])
def graph(request):
    return api_of(things=request.param).catalogue


def test_every_id_has_one_place_and_one_rank(graph):
    families = graph.families

    for thing in range(1, min(graph.capacity, 3000) + 1):
        assert families.thing(*families.place(thing)) == thing
        assert families.at_rank(families.rank(thing)) == thing
    ranks = {families.rank(thing) for thing in range(1, graph.capacity + 1)}
    assert ranks == set(range(graph.capacity))


def test_children_and_parents_tell_the_same_edges(graph):
    families = graph.families
    ids = range(1, graph.capacity + 1)

    down = {(thing, child) for thing in ids for child in families.children(thing)}
    up = {(parent, thing) for thing in ids for parent in families.parents(thing) if parent <= graph.capacity}

    assert down == up


def test_the_graph_has_everything_a_crawler_must_survive(graph):
    families, ids = graph.families, range(1, graph.things + 1)
    parents = {thing: families.parents(thing) for thing in ids}
    derived = [thing for thing in ids if parents[thing]]

    assert any(thing in above for thing, above in parents.items()), "a self-edge"
    assert any(p > graph.capacity for above in parents.values() for p in above), "a missing parent"
    assert any(p > thing for thing, above in parents.items() for p in above if p <= graph.things), "a cycle"
    assert 0.25 < len(derived) / len(ids) < 0.7
    states = {graph.state(p, 0).name for above in parents.values() for p in above if p <= graph.things}
    assert "DELETED" in states or graph.things == 100


def test_some_derivatives_have_several_parents(catalogue):
    families = catalogue.families
    counts = [len(families.parents(thing)) for thing in range(1, 20_001)]
    derived = [count for count in counts if count]

    assert 0.04 < sum(count > 1 for count in derived) / len(derived) < 0.09
    assert max(derived) >= 4


def test_hubs_have_hundreds_of_derivatives(catalogue):
    most = max(len(catalogue.children(thing, 0)) for thing in range(1, 2000))

    assert 200 < most < 500


@pytest.mark.parametrize("things", [100, 20_000])
def test_chains_are_over_20_deep(things):
    graph = api_of(things=things).catalogue
    depth: dict[int, int] = {}
    for thing in range(1, things + 1):
        above = [depth[p] for p in graph.families.parents(thing) if p in depth]
        depth[thing] = max(above, default=0) + 1

    assert max(depth.values()) > 20


def test_a_parent_is_older_than_its_child_but_for_the_cycles(catalogue):
    edges = [(p, t) for t in range(1, 20_001) for p in catalogue.families.parents(t) if p <= 20_000]
    backwards = [edge for edge in edges if edge[0] >= edge[1]]

    assert 0 < len(backwards) < len(edges) * 0.03


def test_what_is_remixed_much_is_liked_much(catalogue):
    children = {thing: len(catalogue.children(thing, 0)) for thing in range(1, 5001)}
    hubs = [thing for thing, count in children.items() if count > 20]
    likes = {thing: catalogue.like_count(thing, 0) for thing in children}

    assert sum(likes[t] for t in hubs) / len(hubs) > 3 * sum(likes.values()) / len(likes)
