"""What the database holds, read once and only when a measure needs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tvspiders.extras.analytics.data.columns import (
    NOWHEN,
    Codes,
    Flags,
    Floats,
    Ints,
    Times,
    distinct,
    numbers,
    runs,
    times,
    whole,
)
from tvspiders.extras.analytics.data.graph import Graph
from tvspiders.extras.analytics.data.options import Options
from tvspiders.storage.catalogue.unaccounted_rows import UnaccountedRows, unaccounted_of
from tvspiders.storage.people.pseudonyms import Pseudonyms
from tvspiders.storage.queries import labels as read_labels
from tvspiders.storage.queries import network
from tvspiders.storage.tables import things

if TYPE_CHECKING:
    from sqlalchemy import Connection

CreatorKey = int | str
"""Number of a creator, or the login name where no number is known."""


@dataclass
class Things:
    """The stored things, one array for each column, in the order of their numbers."""

    ids: Ints
    creator: NDArray[np.int32]
    """Code of the creator, -1 for a deleted account or when not known."""
    license: NDArray[np.int32]
    """Code of the licence, -1 when not known."""
    added: Times
    derivative: Flags
    """Called a remix by the site."""
    detailed: Flags
    """Answered by its own page."""
    customized: Flags
    """Made by the Customizer, by its tag or its name."""
    first_seen: Times
    detail_scraped: Times
    counts: dict[str, Floats]
    """Counts as stated, by the name of the column; NaN when not known."""
    creators: Codes[CreatorKey]
    creator_names: list[str]
    """Login name for each code, or what stands for it; some have only things that are named."""
    licenses: list[str]
    """Text for each code."""
    named: Ints
    """Numbers of things that only answers about others name: known by name, not stored as answered."""
    named_creator: NDArray[np.int32]
    """Codes of their creators."""
    named_added: Times
    """When they were published."""
    logins: list[str] = field(default_factory=list)
    """Login name for each code, to look up with; ``creator_names`` are what is shown."""

    def rows_of(self, ids: Ints) -> Ints:
        """The row of each number, -1 for things that are not stored."""
        if not len(self.ids):
            return np.full(len(ids), -1, np.int64)
        rows = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return np.where(self.ids[rows] == ids, rows, -1)


@dataclass
class History:
    """Snapshots, thing by thing, oldest first."""

    thing: Ints
    moment: Times
    counts: dict[str, Floats]

    def of(self, name: str) -> tuple[Ints, Times, Floats]:
        """Thing, time and value of the snapshots that hold this count."""
        known = ~np.isnan(self.counts[name])
        return self.thing[known], self.moment[known], self.counts[name][known]


@dataclass
class Members:
    """Which rows of things belong to which label."""

    labels: list[str]
    rows: list[Ints] = field(default_factory=list)


class Dataset:
    """One view of the database under the switches of a report."""

    def __init__(self, connection: Connection, options: Options) -> None:
        self.connection = connection
        self.options = options

    @cached_property
    def things(self) -> Things:
        """The things known, with the counts as of the date asked for."""
        found = _read_things(self.connection, self.options.as_of, self.options.pseudonyms)
        if self.options.as_of is not None:
            later = ~found.detailed
            found.detail_scraped[later] = NOWHEN
            _turn_back(found, self.history)
        return found

    @cached_property
    def history(self) -> History:
        """All snapshots."""
        ids: list[Any] = []
        stamps: list[Times] = []
        values: list[Floats] = []
        for part in network.snapshots(self.connection, self.options.as_of):
            columns = list(zip(*part, strict=True))
            ids.append(np.array(columns[0], np.int64))
            stamps.append(times(columns[1]))
            values.append(np.stack([numbers(column) for column in columns[2:]]))
        if not ids:
            empty = np.empty(0)
            none = np.empty(0, "datetime64[ms]")
            return History(np.empty(0, np.int64), none, dict.fromkeys(network.COUNTS, empty))
        table = np.concatenate(values, axis=1)
        moment = np.concatenate(stamps)
        thing = np.concatenate(ids)
        dated = ~np.isnat(moment)
        order = np.flatnonzero(dated)[np.lexsort((moment[dated], thing[dated]))]
        counts = {name: table[place][order] for place, name in enumerate(network.COUNTS)}
        return History(thing[order], moment[order], counts)

    @cached_property
    def all_edges(self) -> Graph:
        """Every edge and every stored thing, whatever the switches say."""
        table = whole(network.edges(self.connection, self.options.as_of), 3)
        return Graph.build(table, self.things.ids)

    @cached_property
    def graph(self) -> Graph:
        """The graph that measures use: switched-off remixes are not in it."""
        graph = self.all_edges
        if self.options.self_remixes and self.options.customizer:
            return graph
        rows = self.things.rows_of(graph.ids)
        nodes = np.zeros(len(graph), np.bool_)
        edges = np.zeros(len(graph.source), np.bool_)
        if not self.options.customizer:
            nodes = (rows >= 0) & self.things.customized[rows]
        if not self.options.self_remixes:
            maker = self.makers(graph)
            edges = (maker[graph.source] == maker[graph.target]) & (maker[graph.source] >= 0)
        return graph.without(nodes, edges)

    def makers(self, graph: Graph) -> NDArray[np.int32]:
        """Code of the creator of each node, also of one that is only named; -1 where not known."""
        return self._with_named(graph, self.things.creator, self.things.named_creator, -1)

    def published(self, graph: Graph) -> Times:
        """When each node was published, also one that is only named; NaT where not known."""
        return self._with_named(graph, self.things.added, self.things.named_added, NOWHEN)

    def _with_named(
        self, graph: Graph, stored: NDArray[Any], named: NDArray[Any], otherwise: Any
    ) -> NDArray[Any]:
        found = self.values(graph, stored, otherwise)
        if len(graph) and len(named):
            places = np.minimum(np.searchsorted(graph.ids, self.things.named), len(graph) - 1)
            there = graph.ids[places] == self.things.named
            found[places[there]] = named[there]
        return found

    def values(self, graph: Graph, column: NDArray[Any], otherwise: Any) -> NDArray[Any]:
        """A column of the things for each node; ``otherwise`` for nodes that are not stored."""
        rows = self.things.rows_of(graph.ids)
        if not len(column):
            return np.full(len(graph), otherwise, column.dtype)
        return np.where(rows >= 0, column[rows], otherwise).astype(column.dtype)

    @cached_property
    def missing(self) -> tuple[Ints, Ints]:
        """Numbers of the things that are gone, and of those that are hidden."""
        table = whole(network.missing_things(self.connection, self.options.as_of), 2)
        return np.unique(table[table[:, 1] == 0, 0]), np.unique(table[table[:, 1] == 1, 0])

    @cached_property
    def doubts(self) -> UnaccountedRows:
        """Unaccounted rows of lists."""
        return unaccounted_of(self.connection, None)

    @cached_property
    def tags(self) -> Members:
        """The things of each tag."""
        found = self._members(read_labels.tags(self.connection))
        if self.options.pseudonyms is not None:
            found.labels = [self.options.pseudonyms.word(label) for label in found.labels]
        return found

    @cached_property
    def filed(self) -> Members:
        """The things filed under each category itself."""
        return self._members(read_labels.filed(self.connection))

    def _members(self, parts: Iterable[Any]) -> Members:
        codes = Codes[str]()
        label: list[int] = []
        thing: list[int] = []
        for part in parts:
            label.extend(codes.of(row[0]) for row in part)
            thing.extend(row[1] for row in part)
        code = np.array(label, np.int64)
        rows = self.things.rows_of(np.array(thing, np.int64))
        order = np.argsort(code, kind="stable")
        order = order[rows[order] >= 0]
        found = Members([])
        for start, end in runs(code[order]):
            found.labels.append(codes.labels[code[order[start]]])
            found.rows.append(distinct(rows[order[start:end]]))
        return found

    def cards(self, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Names and other texts of a few things, by number."""
        rows = network.cards(self.connection, [int(number) for number in ids])
        cards = {row[0]: dict(zip(network.CARD, row, strict=True)) for row in rows}
        pseudonyms = self.options.pseudonyms
        if pseudonyms is None:
            return cards
        return {number: pseudonyms.row(things, card) for number, card in cards.items()}


