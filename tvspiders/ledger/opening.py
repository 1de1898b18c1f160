"""Open the crawl of a spider, with what the spider wants to know before it begins; and close it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import scrapy
from scrapy import Spider
from scrapy.settings import BaseSettings

import tvspiders
from tvspiders.errors import TvspidersError
from tvspiders.ledger.components import check_components
from tvspiders.ledger.in_flight import Options
from tvspiders.ledger.ledger import Ledger
from tvspiders.ledger.list_names import ListNames
from tvspiders.ledger.ownership import identity_arguments
from tvspiders.ledger.selection import first_requests
from tvspiders.ledger.verdict import Ending, judge, unwritten
from tvspiders.ledger.writing.database_thread import DatabaseThread
from tvspiders.storage.catalogue.unaccounted_rows import standing_unaccounted
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.queries.labels import stored_slugs
from tvspiders.storage.queries.round_notes import RoundNotes

logger = logging.getLogger(__name__)

SHORTEST_LIMIT = 5.0
"""Seconds that a transaction may be open at least, however short a lease is."""


def options_of(settings: BaseSettings) -> Options:
    """How a ledger works under these settings."""
    answers, people = settings.getfloat("TV_KEEP_ANSWERS"), settings.getfloat("TV_KEEP_PEOPLE")
    return Options(
        settings.getint("TV_LEASE_BATCH"),
        settings.getfloat("TV_LEASE_SECONDS"),
        keep_answers=answers if answers >= 0 else None,
        keep_people=people if people >= 0 else None,
        in_flight=max(1, settings.getint("CONCURRENT_REQUESTS")),
    )


async def open_crawl(spider: Spider, settings: BaseSettings, base: str) -> tuple[Ledger, ListNames]:
    """The ledger of the spider's crawl, and what the API at ``base`` calls its lists.

    Raises ``TvspidersError`` when the crawl cannot be opened; nothing is left open then.
    """
    arguments: Any = getattr(spider, "args", None)
    database: DatabaseThread | None = None
    try:
        check_components(settings)
        options = options_of(settings)
        engine = open_engine(settings["DATABASE_URL"])
        database = DatabaseThread(engine, max(SHORTEST_LIMIT, options.lease_seconds))
        ledger = Ledger(database, options)
        await ledger.start(
            spider.name,
            identity_arguments(arguments),
            getattr(arguments, "crawl", None),
            {"api_url": base, "version": tvspiders.__version__, "scrapy_version": scrapy.__version__},
            first_requests(spider, base, time.time),
        )
        if hasattr(spider, "standing"):
            spider.standing = await ledger.run(standing_unaccounted)
        if hasattr(spider, "stored_slugs"):
            spider.stored_slugs = await ledger.run(stored_slugs)
        return ledger, await ListNames.read(ledger, base)
    except TvspidersError:
        if database is not None:
            database.close()
        raise


async def close_crawl(
    ledger: Ledger,
    reason: str,
    *,
    problem: Callable[[], str | None],
    spent: bool,
    choosing: bool,
    signalled: Callable[[], bool],
) -> Ending:
    """Write all that is finished, give back the rest, and write down how the run ended.

    ``reason`` is Scrapy's for closing, ``problem`` why the crawl could not go on; for the rest see ``judge``.
    """
    await ledger.flush()
    endings: list[Ending] = []

    def decide(counts: dict[str, int], others: bool, notes: RoundNotes) -> tuple[str, str | None]:
        how = (spent, others, choosing, bool(ledger.idle), notes, signalled())
        endings[:] = [judge(counts, reason, problem() or ledger.failure, *how)]
        return endings[0].verdict, endings[0].reason

    try:
        await ledger.finish(decide)
    except Exception as error:
        logger.warning("The end of the crawl could not be written down; the next run finds out by itself")
        why = problem() or ledger.failure or ledger.database.line_for(error)
        return unwritten(why, ledger.answered, reason == "shutdown" and ledger.database.gave_up)
    return endings[0]
