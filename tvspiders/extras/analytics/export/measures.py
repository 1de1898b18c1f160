"""Measures of a part of the network, for the terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

import tvspiders
from tvspiders.extras.analytics.data.selection import Selection
from tvspiders.extras.analytics.data.tables import (
    MEASURES,
    PSEUDONYMS,
    Column,
    Report,
    Row,
    Section,
    Table,
    columns,
    measure,
    ranked,
)
from tvspiders.extras.analytics.measures.coverage import Coverage


def measures(selection: Selection) -> Report:
    """Sizes, degrees, depth and the things with the highest PageRank."""
    graph, data = selection.graph, selection.data
    coverage = Coverage(data)
    covered = f"{data.options.heading}; {coverage.line}"
    lineage = selection.lineage
    rank = graph.pagerank()
    rows = [
        measure("nodes", "things", len(graph), "things"),
        measure("edges", "edges", len(graph.source), "edges"),
        measure("self_edges", "self-edges", len(graph.loops), "edges"),
        measure("components", "weak components", len(graph.component_sizes), "components"),
        measure(
            "largest_component", "largest component", int(graph.component_sizes.max(initial=0)), "things"
        ),
        measure("roots", "originals: no parent", int((graph.parent_counts == 0).sum()), "things"),
        measure("merges", "merges: two parents or more", int((graph.parent_counts > 1).sum()), "things"),
        measure("most_children", "most direct remixes", int(graph.child_counts.max(initial=0)), "things"),
        measure("most_parents", "most direct parents", int(graph.parent_counts.max(initial=0)), "things"),
        measure("cycles", "cycles", len(lineage.cycles()), "cycles"),
        measure("depth", "longest lineage", int(lineage.generation.max(initial=0)), "generations"),
    ]
    best = np.lexsort((graph.ids, -rank))[: data.options.top]
    attributes = dict(selection.nodes_at(best))
    top: list[Row] = [
        {
            "thing_id": int(graph.ids[place]),
            "name": attributes[int(graph.ids[place])]["label"],
            "creator": attributes[int(graph.ids[place])]["creator"],
            "pagerank": float(rank[place]),
            "children": int(graph.child_counts[place]),
            "parents": int(graph.parent_counts[place]),
            "generation": int(lineage.generation[place]),
        }
        for place in best.tolist()
    ]
    wanted = columns(
        "rank",
        "thing_id",
        "name",
        "creator",
        Column("pagerank", "PageRank", "share", 6),
        Column("children", "remixes observed", "things"),
        Column("parents", "parents", "things"),
        Column("generation", "generation"),
    )
    facts = {
        "program": f"tvspiders {tvspiders.__version__}",
        "generated_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "as_of": data.options.as_of_given,
        "as_of_note": "rows first seen later are left out",
    }
    if data.options.pseudonyms is not None:
        facts["pseudonyms"] = PSEUDONYMS
    section = Section(
        "graph",
        f"Network ({data.options.heading})",
        [
            Table("shape", "Shape", MEASURES, rows, covered),
            Table("pagerank", "Highest PageRank (edges reversed)", wanted, ranked(top), covered),
        ],
    )
    return Report(facts, coverage.line, [section])