def _read_things(connection: Connection, until: str | None, pseudonyms: Pseudonyms | None) -> Things:
    creators, licenses = Codes[CreatorKey](), Codes[str]()
    names: dict[int, str] = {}
    columns: list[list[Any]] = [[] for _ in range(11)]
    ids, creator, license_, added, derivative, detailed, customized, seen, scraped, answered, counts = columns
    for part in network.thing_columns(connection, until):
        cells = list(zip(*part, strict=True))
        keys = [name if number is None else number for number, name in zip(cells[1], cells[2], strict=True)]
        codes = [creators.of(key) for key in keys]
        names.update((code, name) for code, name in zip(codes, cells[2], strict=True) if name is not None)
        ids.append(np.array(cells[0], np.int64))
        creator.append(np.array(codes, np.int32))
        license_.append(np.array([licenses.of(text or None) for text in cells[3]], np.int32))
        added.append(times(cells[4]))
        for place, column in ((5, derivative), (6, detailed), (7, customized)):
            column.append(np.array(cells[place], np.bool_))
        seen.append(times(cells[8]))
        scraped.append(times(cells[9]))
        answered.append(np.array(cells[10], np.bool_))
        counts.append(np.stack([numbers(cell) for cell in cells[11:]]))
    for known in read_labels.creator_names(connection):
        names.update((creators.find(number), name) for number, name in known)
    logins = labels = [names.get(code) or str(label) for code, label in enumerate(creators.labels)]
    if pseudonyms is not None:
        labels = [_pseudonym(pseudonyms, label) for label in creators.labels]
    if not ids:
        return _no_things()
    is_answered: Flags = np.concatenate(answered)
    table = np.concatenate(counts, axis=1)[:, is_answered]
    joined: list[Any] = [np.concatenate(column) for column in columns[:9]]
    named = [joined[place][~is_answered] for place in (0, 1, 3)]
    stated = {name: table[place] for place, name in enumerate(network.COUNTS)}
    more: list[Any] = [stated, creators, labels, licenses.labels, *named, logins]
    return Things(*(column[is_answered] for column in joined), *more)


