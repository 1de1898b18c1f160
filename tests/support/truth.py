"""Is everything there, and once? The database and the feed against the sandbox's oracle."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tvspiders.sandbox.oracle import Oracle
from tvspiders.storage.database.url import parse_url

PER_PAGE = 30
COLUMNS = ("name", "creator", "license", "download_count", "like_count", "make_count", "remix_count")


@dataclass(frozen=True)
class Truth:
    """What one crawl brings when nothing goes wrong."""

    things: dict[int, dict[str, Any]]
    missing: frozenset[int]
    """Gone or hidden: they get a tombstone."""
    edges: frozenset[tuple[int, int]]
    requests: int
    from_parents: frozenset[tuple[int, int]] = frozenset()
    """Edges that lists of remixes name; those that the children name are :attr:`from_children`."""
    tables: dict[str, Collection[tuple[Any, ...]]] = field(default_factory=dict)
    """Rows of other tables, by :data:`OTHERS`."""
    people: frozenset[str] = frozenset()
    """Users who are stored whether or not they made one of the things."""

    @classmethod
    def of_search(cls, oracle: Oracle, query: str, pages: int) -> Truth:
        found = oracle.search(query, limit=pages * PER_PAGE)
        return cls._of_list(oracle, found, pages)

    @classmethod
    def of_category(cls, oracle: Oracle, slug: str, pages: int) -> Truth:
        found = oracle.category(slug, limit=pages * PER_PAGE)
        return cls._of_list(oracle, found, pages, {"thing_categories": {(n, slug) for n in found["ids"]}})

    @classmethod
    def of_user(cls, oracle: Oracle, name: str) -> Truth:
        """With things, makes, likes and collections, and the things in these."""
        user = oracle.user(name)
        members = {number: oracle.collected(number) for number in user["collections"]}
        lists = [user["things"], user["makes"], user["likes"], user["collections"], *members.values()]
        met = {
            *user["things"],
            *user["made_things"],
            *user["likes"],
            *(n for m in members.values() for n in m),
        }
        return cls(
            {thing["id"]: thing for thing in oracle.things(met)},
            frozenset(),
            frozenset((parent, thing["id"]) for thing in oracle.things(met) for parent in thing["ancestors"]),
            1 + sum(_pages(found) for found in lists) + len(met),
            tables={
                "likes": {(user["id"], thing) for thing in user["likes"]},
                "makes": {(make,) for make in user["makes"]},
                "collections": {(number,) for number in user["collections"]},
                "collection_members": {(c, thing) for c, found in members.items() for thing in found},
            },
            people=frozenset({name}),
        )

    @classmethod
    def of_remixes(cls, oracle: Oracle, roots: Iterable[int]) -> Truth:
        """Both ways, to the ends of the families."""
        nodes = oracle.remixes(roots)["nodes"]
        visible = [int(number) for number, node in nodes.items() if node["state"] == "visible"]
        things = {thing["id"]: thing for thing in oracle.things(visible)}
        children = {number: oracle.remixes([number], direction="children", depth=0) for number in visible}
        named = {
            number: [tuple(e) for e in found["edges"] + found["beyond"]] for number, found in children.items()
        }
        down = {edge for edges in named.values() for edge in edges}
        up = {(parent, number) for number, thing in things.items() for parent in thing["ancestors"]}
        return cls(
            things,
            frozenset(int(number) for number in nodes) - things.keys(),
            frozenset(down | up),
            len(nodes) + sum(_pages(edges) for edges in named.values() if edges),
            from_parents=frozenset(down),
        )

    @classmethod
    def _of_list(
        cls, oracle: Oracle, found: dict[str, Any], pages: int, tables: dict[str, Any] | None = None
    ) -> Truth:
        return cls(
            {thing["id"]: thing for thing in oracle.things(found["visible"])},
            frozenset(found["gone"] + found["hidden"]),
            frozenset((parent, child) for parent, child in found["edges"]),
            pages + len(found["ids"]),
            tables=tables or {},
        )

    @property
    def from_children(self) -> set[tuple[int, int]]:
        return {(parent, number) for number, thing in self.things.items() for parent in thing["ancestors"]}

    @property
    def creators(self) -> set[str]:
        made = {thing["creator"] for thing in self.things.values() if thing["creator"] is not None}
        return made | self.people


OTHERS = {
    "thing_categories": "thing_id, category_slug",
    "likes": "user_id, thing_id",
    "makes": "id",
    "collections": "id",
    "collection_members": "collection_id, thing_id",
}
"""Tables that only some spiders fill, and their keys."""


def _pages(rows: Sequence[Any]) -> int:
    """Pages of a list; an empty one is asked for all the same."""
    return max(1, -(-len(rows) // PER_PAGE))


def flaws_of_database(url: str, truth: Truth, rounds: int = 1) -> list[str]:
    """What is lost, doubled or wrong; empty when the identity holds."""
    engine = create_engine(parse_url(url), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return list(_flaws(connection, truth, rounds))
    except DBAPIError as error:
        return [f"the database cannot be read: {error.orig}"]


def _flaws(connection: Connection, truth: Truth, rounds: int) -> Iterable[str]:
    def rows(query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in connection.execute(text(query))]

    if connection.dialect.name == "sqlite":
        checked = rows("PRAGMA integrity_check")
        if checked != [("ok",)]:
            yield f"integrity_check: {checked[:3]}"
    of_things = f"SELECT id, {', '.join(COLUMNS)} FROM things WHERE last_scraped IS NOT NULL"
    stored = {row[0]: row[1:] for row in rows(of_things)}
    yield from _compare("things", stored, truth.things)
    for number in stored.keys() & truth.things.keys():
        wanted = tuple(truth.things[number][name] for name in COLUMNS)
        if stored[number] != wanted:
            yield f"thing {number} is stored as {stored[number]}, not {wanted}"
    yield from _compare("tombstones", [int(row[0]) for row in rows(_TOMBSTONES)], truth.missing)
    yield from _compare("edges", rows("SELECT parent_id, child_id FROM remix_edges"), truth.edges)
    yield from _compare("snapshots", [row[0] for row in rows(_SNAPSHOTS)], truth.things)
    told = {row[0] for row in rows("SELECT creator FROM things WHERE last_scraped IS NULL")} - {None}
    people = [row[0] for row in rows("SELECT username FROM creators")]
    yield from _compare("creators", people, truth.creators | told)
    for table, keys in OTHERS.items():
        yield from _compare(table, rows(f"SELECT {keys} FROM {table}"), truth.tables.get(table, ()))
    states = dict(rows("SELECT state, count(*) FROM requests GROUP BY state"))
    expected = {"done": rounds * (truth.requests - len(truth.missing)), "gone": rounds * len(truth.missing)}
    if states != {state: number for state, number in expected.items() if number}:
        yield f"requests are {states}, not {expected}"
    answered = rows("SELECT request_id FROM answers WHERE refused IS NULL")
    if len(answered) != len(set(answered)) or len(answered) != rounds * truth.requests:
        yield f"{len(answered)} answers for {len(set(answered))} of {rounds * truth.requests} requests"
    verdicts = [row[0] for row in rows("SELECT verdict FROM crawls ORDER BY round")]
    if verdicts != ["complete"] * rounds:
        yield f"verdicts are {verdicts}"


_TOMBSTONES = "SELECT subject_id FROM tombstones WHERE subject = 'thing' AND reappeared_at IS NULL"
_SNAPSHOTS = "SELECT thing_id FROM download_snapshots"


def _compare(what: str, got: Iterable[Any], wanted: Iterable[Any]) -> Iterable[str]:
    counted, expected = Counter(list(got)), set(wanted)
    lost, foreign = expected - counted.keys(), counted.keys() - expected
    doubled = sum(number - 1 for number in counted.values())
    for number, how in ((len(lost), "lost"), (len(foreign), "foreign"), (doubled, "doubled")):
        if number:
            yield f"{number} {what} {how}"


def flaws_of_feeds(paths: Sequence[Path], truth: Truth, whole: bool = True) -> list[str]:
    """What the feeds of one crawl, together, lack or hold twice; ``whole`` false: they may lack some."""
    flaws: list[str] = []
    found: dict[str, list[Any]] = {"thing": [], "edge": [], "creator": [], "tombstone": []}
    for path in paths:
        content = path.read_bytes() if path.exists() else b""
        if content and not content.endswith(b"\n"):
            flaws.append(f"{path.name} ends in the middle of a line")
        for number, line in enumerate(content.split(b"\n")[:-1], 1):
            try:
                item = json.loads(line)
            except ValueError:
                flaws.append(f"line {number} of {path.name} does not parse")
                continue
            found.setdefault(item["kind"], []).extend(_keys(item))
    wanted: dict[str, Iterable[Any]] = {
        "thing": truth.things,
        "edge": {(*edge, "child") for edge in truth.from_children}
        | {(*edge, "parent") for edge in truth.from_parents},
        "creator": truth.creators,
        "tombstone": truth.missing,
    }
    for kind, keys in found.items():
        problems = _compare(f"{kind}s in the feed", keys, wanted.get(kind, keys))
        flaws += [problem for problem in problems if whole or not problem.endswith(" lost")]
    return flaws


def _keys(item: dict[str, Any]) -> list[Any]:
    """What an item is known by; a row of an export tells of both ends of an edge."""
    match item["kind"]:
        case "thing":
            return [item["id"]]
        case "edge":
            ends = [item["seen_from"]] if "seen_from" in item else []
            ends += [end for end in ("child", "parent") if item.get(f"seen_from_{end}")]
            return [(item["parent_id"], item["child_id"], end) for end in ends]
        case "creator":
            return [item["username"]]
        case "tombstone":
            return [int(item["subject_id"])]
        case "list":
            return [(item["subject"], item["subject_id"], item["name"])]
    return [json.dumps(item, sort_keys=True)]


def verdict_of(url: str) -> str | None:
    """Verdict of the newest round, ``None`` before there is one."""
    engine = create_engine(parse_url(url), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            found = connection.execute(text("SELECT verdict FROM crawls ORDER BY id DESC LIMIT 1")).scalar()
            return None if found is None else str(found)
    except DBAPIError:
        return None
