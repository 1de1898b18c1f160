"""Lines of descent: generations, longest lineages and everything below a thing.

A cycle has no first and no last thing, so lengths are measured on the
condensation, where each cycle is one node (Tarjan 1972).
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import numpy as np

from tvspiders.extras.analytics.data.columns import Floats, Ints, distinct
from tvspiders.extras.analytics.data.graph import Adjacency, Graph, Places


class Lineage:
    """Generations of a graph whose cycles are collapsed.

    >>> lineage = Lineage(Graph.build([(1, 2), (2, 3), (1, 3), (3, 4), (4, 3)]))
    >>> lineage.generation.tolist(), lineage.below.tolist()
    ([0, 1, 2, 2], [2, 1, 0, 0])
    >>> lineage.cycles()
    [[3, 4]]
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        knots = graph.knots
        count = int(knots.max()) + 1 if len(graph) else 0
        source, target = knots[graph.source], knots[graph.target]
        between = source != target
        source, target = source[between], target[between]
        if count != len(graph) and len(source):
            pairs = distinct(source.astype(np.int64) * count + target)
            source, target = (pairs // count).astype(np.int32), (pairs % count).astype(np.int32)
        self._knots = knots
        self._down = Adjacency.of(source, target, count)
        self._up = Adjacency.of(target, source, count)
        self._sizes = np.bincount(knots, minlength=count) if count else np.empty(0, np.int64)

    @cached_property
    def _depths(self) -> Ints:
        return _levels(self._down, self._up.degrees)

    @cached_property
    def _heights(self) -> Ints:
        return _levels(self._up, self._down.degrees)

    @cached_property
    def generation(self) -> Ints:
        """Edges on the longest way down to each node from an original; 0 for originals."""
        return self._depths[self._knots]

    @cached_property
    def below(self) -> Ints:
        """Generations below each node: edges on the longest way down from it."""
        return self._heights[self._knots]

    def cycles(self) -> list[list[int]]:
        """The things of each cycle (strong component of two or more), largest first."""
        sizes = self._sizes[self._knots] if len(self.graph) else np.empty(0, np.int64)
        inside = np.flatnonzero(sizes > 1)
        order = inside[np.argsort(self._knots[inside], kind="stable")]
        cuts = np.flatnonzero(np.diff(self._knots[order])) + 1
        groups = [self.graph.ids[part].tolist() for part in np.split(order, cuts) if len(part)]
        return sorted(groups, key=lambda group: (-len(group), group))

    def longest(self) -> list[int]:
        """One longest lineage, from the original down; of a cycle only its lowest number."""
        if not len(self.graph):
            return []
        first = np.full(len(self._sizes), -1, np.int64)
        first[self._knots[::-1]] = self.graph.ids[::-1]
        deepest = np.flatnonzero(self._depths == self._depths.max())
        knot = int(deepest[np.argmin(first[deepest])])
        line = [knot]
        while self._depths[knot]:
            above = self._up.of_node(knot)
            above = above[self._depths[above] == self._depths[knot] - 1]
            knot = int(above[np.argmin(first[above])])
            line.append(knot)
        return [int(first[knot]) for knot in reversed(line)]

    @cached_property
    def most_below(self) -> Floats:
        """At most so many descendants: exact in a tree, too high where lines merge again."""
        whole = self.graph.component_sizes[self.graph.components]
        least: Floats = np.minimum(self.paths_below, whole - 1)
        return least

    @cached_property
    def paths_below(self) -> Floats:
        """Ways down from each node, counted with what they lead to: descendants as if nothing merged."""
        sizes = self._sizes.astype(np.float64)
        most = np.zeros(len(sizes))
        heights = self._heights
        order = np.argsort(heights, kind="stable")
        cuts = np.searchsorted(heights[order], np.arange(1, heights.max(initial=0) + 2))
        for start, end in pairwise(cuts.tolist()):
            nodes = order[start:end]
            below = self._down.of_nodes(nodes)
            owner = np.repeat(np.arange(len(nodes)), self._down.degrees[nodes])
            most[nodes] = np.minimum(
                np.bincount(owner, weights=sizes[below] + most[below], minlength=len(nodes)), 1e15
            )
        ways: Floats = (most + sizes - 1)[self._knots]
        return ways


def _levels(down: Adjacency, waiting: Ints) -> Ints:
    """Longest way to each node of a graph without cycles (Kahn 1962, a level at a time)."""
    waiting = waiting.copy()
    levels = np.zeros(len(waiting), np.int64)
    front = np.flatnonzero(waiting == 0)
    level = 0
    while len(front):
        level += 1
        reached, times = np.unique(down.of_nodes(front), return_counts=True)
        waiting[reached] -= times
        front = reached[waiting[reached] == 0]
        levels[front] = level
    return levels


class Walker:
    """Walks down from a thing, generation by generation, in time that depends only on what is below.

    >>> walker = Walker(Graph.build([(1, 2), (1, 3), (3, 2), (2, 1)]))
    >>> [sorted(part.tolist()) for part in walker.below(0)]
    [[1, 2]]
    """

    def __init__(self, graph: Graph) -> None:
        self._children = graph.children
        self._seen = np.zeros(len(graph), np.bool_)
        self._last = np.zeros(len(graph), np.int32)
        self.visited = 0
        """Nodes visited so far, over all walks."""

    def below(self, node: int) -> list[Places]:
        """The nodes at distance 1, 2 … (fewest steps), the start not among them."""
        seen = self._seen
        seen[node] = True
        front = np.array([node], np.int32)
        found: list[Places] = []
        while len(front):
            reached = self._children.of_nodes(front)
            reached = reached[~seen[reached]]
            if len(reached) > 1:
                places = np.arange(len(reached), dtype=np.int32)
                self._last[reached] = places
                reached = reached[self._last[reached] == places]
            seen[reached] = True
            front = reached
            if len(front):
                found.append(front)
        seen[node] = False
        for part in found:
            seen[part] = False
            self.visited += len(part)
        return found
