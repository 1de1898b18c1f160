"""The lanes of all tokens: which are in use, in which order, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterator

from tvspiders.policies.quota.reservations import Figures, TokenReservations
from tvspiders.policies.quota.store import QuotaStore
from tvspiders.policies.security.tokens import Token, TokenSource

LOOK_AT_FILE = 2.0
"""Seconds between two looks at the token file."""


class TokenSet:
    """One lane for each token that was ever named, the one in use first.

    A token is sticky: while it has a slot it is used, and only then the next.
    """

    def __init__(self, source: TokenSource, store: QuotaStore) -> None:
        self.current: TokenReservations | None = None
        self._source = source
        self._store = store
        self._lanes: dict[Token, TokenReservations] = {}
        self._next_look = 0.0
        self._open()

    def __iter__(self) -> Iterator[TokenReservations]:
        return iter(self._lanes.values())

    def live(self) -> list[TokenReservations]:
        """Lanes of the tokens in force that the API did not refuse."""
        lanes = [self._lanes[token] for token in self._source.tokens() if not self._lanes[token].retired]
        if self.current in lanes:
            lanes.sort(key=lambda lane: lane is not self.current)
        return lanes

    def named(self, label: str) -> TokenReservations | None:
        """The lane of a token by its anonymous label."""
        return next((lane for lane in self if lane.token.label == label), None)

    def refresh(self, now: float, at_once: bool = False) -> int | None:
        """Read a changed token file if it is time to, or ``at_once``; returns how many tokens it has."""
        if not at_once and now < self._next_look:
            return None
        self._next_look = now + LOOK_AT_FILE
        if not self._source.refresh():
            return None
        self._open()
        return len(self._source.tokens())

    def figures(self, now: float) -> list[Figures]:
        """Quota of each token as it is now, as far as this process knows."""
        return [figures for lane in self if (figures := lane.figures_at(now)) is not None]

    def rate(self) -> float:
        """Requests a second that all live tokens together allow; 0 before anything is known."""
        known = [lane.figures for lane in self.live() if lane.figures]
        return sum(figures.limit / figures.period for figures in known)

    def _open(self) -> None:
        for token in self._source.tokens():
            self._lanes.setdefault(token, TokenReservations(token, self._store))
