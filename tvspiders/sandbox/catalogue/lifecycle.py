"""When a thing appears, whether it can be seen, and how its counts grow.

Day 0 is the morning the sandbox starts; `advance` moves on by whole days.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum

from tvspiders.sandbox.catalogue.mixing import Shuffle, Source

TODAY = datetime(2026, 11, 1, tzinfo=UTC)
"""The date of day 0."""

FIRST = datetime(2008, 10, 20, tzinfo=UTC)
"""The date of thing 1."""

LAST_DAY = 400
"""New things appear until here; counts go on growing."""


class State(Enum):
    """What a request for a thing meets; the value of a hidden state is the message."""

    VISIBLE = "visible"
    DELETED = "deleted"
    UNBORN = "unborn"
    UNPUBLISHED = "Thing has not been published"
    PRIVATE = "Thing is private"
    MODERATED = "Thing is under moderation"

    @property
    def hidden(self) -> bool:
        """Answered with 403 and the message."""
        return self in _HIDDEN


_HIDDEN = (State.UNPUBLISHED, State.PRIVATE, State.MODERATED)


class Lifecycle:
    """States and ages of ids 1 to ``capacity``, of which ``issued`` exist on day 0.

    Per mille of the ids: 22 deleted before day 0, 14 hidden, 40 more vanish in
    the course of 400 days.
    """

    def __init__(self, issued: int, capacity: int, seed: int) -> None:
        self.issued = issued
        self.capacity = capacity
        self._states = Shuffle(capacity, Source(seed, "lifecycle"))
        self._deleted = round(capacity * 0.022)
        self._hidden = self._deleted + round(capacity * 0.014)
        self._vanish = round(capacity * 0.040)
        self._span = (TODAY - FIRST).total_seconds()

    def newest(self, day: int) -> int:
        """The highest id issued by this day."""
        return self.issued + (self.capacity - self.issued) * min(day, LAST_DAY) // LAST_DAY

    def birthday(self, thing: int) -> int:
        """The first day on which the id exists; 0 for the old ones."""
        if thing <= self.issued:
            return 0
        late = self.capacity - self.issued
        return -(-(thing - self.issued) * LAST_DAY // late)

    def state(self, thing: int, day: int) -> State:
        """The state of this id on this day."""
        if not 1 <= thing <= self.newest(day):
            return State.UNBORN
        place = self._states.index(thing - 1)
        if place >= self._hidden + self._vanish:
            return State.VISIBLE
        if place < self._deleted:
            return State.DELETED
        if place < self._hidden:
            return _HIDDEN[place % 3]
        vanishes = 1 + (place - self._hidden) * LAST_DAY // self._vanish
        if day < vanishes:
            return State.VISIBLE
        return _HIDDEN[place % 9] if place % 9 < 3 else State.DELETED

    def visible(self, thing: int, day: int) -> bool:
        """Whether the detail answers 200 (the usual question, asked most often)."""
        return self.state(thing, day) is State.VISIBLE

    def indexed(self, thing: int, day: int) -> bool:
        """Whether searches list it: all that is visible and, as an index lags
        behind, one in four of what is not."""
        state = self.state(thing, day)
        return state is State.VISIBLE or (
            state is not State.UNBORN and self._states.index(thing - 1) % 4 == 0
        )

    def added(self, thing: int) -> datetime:
        """When it was published. Later ids are never older; early years were slow."""
        if thing <= self.issued:
            share = (thing / (self.issued + 1)) ** 0.6
            return FIRST + timedelta(seconds=int(self._span * share))
        late = self.capacity - self.issued
        return TODAY + timedelta(seconds=(thing - self.issued) * LAST_DAY * 86400 // (late + 1))

    def grown(self, most: int, share: float, thing: int, day: int) -> int:
        """A count on its way to ``most``; it never falls.

        An old thing starts day 0 with 60 to 95 percent of it (``share`` says
        where between), a new one with nothing.
        """
        age = day - self.birthday(thing)
        if age < 0:
            return 0
        start = 0.6 + 0.35 * share if thing <= self.issued else 0.0
        return int(most * (start + (1.0 - start) * age / (age + 90.0)))
