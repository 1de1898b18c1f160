"""Facts of a round at its end, besides the number of requests in each state."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from tvspiders.storage.catalogue.answer_fields import Drift, drift_of
from tvspiders.storage.catalogue.unaccounted_rows import UnaccountedRows, unaccounted_of
from tvspiders.storage.queries.missing_subjects import MissingSubject, missing_subjects
from tvspiders.storage.queue.leases import BEYOND_CAP, FAILED, refused_thing
from tvspiders.storage.queue.request_budget import Bill, bill_of
from tvspiders.storage.tables import requests


@dataclass(frozen=True)
class RoundNotes:
    """Read in the transaction that writes down the end."""

    bill: Bill = field(default_factory=Bill)
    """Requests beyond the least."""
    to_retry: int = 0
    """Failed requests that the same round may try again."""
    unaccounted: UnaccountedRows = field(default_factory=UnaccountedRows)
    """What its lists leave open."""
    drift: Drift = field(default_factory=Drift)
    """What was noticed about the fields of answers."""
    missing: tuple[MissingSubject, ...] = ()
    """Subjects that the arguments name and the site does not show."""


def notes_of(connection: Connection, crawl_id: int) -> RoundNotes:
    """Count; reads only."""
    request = requests.c
    retried = select(func.count()).where(
        request.crawl_id == crawl_id,
        request.state.in_(FAILED),
        request.reason.is_distinct_from(BEYOND_CAP),
        ~refused_thing(),
    )
    return RoundNotes(
        bill_of(connection, crawl_id),
        int(connection.execute(retried).scalar_one()),
        unaccounted_of(connection, crawl_id),
        drift_of(connection, crawl_id),
        missing_subjects(connection, crawl_id),
    )
