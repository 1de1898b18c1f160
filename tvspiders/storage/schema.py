"""The schema's version: created on first use, upgraded on the next, refused when newer than this program."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
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
    inspect,
    text,
)
from sqlalchemy.exc import DBAPIError

import tvspiders.storage.quota  # noqa: F401  (adds its table to the metadata)
from tvspiders.errors import StorageProblem
from tvspiders.storage.engine import settle_journal, writing
from tvspiders.storage.tables import metadata
from tvspiders.storage.trouble import Trouble, is_damage, trouble_of

HEAD = "0008"
"""Version of the schema that this program writes."""
_OURS = re.compile("[0-9]{4}")
_LOCK = 7_385_001
"""PostgreSQL advisory lock that migrating processes share."""


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
            settle_journal(engine)
            return
        except DBAPIError as error:
            waits = engine.dialect.name == "sqlite" and trouble_of(error) is Trouble.WAIT
            if not waits or time.monotonic() >= deadline:
                raise _unusable(engine, error) from None
            sleep(0.2)


def require_schema(engine: Engine) -> None:
    """For commands that only read: raises ``StorageProblem`` unless the schema is exactly ours."""
    try:
        with engine.connect() as connection:
            version = read_version(connection)
    except DBAPIError as error:
        raise _unusable(engine, error) from None
    if version is None:
        raise StorageProblem(
            "the database is empty; fill it first, for example with: scrapy crawl things -a query=planters"
        )
    if version != HEAD:
        raise StorageProblem(
            f"the database has schema {version}, this program reads {HEAD}; any crawl upgrades it"
        )


def check_connection(engine: Engine) -> None:
    """Raises ``StorageProblem`` when the database cannot be reached, or is none that we can use."""
    try:
        engine.connect().close()
    except DBAPIError as error:
        raise _unusable(engine, error) from None


def read_version(connection: Connection) -> str | None:
    """The schema's version, ``None`` for a database without our tables.

    Raises ``StorageProblem`` for a version that this program does not know, and
    for a database that has tables of these names from elsewhere.
    """
    names = set(inspect(connection).get_table_names())
    if "alembic_version" not in names:
        foreign = sorted(names & set(metadata.tables))
        if foreign:
            raise StorageProblem(
                f"the database has a foreign table {foreign[0]!r}; name another database in DATABASE_URL"
            )
        return None
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if version is not None and not _OURS.fullmatch(version):
        raise StorageProblem(
            f"the database belongs to another program (its schema is {version!r}); "
            "name another database in DATABASE_URL"
        )
    if version is not None and version > HEAD:
        raise StorageProblem(
            f"the database has schema {version}, newer than {HEAD} of this program; upgrade tvspiders"
        )
    return version


def one_line(error: Exception) -> str:
    """What the driver said, on one line, without the statement and its values."""
    return " ".join(str(getattr(error, "orig", error)).split())[:300]


def damaged(engine: Engine, error: Exception) -> str:
    """What to say of a SQLite file that is broken."""
    said = one_line(error)
    return f"database {engine.url.database} is damaged ({said}); restore a backup or name another file"


def _unusable(engine: Engine, error: Exception) -> StorageProblem:
    if is_damage(error):
        return StorageProblem(damaged(engine, error))
    return StorageProblem(f"database cannot be used: {one_line(error)}")


def _create(engine: Engine) -> None:
    """The tables as they are today; the migrations that lead there cost half a second to load."""
    with writing(engine) as connection:
        _one_at_a_time(connection)
        if read_version(connection) is None:
            metadata.create_all(connection)
            versions = Table("alembic_version", MetaData(), Column("version_num", String(32), nullable=False))
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