def _pseudonym(pseudonyms: Pseudonyms, key: CreatorKey) -> str:
    number, name = (key, None) if isinstance(key, int) else (None, key)
    return str(pseudonyms.user(number, name))


def _no_things() -> Things:
    none, flags, when = np.empty(0, np.int32), np.empty(0, np.bool_), np.empty(0, "datetime64[ms]")
    counts = {name: np.empty(0) for name in network.COUNTS}
    ids = np.empty(0, np.int64)
    named = (ids, none, when)
    return Things(ids, none, none, when, flags, flags, flags, when, when, counts, Codes(), [], [], *named)


def _turn_back(things: Things, history: History) -> None:
    """Replace the counts of today by the last known before the date asked for.

    A thing's row shows only when its own page was read last. Downloads stand on no
    other page, so a snapshot with them shows that it was read before.
    """
    for name in things.counts:
        thing, _, value = history.of(name)
        last = np.flatnonzero(np.append(thing[1:] != thing[:-1], np.ones(min(len(thing), 1), np.bool_)))
        counts = np.full(len(things.ids), np.nan)
        rows = things.rows_of(thing[last])
        counts[rows[rows >= 0]] = value[last][rows >= 0]
        things.counts[name] = counts
    things.detailed |= ~np.isnan(things.counts["download_count"])
