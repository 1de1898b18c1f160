"""Read and judge the state of a database's schema from its version and tables; nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection

from tvspiders.errors import StorageProblem
from tvspiders.storage.database.url import database_name
from tvspiders.storage.tables import metadata

VERSIONS = "alembic_version"
"""Table that holds the version."""
VERSION = "SELECT version_num FROM alembic_version"
ELSEWHERE = "restore a backup, or name another database in DATABASE_URL"
OURS = re.compile("[0-9]{4}")
_CORE = frozenset({"crawls", "requests", "answers", "things"})
"""Tables of every version; only a database of ours has all of them."""
_COLUMNS = {
    "sqlite": "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
    "WHERE m.type IN ('table', 'view')",
    "postgresql": "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() "
    "AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped",
}


def columns_of(connection: Connection) -> Mapping[str, set[str]]:
    """The columns of all tables and views."""
    found: dict[str, set[str]] = {}
    for table, column in connection.exec_driver_sql(_COLUMNS[connection.dialect.name]):
        found.setdefault(table, set()).add(column)
    return found


def version_of(connection: Connection, found: Mapping[str, set[str]], head: str) -> str | None:
    """The version in the database, ``None`` without our tables; ``head`` is the newest known.

    Raises ``StorageProblem`` for a version that is not known, missing, doubled or contradicted by the
    columns ``found``, and for tables of our names from elsewhere.
    """
    name = database_name(connection.engine.url)
    foreign = sorted(found.keys() & metadata.tables.keys())
    if VERSIONS not in found:
        if found.keys() >= _CORE:
            raise StorageProblem(
                f"database {name} has the tables of tvspiders, but no {VERSIONS} that names their version; "
                f"{ELSEWHERE}"
            )
        if foreign:
            raise StorageProblem(
                f"database {name} has a foreign table {foreign[0]!r}; name another database in DATABASE_URL"
            )
        return None
    if "version_num" not in found[VERSIONS]:
        raise StorageProblem(
            f"database {name} has a foreign table {VERSIONS!r}; name another database in DATABASE_URL"
        )
    versions = connection.exec_driver_sql(VERSION).scalars().all()
    if len(versions) != 1 or not versions[0]:
        raise StorageProblem(
            f"database {name} has {listed(versions)} in {VERSIONS}, where one version belongs; {ELSEWHERE}"
        )
    _check(name, str(versions[0]), found, head)
    return str(versions[0])


def _check(name: str, version: str, found: Mapping[str, set[str]], head: str) -> None:
    """Raise ``StorageProblem`` unless this program can work with the version, and the tables are there."""
    if not OURS.fullmatch(version):
        raise StorageProblem(
            f"database {name} belongs to another program (its schema is {version[:40]!r}); "
            "name another database in DATABASE_URL"
        )
    if version > head:
        raise StorageProblem(
            f"database {name} has schema {version}, newer than {head} of this program; upgrade tvspiders"
        )
    if version != head and version not in _known_versions():
        raise StorageProblem(
            f"database {name} has schema {version}, which no tvspiders has made; {ELSEWHERE}"
        )
    wanted = metadata.tables.keys() if version == head else _CORE
    lacking = sorted(wanted - found.keys())
    if lacking:
        raise StorageProblem(
            f"database {name} says that it has schema {version}, but has no table {lacking[0]!r}; {ELSEWHERE}"
        )
    if version != head:
        return
    for table in metadata.sorted_tables:
        columns = sorted(set(table.c.keys()) - found[table.name])
        if columns:
            raise StorageProblem(
                f"database {name} says that it has schema {version}, but its table {table.name!r} "
                f"has no column {columns[0]!r}; {ELSEWHERE}"
            )


def listed(versions: Sequence[str | None]) -> str:
    """Versions for a message, however many and however long."""
    named = ", ".join(repr(str(version)[:40]) for version in versions[:3] if version)
    return (named + (" and more" if len(versions) > 3 else "")) or "nothing"


@cache
def _known_versions() -> frozenset[str]:
    """Versions that a migration leads to."""
    folder: Any = files("tvspiders.storage.migrations.versions")
    return frozenset(entry.name[:4] for entry in folder.iterdir() if OURS.fullmatch(entry.name[:4]))
