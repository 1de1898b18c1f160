"""Licences, and remixes whose licence seems not to fit their parent's: worth a look, never a verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.tables import Column, Row, Section, Table, columns, ranked, share
from tvspiders.extras.analytics.measures.coverage import Coverage

NO_DERIVATIVES, SHARE_ALIKE_DROPPED, NON_COMMERCIAL_DROPPED = (
    "no-derivatives parent",
    "share-alike dropped",
    "non-commercial dropped",
)
"""Why an edge needs a look."""


@dataclass(frozen=True)
class Terms:
    """What a licence's text says."""

    no_derivatives: bool
    share_alike: bool
    non_commercial: bool
    reserved: bool
    """All rights reserved: it grants nothing."""


def read_terms(text: str) -> Terms:
    """Read the conditions out of a licence as the site words it.

    >>> read_terms("Creative Commons - Attribution - Non-Commercial - Share Alike")
    Terms(no_derivatives=False, share_alike=True, non_commercial=True, reserved=False)
    """
    words = " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    codes = set(words.split())
    reserved = "all rights reserved" in words
    return Terms(
        no_derivatives=reserved or "no deriv" in words or "noderiv" in words or "nd" in codes,
        share_alike="share alike" in words or "sharealike" in words or bool(codes & {"sa", "gpl", "agpl"}),
        non_commercial="non commercial" in words or "noncommercial" in words or "nc" in codes,
        reserved=reserved,
    )


def reasons(parent: Terms, child: Terms) -> tuple[str, ...]:
    """Why a remix under ``child`` of a thing under ``parent`` needs a look."""
    found = []
    if parent.no_derivatives:
        found.append(NO_DERIVATIVES)
    if parent.share_alike and not child.share_alike:
        found.append(SHARE_ALIKE_DROPPED)
    if parent.non_commercial and not (child.non_commercial or child.reserved):
        found.append(NON_COMMERCIAL_DROPPED)
    return tuple(found)


def licences_section(data: Dataset, coverage: Coverage) -> Section:
    """How licences are spread, and the edges that need a look."""
    things = data.things
    known = things.license >= 0
    counts = np.bincount(things.license[known], minlength=len(things.licenses))
    total = int(known.sum())
    order = sorted(range(len(counts)), key=lambda code: (-counts[code], things.licenses[code]))
    spread: list[Row] = [
        {"license": things.licenses[code], "things": int(counts[code]), "share": share(counts[code], total)}
        for code in order
        if counts[code]
    ]
    covered = f"{total} of {len(things.ids)} stored things state a licence; {coverage.nodes_line}"
    shown = columns("rank", "license", "things", Column("share", "share", "%", 1))
    return Section(
        "licences",
        "Licences",
        [
            Table("distribution", "Distribution of licences", shown, ranked(spread), covered, bars="things"),
            *_look(data, coverage),
        ],
    )


def _look(data: Dataset, coverage: Coverage) -> list[Table]:
    graph, things = data.graph, data.things
    code = data.values(graph, things.license, -1)
    parent, child = code[graph.source], code[graph.target]
    known = np.flatnonzero((parent >= 0) & (child >= 0))
    terms = [read_terms(text) for text in things.licenses]
    kinds = max(len(terms), 1)
    combined = parent[known].astype(np.int64) * kinds + child[known]
    tally = {NO_DERIVATIVES: 0, SHARE_ALIKE_DROPPED: 0, NON_COMMERCIAL_DROPPED: 0}
    why: dict[int, tuple[str, ...]] = {}
    for pair, times in zip(*np.unique(combined, return_counts=True), strict=True):
        found = reasons(terms[pair // kinds], terms[pair % kinds])
        if found:
            why[int(pair)] = found
            for reason in found:
                tally[reason] += int(times)
    hits = known[np.isin(combined, list(why))]
    order = hits[np.lexsort((graph.ids[graph.target[hits]], graph.ids[graph.source[hits]]))]
    rows: list[Row] = []
    for edge in order[: data.options.top].tolist():
        pair = int(parent[edge]) * kinds + int(child[edge])
        rows.append(
            {
                "parent_id": int(graph.ids[graph.source[edge]]),
                "parent_license": things.licenses[parent[edge]],
                "child_id": int(graph.ids[graph.target[edge]]),
                "child_license": things.licenses[child[edge]],
                "look_at": ", ".join(why[pair]),
            }
        )
    covered = (
        f"both licences known for {len(known)} of {len(graph.source)} edges ({data.options.heading}); "
        f"{coverage.line}"
    )
    notes = [
        "needs a look, never a verdict: texts are compared as stated today; dual licences, permissions "
        "and changes since are not seen",
        f"{len(hits)} edges in all",
    ]
    summary = [
        {"look_at": reason, "edges": times, "share": share(times, len(known))}
        for reason, times in tally.items()
    ]
    return [
        Table(
            "needs_a_look",
            "Licence pairs that need a look",
            columns(
                Column("look_at", "reason"),
                Column("edges", "edges", "edges"),
                Column("share", "share", "%", 1),
            ),
            summary,
            covered,
            notes[:1],
        ),
        Table(
            "edges",
            "Edges that need a look",
            columns(
                Column("parent_id", "parent"),
                Column("parent_license", "parent's licence"),
                Column("child_id", "child"),
                Column("child_license", "child's licence"),
                Column("look_at", "reason"),
            ),
            rows,
            covered,
            notes,
        ),
    ]
