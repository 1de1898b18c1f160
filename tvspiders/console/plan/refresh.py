"""The requests that ``refresh`` would send today, from the database alone."""

from __future__ import annotations

import time
from collections import Counter

from tvspiders.console.plan.costs import Plan
from tvspiders.ledger.selection import choose
from tvspiders.params import RefreshParams
from tvspiders.storage.database.reading import open_for_reading

NAMES = {
    "watched": "watched things",
    "moved": "things that moved in a list",
    "gain": "things by expected gain",
}


def plan_refresh(database: str, arguments: RefreshParams) -> Plan:
    """Select the things that a round would begin with; no request is sent.

    Raises ``StorageProblem`` when there is no database, or one that this version cannot read.
    """
    with open_for_reading(database) as connection:
        chosen = choose(
            connection, time.time, arguments.max_requests, arguments.watch, arguments.older_than_seconds
        )
    why = Counter(choice.why for choice in chosen)
    plan = Plan({name: why[key] for key, name in NAMES.items() if why[key]})
    gain = sum(choice.gain for choice in chosen)
    plan.notes.append(f"about {gain:,.0f} downloads are expected to be new")
    extras = [name for name in ("images", "comments", "makes", "categories") if getattr(arguments, name)]
    if extras:
        plan.notes.append(f"{', '.join(extras)}: up to as many requests more for each")
    return plan
