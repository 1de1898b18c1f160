"""A list that serves odd pages and moves while it is read, and a walk over it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from tvspiders.api.lists.paging import Decision, after_second_read, next_page
from tvspiders.api.lists.progress import Bounds, PageRead, Progress, Reread
from tvspiders.api.lists.second_reads import Finding

SIZE = 30
API = "https://api.thingiverse.com/x"


@dataclass
class LyingList:
    """Rows on pages; ``odd`` says what is wrong with a page, ``once`` or for good."""

    rows: list[int]
    odd: dict[int, tuple[str, bool]] = field(default_factory=dict)
    """Page -> ``empty``, ``short``, ``repeated`` or ``as:N``, and whether only the first time."""
    moves: dict[int, Callable[[list[int]], None]] = field(default_factory=dict)
    """What happens to the rows before the request of that number."""
    hidden: frozenset[int] = frozenset()
    """Rows that are left out after paging."""
    hints: str = "total link"
    asked: list[int] = field(default_factory=list)
    ever: list[set[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._served: set[int] = set()
        self.ever.append(set(self.rows))

    @property
    def lasting(self) -> set[int]:
        """Rows that were there from start to end and are no secret."""
        return set.intersection(*self.ever) - self.hidden

    def answer(self, page: int) -> tuple[list[int], int | None, dict[str, str]]:
        """Rows, total and headers of a page."""
        move = self.moves.get(len(self.asked))
        if move is not None:
            move(self.rows)
            self.ever.append(set(self.rows))
        self.asked.append(page)
        last = max(1, -(-len(self.rows) // SIZE))
        kind, once = self.odd.get(page, ("", False))
        if once and page in self._served:
            kind = ""
        self._served.add(page)
        of = page
        if kind == "repeated":
            of = max(1, page - 1)
        elif kind.startswith("as:"):
            of = int(kind[3:])
        keys = [] if kind == "empty" else self.rows[(of - 1) * SIZE : of * SIZE]
        keys = keys[: SIZE * 2 // 5] if kind == "short" else keys
        named = [f'<{API}?page={of + 1}>; rel="next"'] if of < last else []
        named += [f'<{API}>; rel="first"', f'<{API}?page={last}>; rel="last"']
        headers = {"link": ", ".join(named)} if "link" in self.hints else {}
        total = len(self.rows) if "total" in self.hints else None
        return [key for key in keys if key not in self.hidden], total, headers


@dataclass
class Read:
    """What a walk came to."""

    met: set[int]
    decision: Decision
    looks: int

    @property
    def finding(self) -> Finding:
        return self.decision.finding


def read(site: LyingList, most: int = 500, **options: object) -> Read:
    """Walk as the spiders do, with the state through JSON between any two requests."""
    met: set[int] = set()
    progress, reread = Progress(), None
    while True:
        assert len(site.asked) < most, "the list never ended"
        progress = Progress.from_dict(json.loads(json.dumps(progress.as_dict())))
        number = progress.page if reread is None else reread.page
        page = PageRead(*site.answer(number))
        met.update(page.keys)
        if reread is None:
            decision = next_page(progress, page, Bounds(**options))
        else:
            reread = Reread.from_dict(json.loads(json.dumps(reread.as_dict())))
            decision = after_second_read(progress, reread, page, Bounds(**options))
        progress, reread = decision.progress, decision.reread
        if decision.next_page is not None:
            assert decision.next_page == progress.page
        elif reread is None:
            return Read(met, decision, len(progress.history.second_reads))
