"""Changes of a list's total while it is read: how many rows were inserted above, or vanished.

A thing that comes in above shows itself twice: the total rises, and rows of the page before come again. One
that vanishes above moves the first row of the next page onto a page that has been read already: the total
falls, and nothing comes again. A total that falls and rises again by itself is only roughly right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Move:
    """So many rows came in above, or vanished, while the list was read."""

    page: int
    """Of what came in the page that showed rows again; of what vanished the page before: what moved up is
    on its end by now."""
    rows: int
    """How many."""


@dataclass(frozen=True)
class TotalChanges:
    """Changes of the total, compared with the rows that came twice."""

    total: int | None = None
    """The latest total."""
    rises: tuple[Move, ...] = ()
    """Rows that came in above while the list was read, noticed on which page; they need not be met."""
    pending: int = 0
    """Rises of the total that no row which came again has explained so far."""
    high: int = 0
    """Rows at most that the list held at one moment, without those that came in above."""
    rough: int = 0
    """By how much the total fell and rose again without a reason."""
    slid: int = 0
    """Rows that came again without a rise: others may have risen above what was read."""
    drops: tuple[Move, ...] = ()
    """Falls that stayed."""

    def after(self, page: int, total: int | None, again: int) -> TotalChanges:
        """After a page that stated ``total``, and of whose rows ``again`` had come before."""
        if total is None:
            return self
        rise = 0 if self.total is None else total - self.total
        drops, rough, pending = list(self.drops), self.rough, self.pending
        above = min(max(rise, 0) + pending, again)
        pending = pending + max(rise, 0) - above
        while pending and drops:
            # it rose again by itself: the fall before was none
            last = drops.pop()
            back = min(last.rows, pending)
            rough, pending = max(rough, back), pending - back
            if last.rows > back:
                drops.append(replace(last, rows=last.rows - back))
        if rise < 0:
            drops.append(Move(page - 1, -rise))
        rises = (*self.rises, Move(page, above)) if above else self.rises
        high = max(self.high, total - sum(move.rows for move in rises) - pending)
        return TotalChanges(total, rises, pending, high, rough, self.slid + again - above, tuple(drops))

    def after_second_read(self, page: int, total: int | None, again: int) -> TotalChanges:
        """After a page was requested a second time: ``again`` of its rows had been on other pages before."""
        if self.total is None:
            return self
        # what has come in since the last page need not be met either
        later = max(0, (self.total if total is None else total) - self.total)
        above = min(self.pending, again)
        rises = (*self.rises, Move(page, above + later)) if above + later else self.rises
        return replace(self, total=self.total + later, rises=rises, pending=self.pending - above)

    @property
    def moved(self) -> bool:
        """Whether rows moved while the list was read."""
        return bool(self.rises or self.drops or self.pending or self.rough or self.slid)

    @property
    def inserted(self) -> int:
        """Rows that came in above."""
        return self.inserted_since(1)

    def inserted_since(self, page: int) -> int:
        """Rows inserted above, as seen on this page or later ones."""
        return sum(move.rows for move in self.rises if move.page >= page)

    @property
    def owed(self) -> int:
        """Rows at most that were there from the first page on, or came in below and are to be met."""
        return self.high + self.pending

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; :meth:`from_dict` reads it."""
        moves = {"rises": self.rises, "drops": self.drops}
        packed = {name: [[move.page, move.rows] for move in found] for name, found in moves.items()}
        plain = asdict(self) | packed
        return {"told": plain.pop("total")} | plain

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TotalChanges:
        """Read what :meth:`as_dict` wrote, also after a trip through JSON."""
        moves = {name: tuple(Move(*move) for move in data[name]) for name in ("rises", "drops")}
        plain = dict(data) | moves
        return cls(plain.pop("told", None), **plain)
