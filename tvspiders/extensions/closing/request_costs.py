"""What the requests of a run brought: the request is the scarce good, so each crawl ends with this bill."""

from __future__ import annotations

import logging
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler

from tvspiders.crawl import context_of
from tvspiders.extensions.closing.request_costs_text import Economy, one_line
from tvspiders.storage.units import Committed, unit_committed

logger = logging.getLogger(__name__)

NODES = "tv/remixes/nodes"
"""Stat of the ``RemixSummary``, which comes first."""
ENDS = ("done", "gone")
"""States of requests whose facts are stored, tombstones included."""


class RequestEconomy:
    """Counts what is on disk against what was sent, and says so at the end.

    Counts of this run; only the nodes of a remix tree, and the answers for
    each of them, are those of the whole crawl.

    Stats: ``tv/economy/sent``, ``tv/economy/new_things``, ``tv/economy/snapshots``,
    ``tv/economy/unchanged``, ``tv/economy/still_gone``, ``tv/economy/wasted``,
    ``tv/economy/wasted/<reason>``, ``tv/economy/per_new_thing``, ``tv/economy/per_snapshot``,
    ``tv/economy/per_node``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._used = self._refused = 0
        self._new_things = self._snapshots = 0
        self._unchanged = 0
        self._still_gone: set[int] = set()
        crawler.signals.connect(self._committed, unit_committed)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RequestEconomy:
        """Made by Scrapy."""
        return cls(crawler)

    def _committed(self, committed: Committed) -> None:
        unit = committed.unit
        if unit.state in ENDS:
            self._used += 1
        elif unit.answer is not None:
            self._refused += 1
        self._new_things += committed.new_things
        self._snapshots += committed.snapshots
        self._unchanged += committed.spared.unchanged
        self._still_gone |= committed.spared.still_gone

    def bill(self) -> Economy:
        """The figures so far."""
        stats = self.crawler.stats
        figures = stats.get_stats() if stats is not None else {}
        scheduler = context_of(self.crawler).scheduler
        ledger = scheduler.ledger if scheduler is not None else None
        ending = scheduler.ending if scheduler is not None else None
        repeated = int(figures.get("tv/ledger/repeated", 0))
        return Economy(
            sent=_of_all_tokens(figures, "sent"),
            answered=sum(ending.counts.get(state, 0) for state in ENDS) if ending is not None else 0,
            new_things=self._new_things,
            snapshots=self._snapshots,
            unchanged=self._unchanged,
            still_gone=len(self._still_gone),
            nodes=figures.get(NODES),
            limited=_of_all_tokens(figures, "limited"),
            refused=self._refused,
            repeated=repeated,
            lost=ledger.lost if ledger is not None else 0,
            used=self._used,
        )

    def _closed(self) -> None:
        if context_of(self.crawler).scheduler is None:  # a lone request, of no crawl
            return
        bill = self.bill()
        logger.info("%s", one_line(bill))
        stats = self.crawler.stats
        if stats is None:
            return
        stats.set_value("tv/economy/sent", bill.sent)
        stats.set_value("tv/economy/new_things", bill.new_things)
        stats.set_value("tv/economy/snapshots", bill.snapshots)
        stats.set_value("tv/economy/unchanged", bill.unchanged)
        stats.set_value("tv/economy/still_gone", bill.still_gone)
        stats.set_value("tv/economy/wasted", bill.wasted)
        for reason, number in bill.wasted_by_reason.items():
            if number:
                stats.set_value(f"tv/economy/wasted/{reason}", number)
        for name, each in (
            ("tv/economy/per_new_thing", bill.per_new_thing),
            ("tv/economy/per_snapshot", bill.per_snapshot),
            ("tv/economy/per_node", bill.per_node),
        ):
            if each is not None:
                stats.set_value(name, round(each, 4))


def _of_all_tokens(figures: dict[str, Any], what: str) -> int:
    return sum(
        int(number)
        for name, number in figures.items()
        if name.startswith("tv/quota/") and name.endswith(f"/{what}")
    )
