"""Creators: what was crawled beside what the profile states, and who remixes whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tvspiders.errors import UsageProblem
from tvspiders.extras.analytics.data.columns import Floats, Ints
from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.tables import (
    MEASURES,
    Column,
    Row,
    Section,
    Table,
    columns,
    measure,
    number,
    ranked,
    share,
    total,
)
from tvspiders.extras.analytics.measures.coverage import Coverage
from tvspiders.extras.analytics.measures.influence import remix_h_index
from tvspiders.storage.queries.labels import profiles
from tvspiders.storage.tables import creators

MONTH = 365.25 / 12
"""Days."""


@dataclass
class Ties:
    """Who remixes whom, each pair of different creators once, with the number of edges."""

    remixed: Ints
    """Code of the creator of the parent."""
    remixer: Ints
    """Code of the creator of the child."""
    edges: Ints

    @classmethod
    def of(cls, data: Dataset) -> Ties:
        """Gather the edges between things of different known creators."""
        graph = data.graph
        maker = data.makers(graph).astype(np.int64)
        above, below = maker[graph.source], maker[graph.target]
        other = (above >= 0) & (below >= 0) & (above != below)
        count = max(len(data.things.creator_names), 1)
        pairs, edges = np.unique(above[other] * count + below[other], return_counts=True)
        return cls(pairs // count, pairs % count, edges)

    def mutual(self, count: int) -> Any:
        """For each pair, whether the other direction exists too."""
        there = self.remixed * count + self.remixer
        back = self.remixer * count + self.remixed
        if not len(there):
            return np.empty(0, np.bool_)
        return there[np.minimum(np.searchsorted(there, back), len(there) - 1)] == back


def creators_section(data: Dataset, coverage: Coverage) -> Section:
    """The creators with the most downloads, the network among all, and one profile when asked for."""
    ties = Ties.of(data)
    tables = [_totals(data, ties, coverage), _network(data, ties, coverage)]
    if data.options.creator is not None:
        tables += _profile(data, ties, coverage, find_creator(data, data.options.creator))
    return Section("creators", f"Creators ({data.options.heading})", tables)


def find_creator(data: Dataset, name: str) -> int:
    """Code of a creator by login name, whatever its case, or by pseudonym.

    Raises ``UsageProblem`` when not stored.
    """
    owners = set(data.things.creator.tolist())
    for names in (data.things.logins, data.things.creator_names):
        for code, known in enumerate(names):
            if known.lower() == name.lower() and code in owners:
                return code
    raise UsageProblem(
        f"--creator {name!r} has no thing in this database; "
        "fetch it with: scrapy crawl users -a username=NAME"
    )


def _stated(data: Dataset, codes: list[int]) -> dict[int, Any]:
    labels = data.things.creators.labels
    ids = [label for code in codes if isinstance(label := labels[code], int)]
    names = [data.things.logins[code] for code in codes]
    found = profiles(data.connection, ids, names, data.options.as_of)
    pseudonyms = data.options.pseudonyms
    masked = [row if pseudonyms is None else pseudonyms.row(creators, dict(row)) for row in found]
    by_id = {row["id"]: shown for row, shown in zip(found, masked, strict=True) if row["id"] is not None}
    by_name = {row["username"]: shown for row, shown in zip(found, masked, strict=True)}
    return {code: by_id.get(labels[code]) or by_name.get(data.things.logins[code]) or {} for code in codes}


def _sum(data: Dataset, count: str, size: int) -> Any:
    """What is known of a count by creator; NaN for one of whom nothing is."""
    things = data.things
    known = (things.creator >= 0) & ~np.isnan(things.counts[count])
    codes = things.creator[known]
    sums = np.bincount(codes, weights=things.counts[count][known], minlength=size)
    return np.where(np.bincount(codes, minlength=size) > 0, sums, np.nan)


def _totals(data: Dataset, ties: Ties, coverage: Coverage) -> Table:
    things = data.things
    size = len(things.creator_names)
    owned = np.bincount(things.creator[things.creator >= 0], minlength=size)
    sums = {name: _sum(data, f"{name[:-1]}_count", size) for name in ("downloads", "likes", "makes")}
    remixers = np.bincount(ties.remixed, minlength=size)
    remixed = np.bincount(ties.remixer, minlength=size)
    mutual = np.bincount(ties.remixer[ties.mutual(max(size, 1))], minlength=size)
    index = remix_h_index(data.graph, data.makers(data.graph), size)
    best = np.nan_to_num(sums["downloads"], nan=-1.0)
    owners = np.flatnonzero(owned).tolist()
    ranking = sorted(owners, key=lambda code: (-best[code], -owned[code], things.creator_names[code]))
    codes = ranking[: data.options.top]
    stated = _stated(data, codes)
    rows: list[Row] = [
        {
            "creator": things.creator_names[code],
            "things": int(owned[code]),
            "things_stated": stated[code].get("thing_count"),
            "downloads": number(sums["downloads"][code]),
            "likes": number(sums["likes"][code]),
            "makes": number(sums["makes"][code]),
            "h_index": int(index[code]),
            "remixed_by": int(remixers[code]),
            "remixes": int(remixed[code]),
            "reciprocity": share(int(mutual[code]), int(remixed[code])),
            "followers_stated": stated[code].get("follower_count"),
        }
        for code in codes
    ]
    wanted = columns(
        "rank",
        "creator",
        "things",
        Column("things_stated", "stated by the profile", "things"),
        "downloads",
        "likes",
        "makes",
        Column("h_index", "remix h-index", "things"),
        Column("remixed_by", "remixed by", "creators"),
        Column("remixes", "remixes", "creators"),
        Column("reciprocity", "remixed back", "%", 1),
        Column("followers_stated", "stated followers", "users"),
    )
    known = int((things.creator >= 0).sum())
    covered = (
        f"{known} of {len(things.ids)} stored things name their creator, "
        f"{coverage.known('download_count')}; {coverage.line}"
    )
    notes = ["sums over the things in this database; stated = what the profile says: never mixed"]
    return Table("totals", "Creators by downloads", wanted, ranked(rows), covered, notes, bars="downloads")


def _network(data: Dataset, ties: Ties, coverage: Coverage) -> Table:
    size = max(len(data.things.creator_names), 1)
    mutual = int(ties.mutual(size).sum())
    maker = data.makers(data.graph)
    above, below = maker[data.graph.source], maker[data.graph.target]
    known = (above >= 0) & (below >= 0)
    own = int((known & (above == below)).sum())
    rows = [
        measure("edges", "edges whose two creators are known", int(known.sum()), "edges"),
        measure("own", "of these remixes of own things", own, "edges"),
        measure("own_share", "share of remixes of own things", share(own, int(known.sum())), "%"),
        measure("ties", "ties: who remixes whom, each pair once", len(ties.edges), "ties"),
        measure("mutual", "ties that run both ways", mutual, "ties"),
        measure("reciprocity", "reciprocity: mutual ties / ties", share(mutual, len(ties.edges)), "%"),
    ]
    covered = (
        f"both creators known for {int(known.sum())} of {len(above)} edges ({data.options.heading}); "
        f"{coverage.line}"
    )
    return Table("network", "Who remixes whom", MEASURES, rows, covered)


def _profile(data: Dataset, ties: Ties, coverage: Coverage, code: int) -> list[Table]:
    things = data.things
    mine = np.flatnonzero(things.creator == code)
    stated = _stated(data, [code])[code]
    name = things.creator_names[code]
    counts = {key: things.counts[f"{key[:-1]}_count"][mine] for key in ("downloads", "likes", "makes")}
    partners = set(ties.remixed[ties.remixer == code].tolist())
    back = set(ties.remixer[ties.remixed == code].tolist())
    index = remix_h_index(data.graph, data.makers(data.graph), len(things.creator_names))
    rows = [
        measure("things", "things crawled", len(mine), "things"),
        measure("things_stated", "things stated by the profile", stated.get("thing_count"), "things"),
        *(measure(key, f"{key} of these things", total(values), key) for key, values in counts.items()),
        measure(
            "remixes_received",
            "remixes of these things, stated",
            total(things.counts["remix_count"][mine]),
            "things",
        ),
        measure("mean_downloads", "mean downloads of a thing", _mean(counts["downloads"]), "downloads"),
        measure("uploads_per_month", "uploads", _uploads_per_month(data, mine), "things a month"),
        measure("followers_stated", "followers stated by the profile", stated.get("follower_count"), "users"),
        measure(
            "following_stated",
            "users they follow, stated by the profile",
            stated.get("following_count"),
            "users",
        ),
        measure("skill_level", "skill level stated by the profile", stated.get("skill_level")),
        measure("url", "address", stated.get("url")),
        measure("makes_stated", "own makes stated by the profile", stated.get("make_count"), "makes"),
        measure("registered", "registered", stated.get("registered")),
        measure("h_index", "remix h-index", int(index[code]), "things"),
        measure("remixes", "creators they remix", len(partners), "creators"),
        measure("remixed_by", "creators who remix them", len(back), "creators"),
        measure(
            "reciprocity",
            "of the creators they remix, remix back",
            share(len(partners & back), len(partners)),
            "%",
        ),
    ]
    expected = stated.get("thing_count")
    expected = "an unknown number of" if expected is None else expected
    covered = f"{len(mine)} of {expected} things crawled; {coverage.line}"
    order = mine[np.lexsort((things.ids[mine], -np.nan_to_num(things.counts["download_count"][mine])))]
    best = order[: data.options.top]
    cards = data.cards(things.ids[best])
    children = data.graph.child_counts
    top_rows: list[Row] = []
    for row in best.tolist():
        thing_id = int(things.ids[row])
        place = data.graph.place(thing_id)
        top_rows.append(
            {
                "thing_id": thing_id,
                "name": cards[thing_id]["name"],
                "url": cards[thing_id]["url"],
                "downloads": number(things.counts["download_count"][row]),
                "likes": number(things.counts["like_count"][row]),
                "makes": number(things.counts["make_count"][row]),
                "direct": None if place is None else int(children[place]),
                "stated": number(things.counts["remix_count"][row]),
            }
        )
    wanted = columns(
        "rank",
        "thing_id",
        "name",
        Column("url", "address", minor=True),
        "downloads",
        "likes",
        "makes",
        Column("direct", "direct remixes observed", "things"),
        Column("stated", "stated by the site", "things"),
    )
    return [
        Table("profile", f"Profile of {name}", MEASURES, rows, covered),
        Table("top_things", f"Top things of {name}", wanted, ranked(top_rows), covered, bars="downloads"),
        _partners(
            data, "remixes_whom", f"Whom {name} remixes", ties.remixed, ties, ties.remixer == code, covered
        ),
        _partners(
            data, "remixed_by", f"Who remixes {name}", ties.remixer, ties, ties.remixed == code, covered
        ),
    ]


def _mean(values: Floats) -> int | float | None:
    known = values[~np.isnan(values)]
    return number(known.mean()) if len(known) else None


def _uploads_per_month(data: Dataset, mine: Ints) -> float | None:
    """Things published a month, from the first one until these things were last seen; a month at least."""
    things = data.things
    added, seen = things.added[mine], np.fmax(things.first_seen[mine], things.detail_scraped[mine])
    dated, known = added[~np.isnat(added)], seen[~np.isnat(seen)]
    if not len(dated) or not len(known):
        return None
    days = (known.max() - dated.min()) / np.timedelta64(1, "D")
    return round(len(dated) / max(float(days) / MONTH, 1.0), 2)


def _partners(data: Dataset, key: str, title: str, who: Ints, ties: Ties, chosen: Any, covered: str) -> Table:
    names = data.things.creator_names
    mutual = ties.mutual(max(len(names), 1))
    found = [
        {"creator": names[who[n]], "edges": int(ties.edges[n]), "mutual": bool(mutual[n])}
        for n in np.flatnonzero(chosen).tolist()
    ]
    found.sort(key=lambda row: (-int(row["edges"]), str(row["creator"])))
    wanted = columns("rank", "creator", Column("edges", "edges", "edges"), Column("mutual", "both ways"))
    return Table(key, title, wanted, ranked(found[: data.options.top]), covered)
