"""Query the database after a crawl has closed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from scrapy.crawler import Crawler
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from tvspiders.crawl import context_of
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.schema import complaint

logger = logging.getLogger(__name__)
T = TypeVar("T")


def read_after_close(
    crawler: Crawler, reason: str, what: str, read: Callable[[Connection, int], T]
) -> T | None:
    """What ``read`` finds for the crawl's number, once everything of it is on disk.

    ``reason`` is why the spider closed. ``None`` where nothing can be said: the ledger did not work, the
    process is to end at once, or the database does not answer, which a warning about ``what`` says.
    """
    ledger = context_of(crawler).ledger
    if ledger is None or ledger.crawl is None or ledger.failure or reason == "shutdown":
        return None
    database = open_engine(crawler.settings["DATABASE_URL"])
    try:
        with database.connect() as connection:
            return read(connection, ledger.crawl.id)
    except SQLAlchemyError as error:
        logger.warning("%s could not be counted: %s", what, complaint(database, error))
        return None
    finally:
        database.dispose()
