"""The cap of extra requests, held where units are committed: what goes beyond it is parked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from tvspiders.policies.request_budget import allowance
from tvspiders.storage.queue.leases import BEYOND_CAP
from tvspiders.storage.queue.request_budget import bill_of
from tvspiders.storage.units import Unit


def within_cap(connection: Connection, crawl_id: int, units: Sequence[Unit]) -> Sequence[Unit]:
    """The units, with what the round may not ask beyond the least left for the next one."""
    if not any(unit.extra or any(new.extra for new in unit.requests) for unit in units):
        return units
    bill = bill_of(connection, crawl_id)
    more = allowance(bill.least, bill.granted)
    kept: list[Unit] = []
    for each in units:
        unit = each
        if unit.extra and unit.state == "queued" and more <= 0:
            unit = replace(unit, state="parked", reason=BEYOND_CAP, due=None)
        elif unit.extra:
            more -= 1
        news = []
        for new in unit.requests:
            news.append(replace(new, left=True) if new.extra and more <= 0 else new)
            more -= bool(new.extra)
        kept.append(replace(unit, requests=news))
    return kept
