"""The version of the schema: created on first use, upgraded on the next, refused when it is unknown."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    text,
)
from sqlalchemy.exc import DBAPIError

from tvspiders.errors import SchemaChanged, StorageProblem
from tvspiders.storage.database.engine import set_journal_mode, writing
from tvspiders.storage.database.errors import DatabaseError, classify, is_damage
from tvspiders.storage.database.schema_state import (
    ELSEWHERE,
    OURS,
    VERSION,
    VERSIONS,
    columns_of,
    listed,
    version_of,
)
from tvspiders.storage.database.sqlite_file import DAMAGE_ADVICE
from tvspiders.storage.database.url import database_name
from tvspiders.storage.tables import metadata

HEAD = "0021"
"""Version of the schema that this program writes."""
_LOCK = 7_385_001
"""PostgreSQL advisory lock: exclusive for a migration, shared for writers."""


def prepare_schema(
    engine: Engine, patience: float = 60.0, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Make the tables on first use, migrate older ones; waits ``patience`` seconds for a locked database.

    Raises ``StorageProblem`` when the database cannot be reached or holds a newer or foreign schema.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            with engine.connect() as connection:
                version = read_version(connection)
            if version is None:
                _create(engine)
            elif version != HEAD:
                _migrate(engine)
            set_journal_mode(engine)
            return
        except DBAPIError as error:
            waits = engine.dialect.name == "sqlite" and classify(error) is DatabaseError.WAIT
            if not waits or time.monotonic() >= deadline:
                raise StorageProblem(complaint(engine, error)) from None
            sleep(0.2)


def require_schema(engine: Engine) -> None:
    """Raises ``StorageProblem`` unless the schema is exactly ours; for commands that do not upgrade it."""
    try:
        with engine.connect() as connection:
            require_version(connection)
    except DBAPIError as error:
        raise StorageProblem(complaint(engine, error)) from None


def require_version(connection: Connection) -> None:
    """The same for a connection."""
    name, found = database_name(connection.engine.url), columns_of(connection)
    version = version_of(connection, found, HEAD)
    if version is None:
        what = "has no tables of tvspiders" if found else "is empty"
        raise StorageProblem(
            f"database {name} {what}; fill it first, for example with: scrapy crawl things -a query=planters"
        )
    if version != HEAD:
        raise StorageProblem(
            f"database {name} has schema {version}, this program reads {HEAD}; any crawl upgrades it"
        )


def check_schema(engine: Engine) -> str | None:
    """The schema's version, ``None`` without our tables; changes nothing.

    Raises ``StorageProblem`` for a database that ``prepare_schema`` would refuse.
    """
    try:
        with engine.connect() as connection:
            return read_version(connection)
    except DBAPIError as error:
        raise StorageProblem(complaint(engine, error)) from None


def read_version(connection: Connection) -> str | None:
    """The schema's version, ``None`` for a database without our tables.

    Raises ``StorageProblem`` for a version that this program does not know, for one that is missing,
    doubled or contradicted by the tables, and for tables of these names from elsewhere.
    """
    return version_of(connection, columns_of(connection), HEAD)


@contextmanager
def transaction(engine: Engine, at_most: float | None = None, **limits: float) -> Iterator[Connection]:
    """A transaction that writes, in a database that has and keeps our schema until the commit.

    A newer program may migrate the database while this one runs: then nothing is written, and
    ``SchemaChanged`` raised. See :func:`~tvspiders.storage.database.engine.writing` for the rest.
    """
    with writing(engine, at_most, **limits) as connection:
        if connection.dialect.name == "postgresql":  # SQLite's write lock excludes a migration
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({_LOCK})")
        versions = _versions_now(connection)
        if versions != [HEAD]:
            raise SchemaChanged(_changed(engine, versions))
        yield connection


def _versions_now(connection: Connection) -> Sequence[str | None]:
    try:
        return connection.exec_driver_sql(VERSION).scalars().all()
    except DBAPIError as error:
        if classify(error) is DatabaseError.BROKEN and VERSIONS in one_line(error):
            return []  # the table was dropped
        raise


def _changed(engine: Engine, versions: Sequence[str | None]) -> str:
    name, now = database_name(engine.url), listed(versions)
    if len(versions) == 1 and OURS.fullmatch(str(versions[0])) and str(versions[0]) > HEAD:
        return (
            f"database {name} was upgraded to schema {versions[0]} by a newer tvspiders while this one, "
            f"which writes {HEAD}, worked in it; upgrade tvspiders, then run the same command again"
        )
    return f"database {name} had schema {HEAD} and has {now} now; {ELSEWHERE}"


def one_line(error: Exception) -> str:
    """The driver's message on one line, without the statement and its values."""
    return " ".join(str(getattr(error, "orig", error)).split())[:300]


def damaged(engine: Engine, error: Exception) -> str:
    """The message for a damaged SQLite file."""
    said = one_line(error)
    return f"database {database_name(engine.url)} is damaged ({said}); {DAMAGE_ADVICE}"


def complaint(engine: Engine, error: Exception) -> str:
    """A database error as one line: which database, what is wrong, what helps."""
    if isinstance(error, StorageProblem):
        return str(error)
    if is_damage(error):
        return damaged(engine, error)
    name, said, kind = f"database {database_name(engine.url)}", one_line(error), classify(error)
    if kind is DatabaseError.FULL:
        full = "full" in said.lower() or "space" in said.lower()
        advice = "make room on its disk" if full else "see that its folder and disk can be written"
        return f"{name} cannot be written: {said}; {advice}, then run the same command again"
    if kind is DatabaseError.WAIT:
        locked = engine.dialect.name == "sqlite"
        advice = "end the program that holds it" if locked else "see that its server runs and lets us in"
        what = "is held by another program" if locked else "cannot be reached"
        return f"{name} {what}: {said}; {advice}, then run the same command again"
    return f"{name} failed: {said}"


def _create(engine: Engine) -> None:
    """Create today's tables directly: loading all migrations costs half a second."""
    with writing(engine) as connection:
        _one_at_a_time(connection)
        if read_version(connection) is None:
            metadata.create_all(connection)
            versions = Table(VERSIONS, MetaData(), Column("version_num", String(32), nullable=False))
            versions.append_constraint(PrimaryKeyConstraint("version_num", name="alembic_version_pkc"))
            versions.create(connection)
            connection.execute(versions.insert().values(version_num=HEAD))


def _one_at_a_time(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    with ExitStack() as stack:
        folder = _script_folder(stack)
        connection = stack.enter_context(writing(engine))
        _one_at_a_time(connection)
        if read_version(connection) == HEAD:
            return
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _script_folder(stack: ExitStack) -> Path:
    """The migrations as files on disk, also when the package runs from a zip, as in a Scrapyd egg."""
    found: Any = files("tvspiders.storage.migrations")
    if isinstance(found, Path):
        return found
    target = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tvspiders-")))
    _copy(found, target)
    return target


def _copy(source: Traversable, target: Path) -> None:
    for entry in source.iterdir():
        if entry.is_dir():
            (target / entry.name).mkdir()
            _copy(entry, target / entry.name)
        elif entry.name.endswith((".py", ".mako")):
            (target / entry.name).write_bytes(entry.read_bytes())
