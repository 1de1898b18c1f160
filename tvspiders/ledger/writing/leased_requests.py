"""What this worker has leased, and whether more is to be had."""

from __future__ import annotations

from collections import deque

from tvspiders.storage.queue.leases import Leased, Outlook


class LeasedRequests:
    """Requests that are ours: ready to be asked, or out and not come to anything yet."""

    def __init__(self) -> None:
        self.ready: deque[Leased] = deque()
        """Leased, in the order of asking."""
        self.out: set[int] = set()
        """Numbers of those that were handed out."""
        self.dry = False
        """Whether nothing was to be had when we last looked."""
        self.outlook: Outlook | None = None
        """What was left then."""

    def hand_out(self) -> Leased:
        """The next request; there must be one."""
        leased = self.ready.popleft()
        self.out.add(leased.id)
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
