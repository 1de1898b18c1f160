"""Influence: who is remixed, how far it reaches, and by whom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tvspiders.extras.analytics.data.columns import Flags, Floats, Ints, days_between, distinct
from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.graph import Graph, Places
from tvspiders.extras.analytics.data.lineage import Lineage, Walker
from tvspiders.extras.analytics.data.options import Options
from tvspiders.extras.analytics.data.tables import Column, Row, Section, Table, columns, number, ranked
from tvspiders.extras.analytics.measures.coverage import Coverage

YEAR = 365.25
BUDGET = 30_000_000
"""Nodes that the search for the largest families may visit."""


def most_descendants(
    lineage: Lineage, top: int, budget: int = BUDGET, wanted: Flags | None = None
) -> tuple[list[tuple[int, int]], bool]:
    """The nodes with the most descendants as (descendants, node), and whether the ranking is proven.

    Only nodes of ``wanted`` are ranked. Exact without counting all: nodes are walked from the highest upper
    bound down until no bound can beat the last of the best.
    """
    walker = Walker(lineage.graph)
    bound = lineage.most_below
    ids = lineage.graph.ids
    best: list[tuple[int, int]] = []
    floor = 0
    for node in np.lexsort((ids, -lineage.paths_below)).tolist():
        if bound[node] <= 0 or (len(best) >= top and lineage.paths_below[node] < floor):
            break
        if len(best) >= top and bound[node] < floor:
            continue
        if wanted is not None and not wanted[node]:
            continue
        if walker.visited > budget:
            return _first(best, top), False
        count = sum(len(part) for part in walker.below(node))
        best.append((count, node))
        if len(best) >= 2 * top + 50:
            best = _first(best, top)
        if len(best) >= top:
            floor = sorted(count for count, _ in best)[-top]
    return _first(best, top), True


def _most_direct(
    lineage: Lineage, remixes: Floats, stated: Floats, options: Options
) -> list[tuple[int, int]]:
    """The nodes with the most remixes observed as (descendants, node); of equal ones the most stated first.

    With a least number also those of which none was observed: these are the ones to crawl next.
    """
    graph = lineage.graph
    order = np.lexsort((graph.ids, -np.nan_to_num(stated), -graph.child_counts))
    found = order[remixes[order] >= max(options.min_remixes, 1)]
    if not options.min_remixes:
        found = found[graph.child_counts[found] > 0]
    walker = Walker(graph)
    return [(sum(len(part) for part in walker.below(node)), node) for node in found[: options.top].tolist()]


def _first(best: list[tuple[int, int]], top: int) -> list[tuple[int, int]]:
    return sorted(best, key=lambda found: (-found[0], found[1]))[:top]


def _reach(parts: list[Places], decay: float) -> float:
    """Descendants, each weighted by the decay once for each step away (decay centrality, Jackson 2008)."""
    return float(sum(decay**step * len(part) for step, part in enumerate(parts, 1)))


def remix_h_index(graph: Graph, maker: NDArray[np.int32], count: int) -> Ints:
    """For each creator the largest h such that h things have at least h direct remixes (Hirsch 2005).

    >>> graph = Graph.build([(1, 5), (1, 6), (2, 7), (2, 8), (3, 9)])
    >>> remix_h_index(graph, np.where(graph.ids < 4, 0, 1).astype(np.int32), 2).tolist()
    [2, 0]
    """
    nodes = np.flatnonzero((maker >= 0) & (graph.child_counts > 0))
    order = nodes[np.lexsort((-graph.child_counts[nodes], maker[nodes]))]
    code = maker[order]
    first = np.searchsorted(code, np.arange(count))
    place = np.arange(len(order)) - first[code] + 1
    return np.bincount(code[graph.child_counts[order] >= place], minlength=count)


def influence_section(data: Dataset, coverage: Coverage) -> Section:
    """Things by their descendants and by PageRank, creators by their remix h-index."""
    lineage = Lineage(data.graph)
    covered = f"{data.options.heading}; {coverage.line}"
    return Section(
        "influence",
        f"Influence ({data.options.heading})",
        [_things(data, lineage, covered), _creators(data, covered)],
    )


def _things(data: Dataset, lineage: Lineage, covered: str) -> Table:
    graph, things, options = data.graph, data.things, data.options
    rank = graph.pagerank()
    place = np.empty(len(graph), np.int64)
    place[np.lexsort((graph.ids, -rank))] = np.arange(1, len(graph) + 1)
    maker, added = data.makers(graph), data.published(graph)
    stated = data.values(graph, things.counts["remix_count"], np.nan)
    remixes = np.fmax(stated, graph.child_counts)
    if options.order == "direct":
        best, proven = _most_direct(lineage, remixes, stated, options), True
    else:
        best, proven = most_descendants(lineage, options.top, wanted=remixes >= options.min_remixes)
    cards = data.cards(graph.ids[node] for _, node in best)
    walker = Walker(graph)
    rows: list[Row] = []
    for count, node in best:
        parts = walker.below(node)
        below = np.concatenate(parts) if parts else np.empty(0, np.int64)
        makers = np.flatnonzero(np.bincount(maker[below] + 1)) - 1
        card = cards.get(int(graph.ids[node]), {})
        span = days_between(np.full(len(below), added[node]), added[below]) / YEAR
        rows.append(
            {
                "thing_id": int(graph.ids[node]),
                "name": card.get("name"),
                "creator": card.get("creator"),
                "direct": int(graph.child_counts[node]),
                "stated": number(stated[node]),
                "descendants": count,
                "other_creators": int(((makers >= 0) & (makers != maker[node])).sum()),
                "generations": int(lineage.below[node]),
                "years": None if np.isnan(span).all() else round(float(np.nanmax(span)), 2),
                "reach": round(_reach(parts, options.decay), 3),
                "pagerank": float(rank[node]),
                "pagerank_place": int(place[node]),
            }
        )
    wanted = columns(
        "rank",
        "thing_id",
        "name",
        "creator",
        Column("direct", "remixes observed", "things"),
        Column("stated", "stated", "things"),
        Column("descendants", "descendants", "things"),
        Column("other_creators", "other creators", "creators"),
        Column("generations", "below", "generations"),
        Column("years", "spanned", "years", 1),
        Column("reach", f"reach, decay {options.decay:g}", "things", 1),
        Column("pagerank", "PageRank", "share", 6),
        Column("pagerank_place", "by PageRank", "place", minor=True),
    )
    notes = ["observed = edges in this database; stated = the site's own remix_count: never mixed"]
    if not proven:
        notes.append("the network is too entangled to prove the ranking: it is of the most likely things")
    if options.min_remixes:
        notes.append(f"things with {options.min_remixes} remixes or more, stated or observed")
    title = "Things by descendants" if options.order == "descendants" else "Things by remixes observed"
    bars = "descendants" if options.order == "descendants" else "direct"
    return Table("things", title, wanted, ranked(rows), covered, notes, bars=bars)


def _creators(data: Dataset, covered: str) -> Table:
    graph, things = data.graph, data.things
    maker = data.makers(graph)
    count = len(things.creator_names)
    index = remix_h_index(graph, maker, count)
    known = maker >= 0
    remixed = np.bincount(maker[known], weights=graph.child_counts[known], minlength=count)
    owned = np.bincount(maker[known], minlength=count)
    source, target = maker[graph.source], maker[graph.target]
    others = (source >= 0) & (target >= 0) & (source != target)
    pairs = distinct(source[others].astype(np.int64) * max(count, 1) + target[others])
    remixers = np.bincount(pairs // max(count, 1), minlength=count)
    order = sorted(
        np.flatnonzero(remixed > 0).tolist(),
        key=lambda code: (-index[code], -remixed[code], things.creator_names[code]),
    )
    rows: list[Row] = [
        {
            "creator": things.creator_names[code],
            "h_index": int(index[code]),
            "direct": int(remixed[code]),
            "remixers": int(remixers[code]),
            "things": int(owned[code]),
        }
        for code in order[: data.options.top]
    ]
    wanted = columns(
        "rank",
        "creator",
        Column("h_index", "remix h-index", "things"),
        Column("direct", "remixes observed", "edges"),
        Column("remixers", "remixed by", "other creators"),
        "things",
    )
    note = "h-index: the largest h such that h things have at least h direct remixes each"
    return Table(
        "creators", "Creators by remix h-index", wanted, ranked(rows), covered, [note], bars="h_index"
    )
