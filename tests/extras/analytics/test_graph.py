"""Every measure of the graph against networkx, on graphs with cycles, merges, self-edges and islands."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tvspiders.extras.analytics.data.graph import Graph
from tvspiders.extras.analytics.data.lineage import Lineage, Walker
from tvspiders.extras.analytics.measures.influence import most_descendants, remix_h_index

edge_lists = st.sets(st.tuples(st.integers(1, 14), st.integers(1, 14)), min_size=1, max_size=40)


def both(pairs: set[tuple[int, int]]) -> tuple[Graph, nx.DiGraph]:
    theirs = nx.DiGraph(sorted(pairs))
    theirs.remove_edges_from(list(nx.selfloop_edges(theirs)))
    return Graph.build(sorted(pairs)), theirs


@settings(max_examples=60, deadline=None)
@given(edge_lists)
def test_sizes_and_components_agree_with_networkx(pairs):
    ours, theirs = both(pairs)

    assert ours.ids.tolist() == sorted(theirs)
    assert dict(zip(ours.ids.tolist(), ours.child_counts.tolist(), strict=True)) == dict(theirs.out_degree())
    assert dict(zip(ours.ids.tolist(), ours.parent_counts.tolist(), strict=True)) == dict(theirs.in_degree())
    assert sorted(ours.component_sizes.tolist()) == sorted(map(len, nx.weakly_connected_components(theirs)))
    assert ours.loops.tolist() == sorted({a for a, b in pairs if a == b})


@settings(max_examples=60, deadline=None)
@given(edge_lists)
def test_generations_agree_with_the_condensation_of_networkx(pairs):
    ours, theirs = both(pairs)
    lineage = Lineage(ours)
    collapsed = nx.condensation(theirs)
    depth = dict.fromkeys(collapsed, 0)
    for knot in nx.topological_sort(collapsed):
        for after in collapsed.successors(knot):
            depth[after] = max(depth[after], depth[knot] + 1)
    mapping = collapsed.graph["mapping"]

    assert lineage.generation.tolist() == [depth[mapping[thing]] for thing in sorted(theirs)]
    assert lineage.below.max() == nx.dag_longest_path_length(collapsed)
    line = lineage.longest()
    assert len(line) - 1 == nx.dag_longest_path_length(collapsed)
    assert [depth[mapping[thing]] for thing in line] == list(range(len(line)))
    knots = [sorted(knot) for knot in nx.strongly_connected_components(theirs) if len(knot) > 1]
    assert sorted(lineage.cycles()) == sorted(knots)


@settings(max_examples=60, deadline=None)
@given(edge_lists)
def test_descendants_agree_with_networkx(pairs):
    ours, theirs = both(pairs)
    lineage, walker = Lineage(ours), Walker(ours)
    counts = {thing: len(nx.descendants(theirs, thing)) for thing in theirs}

    for place, thing in enumerate(ours.ids.tolist()):
        steps = walker.below(place)
        far = nx.single_source_shortest_path_length(theirs, thing)
        assert [sorted(ours.ids[part].tolist()) for part in steps] == [
            sorted(node for node in far if far[node] == step) for step in range(1, max(far.values()) + 1)
        ]
        assert lineage.most_below[place] >= counts[thing]
    best, proven = most_descendants(lineage, 5)
    assert proven
    assert [count for count, _ in best] == sorted((c for c in counts.values() if c), reverse=True)[:5]


@settings(max_examples=30, deadline=None)
@given(edge_lists)
def test_pagerank_agrees_with_networkx_on_reversed_edges(pairs):
    ours, theirs = both(pairs)
    expected = nx.pagerank(theirs.reverse(), tol=1e-12, max_iter=1000)

    assert ours.pagerank(tolerance=1e-13, rounds=1000) == pytest.approx(
        [expected[n] for n in sorted(theirs)], abs=1e-9
    )


def test_a_search_that_is_cut_short_says_so():
    rng = np.random.default_rng(3)
    child = np.arange(1, 400)
    pairs = {(int(a), int(b)) for a, b in zip((child * rng.random(399)).astype(int), child, strict=True)}

    found, proven = most_descendants(Lineage(Graph.build(sorted(pairs))), 5, budget=10)

    assert found
    assert not proven


def test_a_lineage_deeper_than_the_stack_is_measured():
    graph = Graph.build([(n, n + 1) for n in range(1, 5000)])

    assert Lineage(graph).longest() == list(range(1, 5001))


def test_the_h_index_is_that_of_its_definition():
    rng = np.random.default_rng(5)
    graph = Graph.build([(int(a), int(b)) for a, b in rng.integers(1, 60, (300, 2))])
    maker = rng.integers(-1, 6, len(graph)).astype(np.int32)

    found = remix_h_index(graph, maker, 6)

    for code in range(6):
        counts = sorted(graph.child_counts[maker == code].tolist(), reverse=True)
        assert found[code] == sum(count >= place for place, count in enumerate(counts, 1))
