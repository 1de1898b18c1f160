"""Queue between endpoint and database: commits events in batches, in its own thread."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import Enum

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from tvspiders.errors import DatabaseChanged, SchemaChanged
from tvspiders.extras.webhooks.orders import OrderEvent, order_row
from tvspiders.extras.webhooks.storage import record_events
from tvspiders.storage.database.engine import follow_file
from tvspiders.storage.database.errors import DatabaseError, classify
from tvspiders.storage.database.schema import one_line, transaction

logger = logging.getLogger(__name__)

BATCH = 200
"""Most events of one transaction."""
PAUSE = 0.05
"""Seconds between attempts on a locked database."""


class Outcome(Enum):
    """The outcome of an event."""

    STORED = "stored"
    """New, and on disk."""
    KNOWN = "known"
    """On disk since an earlier delivery."""
    LATER = "later"
    """Not stored in time: the database is locked, full or away. The sender should try again."""
    REFUSED = "refused"
    """The database refused it; a retry will not help."""


Answer = Callable[[Outcome], None]
"""Called once with an event's outcome, from the inbox's own thread."""


@dataclass(frozen=True)
class _Waiting:
    event: OrderEvent
    until: float
    answer: Answer


class Inbox:
    """Stores events; an answer of ``STORED`` or ``KNOWN`` is given only once the event is on disk.

    ``patience`` is how many seconds a locked database is waited for, ``limit``
    how many events may wait. The engine is the inbox's own and is disposed of
    when it is closed.
    """

    def __init__(
        self,
        engine: Engine,
        patience: float = 5.0,
        limit: int = 1000,
        now: Callable[[], str] = lambda: datetime.now(UTC).isoformat(timespec="seconds"),
        give_up: Callable[[], None] = lambda: None,
    ) -> None:
        """``give_up`` is called, in a thread, when no event can be stored any more; ``failure`` says why."""
        self.failure: str | None = None
        self._give_up = give_up
        self._engine = engine
        self._patience = patience
        self._now = now
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(limit)
        self._thread = threading.Thread(target=self._work, name="inbox", daemon=True)
        self._thread.start()

    def put(self, event: OrderEvent, answer: Answer) -> bool:
        """Take an event; False when too many wait already (``answer`` is not called then)."""
        try:
            self._queue.put_nowait(_Waiting(event, time.monotonic() + self._patience, answer))
        except queue.Full:
            return False
        return True

    def close(self) -> None:
        """Store the waiting events, then end; none may be put afterwards."""
        self._queue.put(None)
        self._thread.join(self._patience + 5.0)
        self._engine.dispose()

    def _work(self) -> None:
        ended = False
        while not ended:
            taken = [self._queue.get()]
            while len(taken) < BATCH and not self._queue.empty():
                taken.append(self._queue.get_nowait())
            ended = None in taken
            self._store([waiting for waiting in taken if waiting is not None])

    def _store(self, batch: list[_Waiting]) -> None:
        """Commit a batch; events that have waited too long are given up, and one that spoils it is alone."""
        while batch:
            try:
                with transaction(self._engine) as connection:
                    fresh = record_events(
                        connection, [asdict(waiting.event) for waiting in batch], self._now(), order_row
                    )
            except SchemaChanged as moved:
                self.failure = str(moved)
                _answer(batch, Outcome.LATER)
                self._give_up()
                return
            except DatabaseChanged as error:
                logger.warning("%s; what has its name now is written from here on", error)
                follow_file(self._engine)
                batch = self._still_waiting(batch)
                time.sleep(PAUSE)
            except (SQLAlchemyError, ValueError, TypeError, OverflowError) as error:
                trouble = classify(error)
                if trouble is DatabaseError.WAIT:
                    batch = self._still_waiting(batch)
                    time.sleep(PAUSE)
                elif trouble is DatabaseError.ROW and len(batch) > 1:
                    for waiting in batch:
                        self._store([waiting])
                    return
                else:
                    logger.error("an event was not stored: %s", one_line(error))
                    _answer(batch, Outcome.REFUSED if trouble is DatabaseError.ROW else Outcome.LATER)
                    return
            else:
                for waiting, new in zip(batch, fresh, strict=True):
                    waiting.answer(Outcome.STORED if new else Outcome.KNOWN)
                return

    def _still_waiting(self, batch: list[_Waiting]) -> list[_Waiting]:
        now = time.monotonic()
        late = [waiting for waiting in batch if waiting.until <= now]
        if late:
            logger.warning("the database is locked or away; %d events were not stored", len(late))
            _answer(late, Outcome.LATER)
        return [waiting for waiting in batch if waiting.until > now]


def _answer(batch: list[_Waiting], outcome: Outcome) -> None:
    for waiting in batch:
        waiting.answer(outcome)
