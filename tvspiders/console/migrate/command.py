"""``scrapy migrate-db``: move from a SQLite file to PostgreSQL, crawls and their state included."""

from __future__ import annotations

import argparse

from scrapy.commands import ScrapyCommand

from tvspiders import printing
from tvspiders.console.interrupt import plain_interrupt
from tvspiders.console.usage import complain, known_options, plain_database, settings_of
from tvspiders.errors import TvspidersError, UsageProblem
from tvspiders.printing import say


class MigrateCommand(ScrapyCommand):
    """Copy everything into the empty PostgreSQL database that ``DATABASE_URL`` names.

    Example: ``DATABASE_URL=postgresql://… scrapy migrate-db thingiverse.db``
    """

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012

    def syntax(self) -> str:
        """The old database."""
        return "[options] <SQLite file>"

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Move a SQLite database to the PostgreSQL database of DATABASE_URL; crawls go on there"

    @plain_interrupt("interrupted; nothing was copied")
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Exit code 0 when every row arrived; else 1, or 2 for a wrong wish, and nothing was copied."""

        from tvspiders.console.migrate.run import move

        settings = settings_of(self)
        try:
            known_options(args)
            if len(args) != 1:
                raise UsageProblem("name one SQLite file: scrapy migrate-db thingiverse.db")
            with plain_database():
                rows = move(args[0], str(settings["DATABASE_URL"]), printing.console())
        except TvspidersError as error:
            self.exitcode = complain(error)
            return
        say(f"{rows:,} rows copied; {args[0]} is as it was")
