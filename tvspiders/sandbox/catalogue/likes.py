"""Likes added and removed while the sandbox runs, the only mutable state of the catalogue."""

from __future__ import annotations

import threading
from collections import Counter
from functools import lru_cache

from tvspiders.sandbox.catalogue.catalogue import Catalogue

ME = 2
"""The rank of the user to whom every token belongs."""


class Likes:
    """What the catalogue says, and what was changed since. Any thread may look while another writes.

    >>> likes = Likes(Catalogue(things=1000, seed=1))
    >>> likes.write("POST", ME, 7), likes.liked(ME, 7, day=0)
    (None, True)
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._changed: dict[tuple[int, int], bool] = {}
        self._lock = threading.Lock()
        self.writes: Counter[str] = Counter()
        """How often something was written, by method."""

    def write(self, method: str, user: int, thing: int) -> None:
        """A like (POST) or its withdrawal (DELETE); again changes nothing."""
        with self._lock:
            self.writes[method] += 1
            self._changed[user, thing] = method == "POST"

    def liked(self, user: int, thing: int, day: int) -> bool:
        """Whether the user likes the thing now."""
        known = self._changed.get((user, thing))
        return thing in self._before(user, day) if known is None else known

    def count(self, thing: int, day: int) -> int:
        """How many like the thing, as its page says."""
        return self._catalogue.like_count(thing, day) + sum(
            now - (thing in self._before(user, day))
            for (user, other), now in self._changes()
            if other == thing
        )

    def of(self, user: int, day: int) -> list[int]:
        """Visible things that the user likes, those of this session first."""
        new = [thing for (other, thing), now in self._changes() if other == user and now]
        found = dict.fromkeys(
            [*self._catalogue.visible(reversed(new), day), *self._catalogue.liked(user, day)]
        )
        return [thing for thing in found if self._changed.get((user, thing), True)]

    def likers(self, thing: int, day: int) -> list[int]:
        """Users who like the thing."""
        new = [user for (user, other), now in self._changes() if other == thing and now]
        found = dict.fromkeys([*reversed(new), *self._catalogue.likers(thing, day)])
        return [user for user in found if self._changed.get((user, thing), True)]

    def given(self) -> list[tuple[int, int]]:
        """Users and things that were liked in this session and still are."""
        return [pair for pair, now in self._changes() if now]

    def reset(self) -> None:
        """Forget all changes."""
        with self._lock:
            self._changed.clear()
            self.writes.clear()

    def _changes(self) -> list[tuple[tuple[int, int], bool]]:
        with self._lock:
            return list(self._changed.items())

    @lru_cache(maxsize=32)  # noqa: B019 - one for each sandbox, kept as long as it
    def _before(self, user: int, day: int) -> frozenset[int]:
        return frozenset(self._catalogue.liked(user, day))
