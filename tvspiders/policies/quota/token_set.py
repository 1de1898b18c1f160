"""The reservations of all tokens: which tokens are in use, and in which order."""

from __future__ import annotations

from collections.abc import Iterator

from tvspiders.policies.quota.reservations import Figures, TokenReservations
from tvspiders.policies.quota.store import QuotaStore
from tvspiders.policies.security.tokens import Token, TokenSource

TOKEN_FILE_SECONDS = 2.0
"""Seconds between two looks at the token file."""


class TokenSet:
    """The reservations of each token that was ever given, those of the one in use first.

    A token is sticky: while it has a slot it is used, and only then the next.
    """

    def __init__(self, source: TokenSource, store: QuotaStore) -> None:
        self.current: TokenReservations | None = None
        self._source = source
        self._store = store
        self._reservations: dict[Token, TokenReservations] = {}
        self._next_look = 0.0
        self._open()

    def __iter__(self) -> Iterator[TokenReservations]:
        return iter(self._reservations.values())

    def live(self) -> list[TokenReservations]:
        """The reservations of the tokens in force that the API did not refuse."""
        ours = [self._reservations[token] for token in self._source.tokens()]
        live = [reservations for reservations in ours if not reservations.retired]
        if self.current in live:
            live.sort(key=lambda reservations: reservations is not self.current)
        return live

    def named(self, label: str) -> TokenReservations | None:
        """The reservations of a token by its anonymous label."""
        return next((reservations for reservations in self if reservations.token.label == label), None)

    def refresh(self, now: float, at_once: bool = False) -> int | None:
        """Read a changed token file if it is due, or ``at_once``; returns how many tokens it has."""
        if not at_once and now < self._next_look:
            return None
        self._next_look = now + TOKEN_FILE_SECONDS
        if not self._source.refresh():
            return None
        self._open()
        return len(self._source.tokens())

    def figures(self, now: float) -> list[Figures]:
        """Quota of each token as it is now, as far as this process knows."""
        return [figures for reservations in self if (figures := reservations.figures_at(now)) is not None]

    def rate(self) -> float:
        """Requests a second that all live tokens together allow; 0 before anything is known."""
        known = [reservations.figures for reservations in self.live() if reservations.figures]
        return sum(figures.limit / figures.period for figures in known)

    def _open(self) -> None:
        for token in self._source.tokens():
            self._reservations.setdefault(token, TokenReservations(token, self._store))
