"""Why the ledger cannot go on, as one line for a person."""

from __future__ import annotations

import logging

from sqlalchemy import Engine

from tvspiders.errors import StorageProblem
from tvspiders.storage.database.errors import DatabaseError, classify, is_damage
from tvspiders.storage.database.schema import complaint

logger = logging.getLogger(__name__)


def failure_line(error: Exception, engine: Engine) -> str:
    """What a transaction's error means and what helps; one that nobody foresaw is logged in full."""
    foreseen = isinstance(error, StorageProblem) or is_damage(error)
    if not foreseen and classify(error) not in (DatabaseError.FULL, DatabaseError.WAIT):
        logger.error("Unexpected database error", exc_info=error)
    return complaint(engine, error)
