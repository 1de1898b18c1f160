"""The remix network in arrays: edges run from parent to child, nodes are places in sorted ids.

scipy.sparse does the work: it was the fastest and the smallest of the engines
measured, and numpy keeps a million nodes in a few tens of megabytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

from tvspiders.extras.analytics.data.columns import Flags, Floats, Ints

Places = NDArray[np.int32]
"""Positions of nodes."""


@dataclass(frozen=True)
class Adjacency:
    """For each node its neighbours in one direction."""

    starts: Ints
    """Where each node's neighbours begin; one entry more than there are nodes."""
    nodes: Places
    """The neighbours, node after node."""

    @classmethod
    def of(cls, source: Places, target: Places, count: int) -> Adjacency:
        """Sort edges by their source."""
        order = np.argsort(source, kind="stable")
        starts = np.zeros(count + 1, np.int64)
        np.cumsum(np.bincount(source, minlength=count), out=starts[1:])
        return cls(starts, target[order])

    @property
    def degrees(self) -> Ints:
        """How many neighbours each node has."""
        degrees: Ints = np.diff(self.starts)
        return degrees

    def of_node(self, node: int) -> Places:
        """The neighbours of one node."""
        found: Places = self.nodes[self.starts[node] : self.starts[node + 1]]
        return found

    def of_nodes(self, nodes: NDArray[np.integer]) -> Places:
        """The neighbours of several nodes, node after node."""
        if len(nodes) == 1:
            return self.of_node(int(nodes[0]))
        starts = self.starts[nodes]
        counts = self.starts[nodes + 1] - starts
        before = np.cumsum(counts) - counts
        found: Places = self.nodes[np.repeat(starts - before, counts) + np.arange(counts.sum())]
        return found


def _number(columns: list[Ints]) -> tuple[Ints, list[Places]]:
    """The distinct values of some columns, sorted, and the place of each value of each column."""
    low = min((int(column.min()) for column in columns if len(column)), default=0)
    high = max((int(column.max()) for column in columns if len(column)), default=0)
    if high - low > 16 * sum(map(len, columns)) + 1_000_000:
        ids = np.unique(np.concatenate(columns))
        return ids, [np.searchsorted(ids, column).astype(np.int32) for column in columns]
    met = np.zeros(high - low + 1, np.bool_)
    for column in columns:
        met[column - low] = True
    places = (np.cumsum(met, dtype=np.int32) - 1).astype(np.int32)
    ids = np.flatnonzero(met) + low if any(map(len, columns)) else np.empty(0, np.int64)
    return ids, [places[column - low] for column in columns]


class Graph:
    """Nodes and edges without self-edges; those are kept aside in ``loops``.

    >>> graph = Graph.build([(1, 2), (2, 3), (3, 3), (1, 9)])
    >>> graph.ids.tolist(), graph.loops.tolist(), graph.child_counts.tolist()
    ([1, 2, 3, 9], [3], [2, 1, 0, 0])
    """

    def __init__(
        self, ids: Ints, source: Places, target: Places, loops: Ints, ends: NDArray[np.integer]
    ) -> None:
        self.ids = ids
        """Numbers of the things, sorted."""
        self.source = source
        """Place of each edge's parent."""
        self.target = target
        """Place of each edge's child."""
        self.loops = loops
        """Numbers of the things that are named as their own parent."""
        self.ends = ends
        """For each edge, which ends named it."""

    @classmethod
    def build(cls, edges: Ints | list[tuple[int, int]], extra: Ints | None = None) -> Graph:
        """From parent and child, and optionally which ends named the edge; ``extra`` are more nodes."""
        table = np.asarray(edges, np.int64)
        table = table.reshape(-1, table.shape[1] if table.ndim == 2 else 3)
        ends = table[:, 2] if table.shape[1] > 2 else np.zeros(len(table), np.int64)
        proper = table[:, 0] != table[:, 1]
        loops = np.unique(table[~proper, 0])
        columns = [table[:, 0], table[:, 1]] + ([] if extra is None else [extra])
        ids, (source, target, *_) = _number(columns)
        return cls(ids, source[proper], target[proper], loops, ends[proper].astype(np.int8))

    def __len__(self) -> int:
        return len(self.ids)

    def place(self, thing_id: int) -> int | None:
        """Where a thing is, ``None`` when it is not in the graph."""
        found = int(np.searchsorted(self.ids, thing_id))
        return found if found < len(self.ids) and self.ids[found] == thing_id else None

    def without(self, nodes: Flags, edges: Flags) -> Graph:
        """The graph with some nodes, and some edges, left out."""
        keep = ~nodes
        places = (np.cumsum(keep) - 1).astype(np.int32)
        stays = keep[self.source] & keep[self.target] & ~edges
        loops = self.loops[keep[np.searchsorted(self.ids, self.loops)]]
        return Graph(
            self.ids[keep],
            places[self.source[stays]],
            places[self.target[stays]],
            loops,
            self.ends[stays],
        )

    @cached_property
    def children(self) -> Adjacency:
        """From parents to children."""
        return Adjacency.of(self.source, self.target, len(self))

    @cached_property
    def parents(self) -> Adjacency:
        """From children to parents."""
        return Adjacency.of(self.target, self.source, len(self))

    @cached_property
    def child_counts(self) -> Ints:
        """Direct remixes of each node, itself not counted."""
        return np.bincount(self.source, minlength=len(self))

    @cached_property
    def parent_counts(self) -> Ints:
        """Direct parents of each node, itself not counted."""
        return np.bincount(self.target, minlength=len(self))

    @cached_property
    def components(self) -> Places:
        """Number of the weak component of each node."""
        found: Places = connected_components(self._matrix(), directed=False)[1]
        return found

    @cached_property
    def component_sizes(self) -> Ints:
        """Nodes in each weak component."""
        return np.bincount(self.components) if len(self) else np.empty(0, np.int64)

    @cached_property
    def knots(self) -> Places:
        """Number of the strong component of each node: equal for the nodes of one cycle."""
        found: Places = connected_components(self._matrix(), directed=True, connection="strong")[1]
        return found

    def _matrix(self) -> csr_array:
        shape = (len(self), len(self))
        return csr_array((np.ones(len(self.source), np.int8), (self.source, self.target)), shape=shape)

    def pagerank(self, damping: float = 0.85, tolerance: float = 1e-10, rounds: int = 200) -> Floats:
        """PageRank on reversed edges: a remix passes its rank on to its parents (Page et al. 1999)."""
        count = len(self)
        if not count:
            return np.empty(0)
        share = 1.0 / np.maximum(self.parent_counts, 1)
        votes = csr_array((share[self.target], (self.source, self.target)), shape=(count, count))
        original = self.parent_counts == 0
        rank = np.full(count, 1.0 / count)
        for _ in range(rounds):
            lost = rank[original].sum()
            following = damping * (votes @ rank + lost / count) + (1.0 - damping) / count
            moved = np.abs(following - rank).sum()
            rank = following
            if moved < tolerance:
                break
        return rank
