"""Say at the end of a ``remixes`` crawl what it knows of the network, and how well."""

from __future__ import annotations

import logging

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from tvspiders.extensions.closing.after_close import read_after_close
from tvspiders.storage.queries.remix_nodes import Summary, summary

logger = logging.getLogger(__name__)


class RemixSummary:
    """Counts nodes and edges once the crawl is closed; only reads.

    Stats: ``tv/remixes/nodes``, ``tv/remixes/nodes/<state>``, ``tv/remixes/edges``,
    ``tv/remixes/edges/confirmed``, ``tv/remixes/generations``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        if getattr(crawler.spidercls, "name", None) != "remixes":
            raise NotConfigured
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RemixSummary:
        """Made by Scrapy."""
        return cls(crawler)

    def _closed(self, reason: str) -> None:
        found = read_after_close(self.crawler, reason, "The remix network", summary)
        if found is not None:
            self._tell(found)

    def _tell(self, found: Summary) -> None:
        known = ", ".join(f"{number:,} {state}" for state, number in found.nodes.items() if number)
        share = found.share_confirmed
        logger.info(
            "Remix network: %s nodes (%s), %s edges, %s of them confirmed from both ends, %d generations",
            f"{sum(found.nodes.values()):,}",
            known,
            f"{found.edges:,}",
            "none" if share is None else f"{share:.0%}",
            found.generations,
        )
        stats = self.crawler.stats
        if stats is None:
            return
        stats.set_value("tv/remixes/nodes", sum(found.nodes.values()))
        for state, number in found.nodes.items():
            stats.set_value(f"tv/remixes/nodes/{state}", number)
        stats.set_value("tv/remixes/edges", found.edges)
        stats.set_value("tv/remixes/edges/confirmed", found.confirmed)
        stats.set_value("tv/remixes/generations", found.generations)
