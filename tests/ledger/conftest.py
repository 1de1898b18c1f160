"""What the tests of the ledger have in common."""

import pytest

from tests.support.making import rows
from tvspiders.storage.database import engine as engine_module


@pytest.fixture
def short_waits(monkeypatch):
    """A locked file is not waited for."""
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.02)


@pytest.fixture
def look(engine):
    """Rows of a table as another process sees them."""

    def look(table, *columns, **wanted):
        with engine.connect() as connection:
            return rows(connection, table, *columns, **wanted)

    return look
