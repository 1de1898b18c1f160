"""Rounds that begin with stored things: which of them, decided when the round is opened."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from scrapy import Request, Spider
from sqlalchemy import Connection

from tvspiders.ledger.answers.encoding import encode
from tvspiders.policies.refresh import Choice, RefreshPolicy
from tvspiders.storage.queries.refresh import known_things
from tvspiders.storage.units import NewRequest

logger = logging.getLogger(__name__)

First = Callable[[Connection], list[NewRequest]]
"""Reads the requests that a new round begins with."""


@runtime_checkable
class Selecting(Protocol):
    """A spider that asks stored things again."""

    @property
    def watched(self) -> Sequence[int]:
        """Numbers of things that go first."""

    @property
    def older_than(self) -> float | None:
        """Seconds since the last answer from which on another thing may be asked; ``None``: any."""

    @property
    def budget(self) -> int | None:
        """Things at most."""

    def ask_again(self, thing_id: int, why: str) -> Request:
        """A thing's own page, asked because it is ``watched``, has ``moved`` or for its ``gain``."""


def first_requests(spider: Spider, base: str, clock: Callable[[], float]) -> First | None:
    """What reads the first requests of a round; ``None`` for a spider that makes its own."""
    if not isinstance(spider, Selecting):
        return None
    selecting: Selecting = spider

    def first(connection: Connection) -> list[NewRequest]:
        chosen = choose(connection, clock, selecting.budget, selecting.watched, selecting.older_than)
        return [encode(selecting.ask_again(choice.thing_id, choice.why), spider, base) for choice in chosen]

    return first


def choose(
    connection: Connection,
    clock: Callable[[], float],
    limit: int | None,
    watched: Sequence[int] = (),
    older_than: float | None = None,
) -> list[Choice]:
    """The stored things to ask, most worth first; logs how many and why. Reads only."""
    policy = RefreshPolicy(clock)
    policy.learn(known_things(connection, policy.window))
    chosen = policy.choose(known_things(connection, policy.window), limit, watched, older_than)
    why = Counter(choice.why for choice in chosen)
    logger.info(
        "Chosen to be asked again: %d watched, %d that moved in a list, %d by expected gain; "
        "about %d downloads are expected to be new",
        why["watched"],
        why["moved"],
        why["gain"],
        round(sum(choice.gain for choice in chosen)),
    )
    return chosen
