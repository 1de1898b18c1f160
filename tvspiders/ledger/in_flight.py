"""Requests in flight: handed out and not acknowledged."""

from __future__ import annotations

from tvspiders.policies.outcome import Done, Outcome, Park, Quarantine, Retry
from tvspiders.steady_clock import steady
from tvspiders.storage.units import Unit


def with_outcome(unit: Unit, outcome: Outcome) -> Unit:
    """The unit of a request, with what has become of it; a reason that it has already stays."""
    unit.reason = unit.reason or outcome.reason
    match outcome:
        case Retry(_, pause, counts):
            unit.state = "queued"
            unit.attempts += counts
            unit.due = steady() + pause if pause > 0 else None
        case Park():
            unit.state = "parked"
            unit.attempts += 1
        case Quarantine():
            unit.state = "quarantined"
            unit.attempts += 1
        case Done(gone):
            unit.state = "gone" if gone else "done"
    return unit
