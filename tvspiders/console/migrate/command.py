"""``scrapy migrate-db``: move from a SQLite file to PostgreSQL, crawls and their state included."""

from __future__ import annotations

import argparse

from scrapy.settings import Settings

from tvspiders import printing
from tvspiders.console.command import TvCommand
from tvspiders.errors import UsageProblem
from tvspiders.printing import say


class MigrateCommand(TvCommand):
    """Copy everything into the empty PostgreSQL database that ``DATABASE_URL`` names."""

    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012
    usage = "[options] <SQLite file>"
    summary = "Move a SQLite database to the PostgreSQL database of DATABASE_URL; crawls go on there"
    examples = (
        "DATABASE_URL=postgresql:///thingiverse scrapy migrate-db thingiverse.db",
        "DATABASE_URL=postgresql://me@db.example/thingiverse scrapy migrate-db old.db",
    )
    interrupted = "interrupted; nothing was copied"

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Exit code 0 when every row was copied; else 1, or 2 for invalid arguments, and nothing was."""
        from tvspiders.console.migrate.run import move

        if len(args) != 1:
            raise UsageProblem("name one SQLite file: scrapy migrate-db thingiverse.db")
        rows = move(args[0], str(settings["DATABASE_URL"]), printing.console())
        say(f"{rows:,} rows copied; {args[0]} is as it was")
        return 0
