"""What monitors read: a line of JSON at the end of each run, and a file of metrics for Prometheus."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler

import tvspiders
from tvspiders.crawl import context_of
from tvspiders.ledger.health import MARK, health_line
from tvspiders.private_files import open_private
from tvspiders.storage.catalogue.unaccounted_rows import UnaccountedRows
from tvspiders.storage.queries.round_notes import RoundNotes
from tvspiders.storage.queue.crawls import FAILED, goes_on
from tvspiders.storage.queue.leases import STATES

logger = logging.getLogger(__name__)


class Health:
    """Writes down how a run ended: into the log, and where the settings say.

    Settings: ``TV_HEALTH_FILE``, ``TV_METRICS_DIR``. A file that cannot be
    written is reported in the log and changes nothing else.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._began = datetime.now(UTC)
        self._clock = time.monotonic()
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Health:
        """Made by Scrapy."""
        return cls(crawler)

    def facts(self) -> dict[str, Any] | None:
        """Everything about the run that has just ended; ``None`` for a crawl without the ledger."""
        scheduler = context_of(self.crawler).scheduler
        spider, stats = self.crawler.spider, self.crawler.stats
        if scheduler is None or scheduler.ending is None or spider is None:
            return None
        ending, ledger = scheduler.ending, scheduler.ledger
        crawl = ledger.crawl if ledger is not None else None
        idle = ending.over or (ledger is not None and bool(ledger.idle))
        figures: Mapping[str, Any] = stats.get_stats() if stats is not None else {}
        prefix = "tv/ledger/stored/"
        return {
            "verdict": ending.verdict,
            "reason": ending.reason,
            "exit_code": ending.exit_code,
            "goes_on": goes_on(spider.name, ending.verdict, idle),
            "spider": spider.name,
            "crawl": crawl.id if crawl is not None else None,
            "identity": crawl.identity if crawl is not None else None,
            "round": crawl.round if crawl is not None else None,
            "job": getattr(spider, "_job", None),
            "counts": {state: ending.counts.get(state, 0) for state in STATES} if ending.counts else None,
            "lists": lists_of(ending.notes),
            "drift": ending.notes.drift.lines if ending.notes is not None else [],
            "extra": dict(ending.notes.bill.asked) if ending.notes is not None else {},
            "stored": {name[len(prefix) :]: n for name, n in figures.items() if name.startswith(prefix)},
            "requests": _sum(figures, "/sent"),
            "limited": _sum(figures, "/limited"),
            "started_at": self._began,
            "ended_at": datetime.now(UTC),
            "seconds": round(time.monotonic() - self._clock, 3),
            "version": tvspiders.__version__,
        }

    def _closed(self) -> None:
        facts = self.facts()
        if facts is None:
            return
        line = health_line(facts)
        logger.info("%s%s", MARK, line)
        settings = self.crawler.settings
        try:
            if settings["TV_HEALTH_FILE"]:
                append_line(Path(str(settings["TV_HEALTH_FILE"])), line)
            if settings["TV_METRICS_DIR"]:
                from tvspiders.extensions.closing.metrics import write_metrics

                write_metrics(Path(str(settings["TV_METRICS_DIR"])), facts)
        except (OSError, ImportError) as error:
            logger.error("The health of the crawl could not be written: %s", error)


def lists_of(notes: RoundNotes | None) -> dict[str, int]:
    """What the lists of a round leave open, in numbers."""
    doubts = notes.unaccounted if notes is not None else UnaccountedRows()
    return {
        "doubtful": doubts.lists,
        "doubtful_rows": doubts.rows,
        "standing": doubts.standing,
        "standing_rows": doubts.standing_rows,
        "unproven": doubts.unproven,
        "unreadable": doubts.unreadable,
        "not_served": doubts.not_served,
        "looks": doubts.looks,
    }


def note_unopened(file: str, spider: str, exit_code: int, reason: str, job: str | None) -> None:
    """The line for a run that was refused before its crawl was opened."""
    facts = {
        "verdict": FAILED,
        "reason": reason,
        "exit_code": exit_code,
        "goes_on": True,
        "spider": spider,
        "job": job,
        "requests": 0,
        "ended_at": datetime.now(UTC),
        "version": tvspiders.__version__,
    }
    with suppress(OSError):
        append_line(Path(file), health_line(facts))


def append_line(path: Path, line: str) -> None:
    """Add one whole line; lines of crawls that end at the same moment do not mix."""
    descriptor = open_private(path, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(descriptor, line.encode() + b"\n")
    finally:
        os.close(descriptor)


def _sum(figures: Mapping[str, Any], end: str) -> int:
    """Added up over the tokens."""
    return sum(n for name, n in figures.items() if name.startswith("tv/quota/") and name.endswith(end))
