"""How much of what should be known is known: every table carries such a line."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.tables import MEASURES, Table, measure, percent
from tvspiders.storage.queries.network import SEEN_FROM_CHILD, SEEN_FROM_PARENT


class Coverage:
    """Counts of what answered and of what is confirmed, over the whole database."""

    def __init__(self, data: Dataset) -> None:
        self.data = data
        graph, things = data.all_edges, data.things
        gone, hidden = data.missing
        own_page = np.zeros(len(graph), np.bool_)
        rows = things.rows_of(graph.ids)
        stored = rows >= 0
        own_page[stored] = things.detailed[rows[stored]]
        self.reachable = len(graph)
        """Things stored, and things that edges name."""
        self.stored = int(stored.sum())
        """Things with a row, from their own page or from a list."""
        self.answered = int(own_page.sum())
        """Things whose own page was read."""
        vanished, shut = (np.isin(graph.ids, ids) & ~own_page for ids in (gone, hidden))
        self.gone = int(vanished.sum())
        """Things whose page was never read and says that they are deleted."""
        self.hidden = int(shut.sum())
        """Things whose page was never read and says that they are private, moderated or unpublished."""
        self.listed = int((stored & ~own_page & ~vanished & ~shut).sum())
        """Things with a row from a list, whose own page has said nothing yet."""
        both = SEEN_FROM_CHILD | SEEN_FROM_PARENT
        self.edges = len(graph.source)
        self.confirmed = int((graph.ends == both).sum())
        """Edges that both ends name."""
        answers = own_page[graph.source] & own_page[graph.target]
        self.visible_edges = int(answers.sum())
        """Edges whose ends have both answered."""
        doubts = data.doubts
        self.doubtful = doubts.rows + doubts.standing_rows
        """Unaccounted rows of lists."""
        self.doubtful_least = doubts.least
        """Words before their number where it is a lower bound."""
        self.doubtful_lists = doubts.lists + doubts.standing
        """Lists with such rows."""
        self.doubtful_since = min((doubt.since or "" for doubt in doubts.named), default="")[:10]
        """When the oldest unaccounted row was first met."""

    @cached_property
    def nodes_line(self) -> str:
        """What answered."""
        silent = self.reachable - self.answered - self.listed - self.gone - self.hidden
        more = [
            f"{count} {what}"
            for count, what in (
                (self.listed, "known from lists only"),
                (self.gone, "gone"),
                (self.hidden, "hidden"),
                (silent, "without an answer"),
            )
            if count
        ]
        rest = f" ({', '.join(more)})" if more else ""
        return f"{self.answered} of {self.reachable} reachable things answered{rest}"

    @cached_property
    def edges_line(self) -> str:
        """What is confirmed."""
        if not self.edges:
            return "no remix edges stored"
        least = "at least " if self.data.options.as_of else ""
        return f"{least}{percent(self.confirmed, self.edges)} of {self.edges} edges confirmed from both ends"

    @cached_property
    def line(self) -> str:
        """Both, for tables about the graph, and unaccounted rows."""
        doubt = ""
        if self.doubtful:
            number = f"{self.doubtful_least}{self.doubtful} rows"
            doubt = f", {number} of {self.doubtful_lists} lists in doubt since {self.doubtful_since}"
        return f"{self.nodes_line}, {self.edges_line}{doubt}"

    def known(self, count: str) -> str:
        """How many of the stored things state a count."""
        known = int((~np.isnan(self.data.things.counts[count])).sum())
        return f"{known} state {count}"

    def table(self) -> Table:
        """The same as numbers."""
        both = "edges named by both ends" + (" (at least)" if self.data.options.as_of else "")
        rows = [
            measure("reachable", "things stored or named by an edge", self.reachable, "things"),
            measure("stored", "things stored", self.stored, "things"),
            measure("answered", "answered by their own page", self.answered, "things"),
            measure("gone", "gone (deleted), never read", self.gone, "things"),
            measure(
                "hidden",
                "hidden (private, moderated …), never read",
                self.hidden,
                "things",
            ),
            measure("edges", "remix edges without self-edges", self.edges, "edges"),
            measure("confirmed_edges", both, self.confirmed, "edges"),
            measure("visible_edges", "edges whose two ends answered", self.visible_edges, "edges"),
            *(
                [measure("doubtful", f"{self.doubtful_least}rows of lists in doubt", self.doubtful, "rows")]
                if self.doubtful
                else []
            ),
        ]
        return Table("coverage", "What the database covers", MEASURES, rows, self.line)
