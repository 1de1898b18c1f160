"""Record likes in the database: the request before it is sent, its outcome afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Engine, case, select, update
from sqlalchemy.exc import DBAPIError

from tvspiders.errors import StorageProblem
from tvspiders.storage.database.errors import DatabaseError, classify
from tvspiders.storage.database.schema import complaint, transaction
from tvspiders.storage.database.upserts import insert_for
from tvspiders.storage.tables import likes_sent

Action = Literal["like", "unlike"]
"""What the site should do."""
State = Literal["sending", "done", "refused", "unknown"]
"""``sending``: in flight, or the process ended before the response; ``unknown``: no readable response."""
PATIENCE = 10
"""Attempts on a locked database, each as long as SQLite itself waits."""
T = TypeVar("T")


@dataclass(frozen=True)
class SentLike:
    """The last request for one account and thing."""

    action: Action
    state: State
    attempts: int
    """How often this action was sent."""
    sent_at: str | None
    answered_at: str | None
    status: int | None
    message: str | None

    @property
    def is_open(self) -> bool:
        """Whether the outcome is unknown."""
        return self.state in ("sending", "unknown")


class LikesSent:
    """The rows of one account; every method raises ``StorageProblem`` when the database is not usable."""

    def __init__(self, engine: Engine, user_id: int, username: str) -> None:
        self._engine = engine
        self._user_id = user_id
        self._username = username

    def find(self, thing_id: int) -> SentLike | None:
        """The last request for this thing, ``None`` for none."""
        columns = [likes_sent.c[name] for name in SentLike.__dataclass_fields__]

        def work() -> SentLike | None:
            with self._engine.connect() as connection:
                row = connection.execute(select(*columns).where(*self._key(thing_id))).one_or_none()
            return None if row is None else SentLike(**row._mapping)

        return _patiently(self._engine, work)

    def intend(self, thing_id: int, action: Action, at: str) -> None:
        """Record a request before it is sent."""

        def work() -> None:
            with transaction(self._engine) as connection:
                connection.execute(self._intention(connection, thing_id, action, at))

        _patiently(self._engine, work)

    def settle(
        self, thing_id: int, action: Action, state: State, at: str, status: int | None, message: str
    ) -> None:
        """Record the outcome; does nothing where no request was recorded."""
        values = {"action": action, "state": state, "answered_at": at, "status": status, "message": message}

        def work() -> None:
            with transaction(self._engine) as connection:
                connection.execute(update(likes_sent).where(*self._key(thing_id)).values(**values))

        _patiently(self._engine, work)

    def _key(self, thing_id: int) -> tuple[Any, Any]:
        return likes_sent.c.user_id == self._user_id, likes_sent.c.thing_id == thing_id

    def _intention(self, connection: Connection, thing_id: int, action: Action, at: str) -> Any:
        again = likes_sent.c.action == action
        values = {
            "username": self._username,
            "action": action,
            "state": "sending",
            "sent_at": at,
            "answered_at": None,
            "status": None,
            "message": None,
        }
        statement = insert_for(connection, likes_sent).values(
            user_id=self._user_id, thing_id=thing_id, attempts=1, **values
        )
        return statement.on_conflict_do_update(
            index_elements=["user_id", "thing_id"],
            set_={**values, "attempts": case((again, likes_sent.c.attempts + 1), else_=1)},
        )


def _patiently(engine: Engine, work: Callable[[], T]) -> T:
    """Retry while the database is locked."""
    for left in reversed(range(PATIENCE)):
        try:
            return work()
        except DBAPIError as error:
            if left == 0 or classify(error) is not DatabaseError.WAIT:
                raise StorageProblem(complaint(engine, error)) from None
    raise AssertionError("unreachable")
