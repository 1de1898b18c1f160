"""Stale responses: cached copies, and a replica that lags behind the site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from tvspiders.sandbox.api.answers import Answer
from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.catalogue.mixing import Source, text_number
from tvspiders.sandbox.config import ConfigError

COPY_AGE = 3600
"""Seconds that a copy says it is old; the clock knows days only, so it is of the day before."""


class Past:
    """Which answers are old, and by how much.

    What the site did not show then or does not show now is answered as it is today: a cache holds no
    copy of it, and a replica hands the question on.
    """

    def __init__(self, seed: int, *, share: float, days: int, answers: int) -> None:
        self.share, self.days, self.answers = share, days, answers
        self._source = Source(seed, "lagging subjects")
        self._served: Counter[str] = Counter()

    def set(self, share: float, days: int, answers: int) -> None:
        """Lag otherwise from now on; a share of 0 ends it."""
        if not 0 <= share <= 1 or days < 0 or answers < 0:
            raise ConfigError("lagging is a share from 0 to 1; lag-days and lag-answers are not negative")
        self.share, self.days, self.answers = share, days, answers
        self._served.clear()

    def lagging(self, ask: Ask, answer: Callable[[Ask], Answer]) -> Answer | None:
        """The replica's response; None where it does not lag."""
        subject = "/".join(ask.segments)
        if not self.share or ask.method != "GET" or self._source.share(text_number(subject)) >= self.share:
            return None
        if self.answers and self._served[subject] >= self.answers:
            return None
        self._served[subject] += 1
        return self._of(ask, self.days, answer)

    def copied(self, ask: Ask, answer: Callable[[Ask], Answer]) -> Answer | None:
        """What a cache kept an hour ago, with its age."""
        found = self._of(ask, 1, answer) if ask.method == "GET" else None
        if found is not None:
            found.headers["Age"] = str(COPY_AGE)
        return found

    @staticmethod
    def _of(ask: Ask, days: int, answer: Callable[[Ask], Answer]) -> Answer | None:
        old = answer(replace(ask, day=max(0, ask.day - days)))
        return old if old.status == 200 and answer(ask).status == 200 else None
