"""``scrapy migrate-db``: move from a SQLite file to PostgreSQL, crawls and their state included."""

from __future__ import annotations

from tvspiders.console.migrate.command import MigrateCommand


class Command(MigrateCommand):
    """Entry points need a module whose name is an identifier, which this file's is not."""
