"""Say at the end of a crawl how its lists ended, and where numbers do not agree."""

from __future__ import annotations

import logging

from scrapy import signals
from scrapy.crawler import Crawler

from tvspiders.extensions.closing.after_close import read_after_close
from tvspiders.storage.catalogue.list_ends import MAX_SHOWN, ListEnds, list_ends

logger = logging.getLogger(__name__)


class ListSummary:
    """Counts the lists of the crawl once it is closed; only reads.

    Stats: ``tv/lists/read``, ``tv/lists/complete``, ``tv/lists/ended/<reason>``, ``tv/lists/different``,
    ``tv/lists/doubtful``, ``tv/lists/standing``, ``tv/lists/not_served``, ``tv/lists/looks``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ListSummary:
        """Made by Scrapy."""
        return cls(crawler)

    def _closed(self, reason: str) -> None:
        found = read_after_close(self.crawler, reason, "The lists", list_ends)
        if found is not None:
            self._tell(found)

    def _tell(self, found: ListEnds) -> None:
        stats = self.crawler.stats
        if stats is not None:
            stats.set_value("tv/lists/read", found.read)
            stats.set_value("tv/lists/complete", found.complete)
            stats.set_value("tv/lists/different", found.different)
            stats.set_value("tv/lists/doubtful", found.unaccounted.rows)
            stats.set_value("tv/lists/standing", found.unaccounted.standing_rows)
            stats.set_value("tv/lists/not_served", found.unaccounted.not_served)
            stats.set_value("tv/lists/looks", found.unaccounted.looks)
            for ended, number in found.by_end.items():
                stats.set_value(f"tv/lists/ended/{ended}", number)
        for line in summary_lines(found):
            logger.info("%s", line)


def summary_lines(found: ListEnds) -> list[str]:
    """The lines for the log: one with the counts, then the lists that deserve a word of their own.

    >>> summary_lines(ListEnds({"total": 3, "limit": 1}, complete=3))
    ['Lists: 4 read, 3 of them to the end (3 total, 1 limit)']
    """
    if not found.read:
        return []
    ends = ", ".join(f"{number:,} {ended}" for ended, number in found.by_end.items())
    lines = [f"Lists: {found.read:,} read, {found.complete:,} of them to the end ({ends})"]
    if found.unaccounted.named:
        named = "; ".join(f"{doubt.number} of {doubt}" for doubt in found.unaccounted.named[:MAX_SHOWN])
        rows = found.unaccounted.rows + found.unaccounted.standing_rows
        lines.append(f"In doubt: {found.unaccounted.least}{rows:,} rows, among them {named}")
    if found.out_of_reach:
        lines.append(
            f"Out of reach: {found.by_end['window']:,} hold more than the site serves, among them "
            + "; ".join(found.out_of_reach)
        )
    if found.different:
        named = "; ".join(map(str, found.differences))
        lines.append(f"Stated and listed numbers differ for {found.different:,}, among them {named}")
    return lines
