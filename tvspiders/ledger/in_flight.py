"""Requests in flight: one registry of what is leased, handed out and not acknowledged; and its bounds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from scrapy import Request

from tvspiders import meta
from tvspiders.policies.outcome import Done, Outcome, Park, Quarantine, Retry
from tvspiders.steady_clock import steady
from tvspiders.storage.queue.leases import Leased, Outlook
from tvspiders.storage.units import Unit


@dataclass(frozen=True)
class Options:
    """How a ledger works."""

    lease_batch: int = 32
    """Requests leased at a time."""
    lease_seconds: float = 60.0
    """Life of a lease without heartbeat, where workers share a crawl."""
    keep_answers: float | None = None
    """Days for which bodies of answers are kept after their round; ``None`` for ever."""
    keep_people: float | None = None
    """Days for which data about people is kept once no answer holds it; ``None`` for ever."""
    max_unwritten: int = 32
    """Units in the write buffer, at most; beyond that no request is handed out."""
    in_flight: int = 16
    """Requests in flight that Scrapy works on at a time (``CONCURRENT_REQUESTS``)."""
    linger: float = 0.1
    """Seconds for which a finished unit may wait for others while there is more to send."""

    @property
    def most_lost_by_a_kill(self) -> int:
        """Requests that a kill between answer and commit costs at most: 48, unless settings say otherwise.

        Those are in flight, or answered and in the write buffer; the next run sends them again. Nothing
        else is lost. ``Ledger.take`` hands out no request beyond it.
        """
        return self.max_unwritten + self.in_flight

    def is_full(self, unwritten: int, in_flight: int) -> bool:
        """Whether no further request may be handed out."""
        return unwritten > self.max_unwritten or unwritten + in_flight >= self.most_lost_by_a_kill


class InFlight:
    """The requests that one worker has handed out and not acknowledged, by number.

    A worker whose database went back in time gets another name, and a registry of its own: a number may be
    another request's then.
    """

    def __init__(self, owner: str) -> None:
        self.owner = owner
        """Name of the worker, as in ``meta.owner``."""
        self._leased: dict[int, Leased] = {}

    def add(self, leased: Leased) -> None:
        """It is handed out now."""
        self._leased[leased.id] = leased

    def end(self, request_id: int) -> bool:
        """It is acknowledged; returns whether it was in flight."""
        return self._leased.pop(request_id, None) is not None

    def holds(self, request: Request) -> bool:
        """Whether this request is in flight, and was leased by this worker."""
        return meta.owner(request) == self.owner and meta.request_id(request) in self._leased

    def __contains__(self, request_id: object) -> bool:
        return request_id in self._leased

    def __getitem__(self, request_id: int) -> Leased:
        """As it was leased."""
        return self._leased[request_id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._leased)

    def __len__(self) -> int:
        return len(self._leased)


class LeasedRequests:
    """Requests leased by this worker: ready to send, or in flight."""

    def __init__(self, owner: str = "") -> None:
        self.ready: deque[Leased] = deque()
        """Leased, in the order of sending."""
        self.in_flight = InFlight(owner)
        self.dry = False
        """Whether nothing could be leased at the last look."""
        self.outlook: Outlook | None = None
        """What was left then."""

    def hand_out(self) -> Leased:
        """The next request; there must be one."""
        leased = self.ready.popleft()
        self.in_flight.add(leased)
        return leased

    @property
    def exhausted(self) -> bool:
        """Whether nothing is ready, and nothing will be, here or with other workers."""
        if self.ready or not self.dry or self.outlook is None:
            return False
        return not self.outlook.queued and not self.outlook.held_by_others

    def looked(self, found: bool, outlook: Outlook | None) -> float | None:
        """Remember what a look for more has shown; returns the seconds until another one is worth it."""
        self.dry, self.outlook = not found, outlook
        if outlook is None:
            return None
        pause = 1.0 if outlook.held_by_others else None
        if outlook.next_in is not None:
            pause = min(outlook.next_in + 0.01, pause or 60.0)
        return pause


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
