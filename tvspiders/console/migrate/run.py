"""What ``scrapy migrate-db`` does: from a SQLite file to the PostgreSQL database of ``DATABASE_URL``."""

from __future__ import annotations

import socket
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tvspiders.errors import StorageProblem, UsageProblem
from tvspiders.ledger.ownership import nobody_at_work
from tvspiders.storage.database.copying import copy_database
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.schema import check_schema, prepare_schema
from tvspiders.storage.database.url import parse_url


def move(file: str, url: str, console: Console) -> int:
    """Copy, compare, print the counts; returns the number of rows.

    Raises ``UsageProblem`` unless it goes from a SQLite file to PostgreSQL, and ``StorageProblem`` when
    a crawl is being run, the new database is not empty, or anything fails: then nothing was copied.
    """
    if parse_url(url).get_backend_name() != "postgresql":
        raise UsageProblem(
            "set DATABASE_URL to the PostgreSQL database to move to, and name the SQLite file: "
            "scrapy migrate-db thingiverse.db"
        )
    path = Path(file.removeprefix("sqlite:///"))
    source = open_engine(f"sqlite:///{path}", must_exist=True)
    target = open_engine(url)
    try:
        with nobody_at_work(path, "stop it first, it goes on in the new database"):
            if check_schema(source) is None:
                raise StorageProblem(f"database {path} has no tables of tvspiders; there is nothing to move")
            check_schema(target)
            prepare_schema(source)
            prepare_schema(target)
            with console.status("copying"):
                counts = copy_database(source, target, socket.gethostname())
    finally:
        source.dispose()
        target.dispose()
    table = Table(title="Rows, the same in both databases", title_justify="left")
    table.add_column("table")
    table.add_column("rows", justify="right")
    for name, rows in sorted(counts.items()):
        if rows:
            table.add_row(name, f"{rows:,}")
    table.add_section()
    table.add_row("all", f"{sum(counts.values()):,}")
    console.print(table)
    return sum(counts.values())
