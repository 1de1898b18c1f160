"""Why the ledger cannot go on, as one line for a person."""

from __future__ import annotations

import logging

from sqlalchemy import Engine

from tvspiders.errors import StorageProblem
from tvspiders.storage.schema import damaged, one_line
from tvspiders.storage.trouble import Trouble, is_damage, trouble_of

logger = logging.getLogger(__name__)


def failure_line(error: Exception, engine: Engine) -> str:
    """What a transaction's error means and what helps; one that nobody foresaw is logged in full."""
    kind = trouble_of(error)
    if isinstance(error, StorageProblem):
        return str(error)
    if kind is Trouble.FULL:
        full = "full" in one_line(error).lower() or "space" in one_line(error).lower()
        advice = f"{'make room' if full else 'mend that'}, then run the same command again"
        return f"the database cannot be written: {one_line(error)}; {advice}"
    if kind is Trouble.WAIT:
        return f"the database did not answer in time: {one_line(error)}"
    if is_damage(error):
        return damaged(engine, error)
    logger.error("Unexpected database error", exc_info=error)
    return f"the database failed: {one_line(error)}"
