"""Whether the database is still the one that this worker wrote to last."""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from tvspiders.errors import DatabaseChanged
from tvspiders.storage.database.errors import DatabaseError, classify
from tvspiders.storage.queue import workers


class WorkerWatch:
    """The number of this worker's last transaction, compared and raised by each.

    It also finds out whether a transaction was committed whose outcome is unknown,
    because the connection was lost with the server's word on it.
    """

    def __init__(self, crawl_id: int, owner: str) -> None:
        self._crawl_id = crawl_id
        self._owner = owner
        self._number = 0
        """Of the last transaction that is known to be committed."""
        self._tried = 0
        self._unknown = False
        """Whether the one after it was tried, with unknown outcome."""
        self._server = ""

    def begin(self, connection: Connection) -> bool:
        """Raise the number; returns whether the transaction before, whose outcome was unknown, is there.

        Raises ``DatabaseChanged`` when the database does not know this worker, or not with this number.
        """
        found = self._next(connection)
        there = self._unknown and found == self._number + 2
        if found != self._number + 1 and not there:
            raise DatabaseChanged("the database does not hold what this process wrote last")
        server = workers.server_identity(connection)
        if server and self._server and server != self._server:
            raise DatabaseChanged("another database server has taken its place")
        self._server = server or self._server
        self._number, self._tried, self._unknown = found - 1, found, False
        return there

    def tried(self) -> None:
        """All of the transaction is done but for the word that it is committed."""
        self._unknown = True

    def committed(self) -> None:
        """That word has come."""
        self._number, self._unknown = self._tried, False

    def _next(self, connection: Connection) -> int:
        try:
            return workers.next_number(connection, self._crawl_id, self._owner) or 0
        except DBAPIError as error:
            if classify(error) is not DatabaseError.BROKEN:
                raise
            # An older state of the schema, or no database of ours at all.
            raise DatabaseChanged("the database does not hold the rows of this crawl any more") from error
